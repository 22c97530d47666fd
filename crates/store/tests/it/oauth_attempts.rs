use serde_json::json;
use store::oauth_attempts::{self, Phase};
use store::testing::on_each_engine;

use crate::sample::World;

#[tokio::test]
async fn an_attempt_is_found_by_state_by_session_and_by_handle() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let (id, user) = (world.project.id, world.user.id);
        let mut attempt = world.sample.attempt(&world.user, &world.integration);
        oauth_attempts::insert(&mut tx, &attempt).await.unwrap();
        let found = oauth_attempts::find_by_state(&mut tx, &attempt.state_hash).await.unwrap();
        assert_eq!(found.as_ref(), Some(&attempt));
        let found = oauth_attempts::find_by_session(&mut tx, id, user, "1234").await.unwrap();
        assert_eq!(found.as_ref(), Some(&attempt));

        attempt.phase = Phase::Done;
        attempt.secrets = Vec::new();
        attempt.handle_hash = Some("handle".to_owned());
        attempt.credential_id = Some(world.credential(&mut tx).await.id);
        assert!(oauth_attempts::advance(&mut tx, &attempt, Phase::Started).await.unwrap());
        let found = oauth_attempts::find_by_handle(&mut tx, id, user, "handle").await.unwrap();
        assert_eq!(found, Some(attempt));
    })
    .await;
}

#[tokio::test]
async fn an_attempt_leaves_a_phase_once() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let mut attempt = world.sample.attempt(&world.user, &world.integration);
        oauth_attempts::insert(&mut tx, &attempt).await.unwrap();
        attempt.phase = Phase::Exchanging;
        assert!(oauth_attempts::advance(&mut tx, &attempt, Phase::Started).await.unwrap());
        assert!(!oauth_attempts::advance(&mut tx, &attempt, Phase::Started).await.unwrap());
        attempt.phase = Phase::Failed;
        attempt.outcome = Some(json!({"code": "access_denied", "message": "No."}));
        assert!(oauth_attempts::advance(&mut tx, &attempt, Phase::Exchanging).await.unwrap());
        let found = oauth_attempts::find_by_state(&mut tx, &attempt.state_hash).await.unwrap();
        assert_eq!(found, Some(attempt));
    })
    .await;
}

#[tokio::test]
async fn the_newest_attempt_counts_for_a_session_until_it_is_forgotten() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let (id, user) = (world.project.id, world.user.id);
        let old = world.sample.attempt(&world.user, &world.integration);
        let new = world.sample.attempt(&world.user, &world.integration);
        for attempt in [&new, &old] {
            oauth_attempts::insert(&mut tx, attempt).await.unwrap();
        }
        let found = oauth_attempts::find_by_session(&mut tx, id, user, "1234").await.unwrap();
        assert_eq!(found, Some(new));
        oauth_attempts::forget_session(&mut tx, id, user, "1234").await.unwrap();
        let found = oauth_attempts::find_by_session(&mut tx, id, user, "1234").await.unwrap();
        assert_eq!(found, None);
    })
    .await;
}

#[tokio::test]
async fn attempts_whose_time_is_over_are_deleted() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let old = world.sample.attempt(&world.user, &world.integration);
        let new = world.sample.attempt(&world.user, &world.integration);
        oauth_attempts::insert(&mut tx, &old).await.unwrap();
        oauth_attempts::insert(&mut tx, &new).await.unwrap();
        assert_eq!(oauth_attempts::delete_expired(&mut tx, old.expires_at).await.unwrap(), 1);
        let found = oauth_attempts::find_by_state(&mut tx, &new.state_hash).await.unwrap();
        assert_eq!(found, Some(new));
    })
    .await;
}

#[tokio::test]
async fn another_user_and_another_project_find_no_attempt_and_change_none() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let bob = world.sample.user(world.project.id, "bob");
        store::connected_users::ensure(&mut tx, &bob).await.unwrap();
        let mut attempt = world.sample.attempt(&world.user, &world.integration);
        oauth_attempts::insert(&mut tx, &attempt).await.unwrap();
        attempt.handle_hash = Some("handle".to_owned());
        assert!(oauth_attempts::advance(&mut tx, &attempt, Phase::Started).await.unwrap());

        let own = world.project.id;
        for (project, user) in [(own, bob.id), (world.stranger.id, world.user.id)] {
            let found =
                oauth_attempts::find_by_session(&mut tx, project, user, "1234").await.unwrap();
            assert_eq!(found, None);
            let found =
                oauth_attempts::find_by_handle(&mut tx, project, user, "handle").await.unwrap();
            assert_eq!(found, None);
            oauth_attempts::forget_session(&mut tx, project, user, "1234").await.unwrap();
        }
        let kept = oauth_attempts::find_by_session(&mut tx, own, world.user.id, "1234").await;
        assert_eq!(kept.unwrap().as_ref(), Some(&attempt));
        attempt.project_id = world.stranger.id;
        assert!(!oauth_attempts::advance(&mut tx, &attempt, Phase::Started).await.unwrap());
    })
    .await;
}
