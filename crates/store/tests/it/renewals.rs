use std::time::Duration;

use base::Timestamp;
use serde_json::json;
use store::credentials::{self, Credential, Status};
use store::renewals::{self, Renewal};
use store::testing::on_each_engine;

use crate::sample::World;

const LEASE: Duration = Duration::from_secs(120);

fn renewal(at: Timestamp) -> Renewal {
    Renewal {
        scopes: vec!["vso.work".to_owned()],
        secrets: vec![7; 9],
        expires_at: None,
        refreshed_at: at,
    }
}

#[tokio::test]
async fn one_process_renews_at_a_time_and_the_next_takes_over_when_its_lease_has_ended() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let seen = world.credential(&mut tx).await;
        let now = seen.refreshed_at + LEASE;
        let first = renewals::begin(&mut tx, &seen, now, now + LEASE).await.unwrap();
        assert_eq!(first, Some(1));
        let second = renewals::begin(&mut tx, &seen, now, now + LEASE).await.unwrap();
        assert_eq!(second, None);
        assert!(renewals::extend(&mut tx, &seen, 1, now + LEASE + LEASE).await.unwrap());
        let later = now + LEASE;
        assert_eq!(renewals::begin(&mut tx, &seen, later, later + LEASE).await.unwrap(), None);
        let later = later + LEASE;
        assert_eq!(renewals::begin(&mut tx, &seen, later, later + LEASE).await.unwrap(), Some(2));

        // The first comes back late: it changes nothing.
        let late = renewal(later);
        assert!(!renewals::extend(&mut tx, &seen, 1, later + LEASE).await.unwrap());
        assert!(!renewals::finish(&mut tx, &seen, 1, &late).await.unwrap());
        assert!(!renewals::fail(&mut tx, &seen, 1, Some(later)).await.unwrap());
        assert!(renewals::finish(&mut tx, &seen, 2, &late).await.unwrap());
        let found = find(&mut tx, &seen).await;
        assert_eq!((found.refresh_lease_until, found.secrets), (None, vec![7; 9]));
        let again = renewals::begin(&mut tx, &seen, later, later + LEASE).await.unwrap();
        assert_eq!(again, None, "the tokens are others now");
    })
    .await;
}

#[tokio::test]
async fn connecting_again_takes_the_lease_from_whoever_holds_it() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let seen = world.credential(&mut tx).await;
        let now = seen.refreshed_at + LEASE;
        renewals::begin(&mut tx, &seen, now, now + LEASE).await.unwrap().unwrap();
        credentials::update(&mut tx, &seen).await.unwrap();
        assert!(!renewals::finish(&mut tx, &seen, 1, &renewal(now)).await.unwrap());
        assert_eq!(find(&mut tx, &seen).await.refresh_lease_until, None);
    })
    .await;
}

#[tokio::test]
async fn a_failure_is_counted_and_a_doubt_stays_until_the_next_success() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let seen = world.credential(&mut tx).await;
        let now = seen.refreshed_at + LEASE;
        for (fence, suspect) in [(1, Some(now)), (2, None), (3, Some(now + LEASE))] {
            renewals::begin(&mut tx, &seen, now, now + LEASE).await.unwrap().unwrap();
            assert!(renewals::fail(&mut tx, &seen, fence, suspect).await.unwrap());
        }
        let found = find(&mut tx, &seen).await;
        assert_eq!((found.refresh_failure_count, found.suspect_since), (3, Some(now)));
        assert_eq!(found.status, Status::Valid);
        renewals::begin(&mut tx, &seen, now, now + LEASE).await.unwrap().unwrap();
        assert!(renewals::finish(&mut tx, &seen, 4, &renewal(now)).await.unwrap());
        let found = find(&mut tx, &seen).await;
        assert_eq!((found.refresh_failure_count, found.suspect_since), (0, None));
    })
    .await;
}

#[tokio::test]
async fn only_the_tokens_that_were_refused_make_a_credential_invalid() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let seen = world.credential(&mut tx).await;
        let (id, now) = (seen.project_id, seen.refreshed_at + LEASE);
        let reason = json!({ "code": "sign_in_again", "message": "Sign in." });
        let invalidate = renewals::invalidate;
        assert!(!invalidate(&mut tx, id, seen.id, now, &reason, now).await.unwrap());
        let (stranger, at) = (world.stranger.id, seen.refreshed_at);
        assert!(!invalidate(&mut tx, stranger, seen.id, at, &reason, now).await.unwrap());
        assert!(invalidate(&mut tx, id, seen.id, at, &reason, now).await.unwrap());
        assert!(!invalidate(&mut tx, id, seen.id, at, &reason, now).await.unwrap(), "once");
        assert_eq!(find(&mut tx, &seen).await.status, Status::Invalid);
        assert_eq!(renewals::begin(&mut tx, &seen, now, now + LEASE).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn the_longest_unused_credentials_of_a_connector_are_idle_unless_just_tried() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let (a, b) = (world.credential(&mut tx).await, world.credential(&mut tx).await);
        let mut pat = world.sample.credential(&world.user, &world.integration);
        pat.account_type = "pat".to_owned();
        credentials::insert(&mut tx, &pat).await.unwrap();
        let now = b.refreshed_at + LEASE;
        let idle = async |tx: &mut store::Transaction, connector: &str, limit| {
            let found = renewals::list_idle(tx, connector, "default", now, now, limit);
            found.await.unwrap().into_iter().map(|one| one.id).collect::<Vec<_>>()
        };
        assert_eq!(idle(&mut tx, "azuredevops", 9).await, [a.id, b.id]);
        assert_eq!(idle(&mut tx, "azuredevops", 1).await, [a.id]);
        assert_eq!(idle(&mut tx, "another", 9).await, []);
        renewals::begin(&mut tx, &a, now, now + LEASE).await.unwrap().unwrap();
        assert_eq!(idle(&mut tx, "azuredevops", 9).await, [b.id]);
        let mut turn = renewals::Idle { project_id: b.project_id, user_id: b.user_id, id: b.id };
        renewals::note_try(&mut tx, &turn, now).await.unwrap();
        assert_eq!(idle(&mut tx, "azuredevops", 9).await, []);
        turn.project_id = world.stranger.id;
        renewals::note_try(&mut tx, &turn, now - LEASE).await.unwrap();
        assert_eq!(idle(&mut tx, "azuredevops", 9).await, [], "another project changes nothing");
    })
    .await;
}

async fn find(tx: &mut store::Transaction, seen: &Credential) -> Credential {
    credentials::find(tx, seen.project_id, seen.id).await.unwrap().unwrap()
}
