use store::api_tokens;
use store::testing::on_each_engine;

use crate::sample::World;

#[tokio::test]
async fn a_token_is_found_by_its_hash_until_it_is_revoked() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let now = world.sample.clock.now();
        for project in [Some(world.project.id), None] {
            let token = world.sample.token(project);
            api_tokens::insert(&mut tx, &token).await.unwrap();
            let found = api_tokens::find_active(&mut tx, &token.hash).await.unwrap();
            assert_eq!(found.as_ref(), Some(&token));

            assert!(api_tokens::revoke(&mut tx, project, token.id, now).await.unwrap());
            assert!(!api_tokens::revoke(&mut tx, project, token.id, now).await.unwrap());
            assert_eq!(api_tokens::find_active(&mut tx, &token.hash).await.unwrap(), None);
            let listed = api_tokens::list(&mut tx, project).await.unwrap();
            assert_eq!(listed[0].revoked_at, Some(now));
        }
        assert_eq!(api_tokens::find_active(&mut tx, "unknown").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn another_project_neither_lists_nor_revokes_a_token() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let now = world.sample.clock.now();
        let (own, all) = (world.sample.token(Some(world.project.id)), world.sample.token(None));
        api_tokens::insert(&mut tx, &own).await.unwrap();
        api_tokens::insert(&mut tx, &all).await.unwrap();

        let stranger = Some(world.stranger.id);
        assert_eq!(api_tokens::list(&mut tx, stranger).await.unwrap(), []);
        for token in [&own, &all] {
            assert!(!api_tokens::revoke(&mut tx, stranger, token.id, now).await.unwrap());
        }
        assert!(!api_tokens::revoke(&mut tx, None, own.id, now).await.unwrap());
        assert_eq!(api_tokens::list(&mut tx, None).await.unwrap(), [all]);
        assert_eq!(api_tokens::list(&mut tx, Some(world.project.id)).await.unwrap(), [own]);
    })
    .await;
}
