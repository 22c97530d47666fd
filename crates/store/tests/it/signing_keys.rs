use store::signing_keys;
use store::testing::on_each_engine;

use crate::sample::World;

#[tokio::test]
async fn keys_are_listed_oldest_first_and_keep_their_revocation() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let (id, now) = (world.project.id, world.sample.clock.now());
        let (mut old, new) = (world.sample.key(id), world.sample.key(id));
        for key in [&new, &old] {
            signing_keys::insert(&mut tx, key).await.unwrap();
        }
        assert!(signing_keys::revoke(&mut tx, id, old.id, now).await.unwrap());
        assert!(!signing_keys::revoke(&mut tx, id, old.id, now).await.unwrap());
        old.revoked_at = Some(now);
        assert_eq!(signing_keys::list(&mut tx, id).await.unwrap(), [old, new]);
    })
    .await;
}

#[tokio::test]
async fn another_project_neither_lists_nor_revokes_a_key() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let key = world.sample.key(world.project.id);
        signing_keys::insert(&mut tx, &key).await.unwrap();
        let (stranger, now) = (world.stranger.id, world.sample.clock.now());
        assert_eq!(signing_keys::list(&mut tx, stranger).await.unwrap(), []);
        assert!(!signing_keys::revoke(&mut tx, stranger, key.id, now).await.unwrap());
    })
    .await;
}
