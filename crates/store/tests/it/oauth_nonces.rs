use store::oauth_nonces;
use store::testing::on_each_engine;

use crate::sample::World;

#[tokio::test]
async fn a_nonce_is_found_until_it_is_deleted() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let nonce = world.sample.nonce(&world.user, &world.integration);
        oauth_nonces::insert(&mut tx, &nonce).await.unwrap();
        let found = oauth_nonces::find(&mut tx, &nonce.hash).await.unwrap();
        assert_eq!(found.as_ref(), Some(&nonce));
        oauth_nonces::take(&mut tx, &nonce.hash).await.unwrap();
        assert_eq!(oauth_nonces::find(&mut tx, &nonce.hash).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn nonces_whose_time_is_over_are_deleted() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let old = world.sample.nonce(&world.user, &world.integration);
        let new = world.sample.nonce(&world.user, &world.integration);
        oauth_nonces::insert(&mut tx, &old).await.unwrap();
        oauth_nonces::insert(&mut tx, &new).await.unwrap();
        assert_eq!(oauth_nonces::delete_expired(&mut tx, old.expires_at).await.unwrap(), 1);
        assert_eq!(oauth_nonces::find(&mut tx, &old.hash).await.unwrap(), None);
        assert_eq!(oauth_nonces::find(&mut tx, &new.hash).await.unwrap(), Some(new));
    })
    .await;
}
