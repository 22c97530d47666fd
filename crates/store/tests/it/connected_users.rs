use std::time::Duration;

use serde_json::Map;
use store::testing::on_each_engine;
use store::{PageRequest, connected_users};

use crate::sample::World;

#[tokio::test]
async fn a_user_who_appears_again_keeps_id_and_metadata_and_was_active() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let mut world = World::stored(&mut tx).await;
        let mut again = world.sample.user(world.project.id, "ann");
        again.metadata = Map::new();
        let known = connected_users::ensure(&mut tx, &again).await.unwrap();
        world.user.last_active_at = again.last_active_at;
        assert_eq!(known, world.user);

        let elsewhere = world.sample.user(world.stranger.id, "ann");
        let other = connected_users::ensure(&mut tx, &elsewhere).await.unwrap();
        assert_eq!(other, elsewhere, "the same name in another project is another user");
    })
    .await;
}

#[tokio::test]
async fn a_user_can_be_disabled_and_enabled() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let World { mut user, project, .. } = World::stored(&mut tx).await;
        for disabled_at in [Some(user.created_at + Duration::from_secs(1)), None] {
            user.disabled_at = disabled_at;
            assert!(connected_users::update(&mut tx, &user).await.unwrap());
            let found = connected_users::find(&mut tx, project.id, user.id).await.unwrap();
            assert_eq!(found.as_ref(), Some(&user));
        }
    })
    .await;
}

#[tokio::test]
async fn another_project_neither_finds_nor_changes_a_user() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let mut world = World::stored(&mut tx).await;
        let (stranger, id) = (world.stranger.id, world.user.id);
        assert_eq!(connected_users::find(&mut tx, stranger, id).await.unwrap(), None);
        assert!(!connected_users::delete(&mut tx, stranger, id).await.unwrap());
        let page = connected_users::list(&mut tx, stranger, &PageRequest::default()).await.unwrap();
        assert_eq!(page.items, []);
        world.user.project_id = stranger;
        assert!(!connected_users::update(&mut tx, &world.user).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_page_has_fifty_rows_unless_asked_otherwise_and_two_hundred_at_most() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        for number in 0..205 {
            let user = world.sample.user(world.project.id, &format!("user {number}"));
            connected_users::ensure(&mut tx, &user).await.unwrap();
        }
        for (limit, rows) in [(0, 50), (1, 1), (200, 200), (u32::MAX, 200)] {
            let request = PageRequest { after: None, limit };
            let page = connected_users::list(&mut tx, world.project.id, &request).await.unwrap();
            assert_eq!(page.items.len(), rows);
            assert!(page.next.is_some());
        }
        let request = PageRequest { after: None, limit: 200 };
        let first = connected_users::list(&mut tx, world.project.id, &request).await.unwrap();
        let request = PageRequest { after: first.next, limit: 200 };
        let second = connected_users::list(&mut tx, world.project.id, &request).await.unwrap();
        assert_eq!((second.items.len(), second.next), (6, None));
    })
    .await;
}

#[tokio::test]
async fn their_credentials_go_with_a_user() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let credential = world.credential(&mut tx).await;
        let id = world.project.id;
        assert!(connected_users::delete(&mut tx, id, world.user.id).await.unwrap());
        assert_eq!(store::credentials::find(&mut tx, id, credential.id).await.unwrap(), None);
    })
    .await;
}
