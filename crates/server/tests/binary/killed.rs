//! `kill -9` of a server in the middle of an exchange, and what the other one makes of it.

use std::time::Duration;

use sandbox::faults::Fault;
use store::credentials::Status;
use store::renewals::{self, Idle};

use crate::pair::{Installation, Server, on_postgres, until};

/// Longer than any test: the exchange is under way when its process dies.
const AN_HOUR_MS: u64 = 3_600_000;

/// One of two servers is killed in an exchange that goes as this fault says; the lease it leaves
/// behind then ends. Answers the other server.
async fn killed(made: &Installation, fault: Fault) -> Server {
    let (doomed, other) = (made.start().await, made.start().await);
    made.expires().await;
    made.orders(Fault { delay_ms: AN_HOUR_MS, ..fault });
    tokio::select! {
        answer = doomed.calls(made) => panic!("it cannot end: {answer:?}"),
        () = made.exchange_begins() => doomed.dies(),
    }
    assert!(made.credential().await.refresh_lease_until.is_some(), "its lease outlives it");
    made.leases_end().await;
    other
}

#[tokio::test]
async fn before_the_provider_has_done_anything_the_other_goes_on() {
    on_postgres(async |made| {
        let other = killed(&made, Fault { drop_connection: true, ..Fault::default() }).await;
        assert_eq!(other.calls(&made).await.0, 200);
        assert_eq!(made.token_requests(), 2);
    })
    .await;
}

#[tokio::test]
async fn with_the_refresh_token_spent_the_other_tries_it_once_more() {
    on_postgres(async |made| {
        let other = killed(&made, Fault { carried_out: true, ..Fault::default() }).await;
        assert_eq!(other.calls(&made).await.0, 200);
        let row = made.credential().await;
        assert_eq!((row.status, row.suspect_since), (Status::Valid, None));
        assert_eq!(made.token_requests(), 2);
    })
    .await;
}

#[tokio::test]
async fn where_a_spent_token_is_dead_the_other_says_what_to_do() {
    on_postgres(async |made| {
        made.sandbox.world().set_entra(|entra| entra.revoke_on_refresh_token_reuse = true);
        let other = killed(&made, Fault { carried_out: true, ..Fault::default() }).await;
        let (status, answer) = other.calls(&made).await;
        assert_eq!((status, &answer["code"]), (401, &"credential_invalid".into()), "{answer}");
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains("onnect the account again"), "{message}");
        assert_eq!(made.credential().await.status, Status::Invalid);
    })
    .await;
}

/// Keeps whoever wants to store something in the credential's row waiting, until it is dropped.
async fn row_lock(made: &Installation) -> store::Transaction {
    let row = made.credential().await;
    let place = Idle { project_id: row.project_id, user_id: row.user_id, id: row.id };
    let mut tx = made.store.begin().await.unwrap();
    renewals::note_try(&mut tx, &place, row.refreshed_at).await.unwrap();
    tx
}

#[tokio::test]
async fn with_new_tokens_that_were_not_stored_yet_the_other_tries_the_old_one_once_more() {
    on_postgres(async |made| {
        let (doomed, other) = (made.start().await, made.start().await);
        made.expires().await;
        made.orders(Fault { delay_ms: 1_000, ..Fault::default() });
        let granted = || {
            let seen = made.sandbox.world().requests.list();
            let notes = seen.into_iter().filter_map(|one| one.note);
            notes.filter(|note| note.contains("refresh_token")).count()
        };
        let before = granted();
        let storing = async {
            made.exchange_begins().await;
            let lock = row_lock(&made).await;
            made.clock.advance(Duration::from_secs(1));
            until("tokens are given", async || (granted() > before).then_some(())).await;
            lock
        };
        let lock = tokio::select! {
            answer = doomed.calls(&made) => panic!("it cannot end: {answer:?}"),
            lock = storing => lock,
        };
        doomed.dies();
        drop(lock);
        made.leases_end().await;
        assert_eq!(other.calls(&made).await.0, 200);
        let row = made.credential().await;
        assert_eq!((row.status, row.suspect_since), (Status::Valid, None));
        assert_eq!(made.token_requests(), 2);
    })
    .await;
}

#[tokio::test]
async fn once_the_new_tokens_are_stored_the_other_goes_on_with_them() {
    on_postgres(async |made| {
        let (doomed, other) = (made.start().await, made.start().await);
        made.expires().await;
        made.orders(Fault::default());
        let faults = &made.sandbox.world().faults;
        let ordered = faults.list().len();
        let path_contains = Some("/_apis/projects".to_owned());
        assert!(faults.order(Fault { path_contains, delay_ms: AN_HOUR_MS, ..Fault::default() }));
        // The exchange's fault and the call's are gone.
        let calls = async || (faults.list().len() < ordered).then_some(());
        tokio::select! {
            answer = doomed.calls(&made) => panic!("it cannot end: {answer:?}"),
            () = until("the call itself begins", calls) => doomed.dies(),
        }
        assert_eq!(made.credential().await.refresh_lease_until, None);
        assert_eq!(other.calls(&made).await.0, 200);
        assert_eq!(made.token_requests(), 1);
    })
    .await;
}

#[tokio::test]
async fn while_the_lease_lasts_the_others_callers_wait_and_then_get_through() {
    on_postgres(async |made| {
        let (doomed, other) = (made.start().await, made.start().await);
        made.expires().await;
        made.orders(Fault { delay_ms: AN_HOUR_MS, drop_connection: true, ..Fault::default() });
        tokio::select! {
            answer = doomed.calls(&made) => panic!("it cannot end: {answer:?}"),
            () = made.exchange_begins() => doomed.dies(),
        }
        let waiting = async { other.calls(&made).await.0 };
        let ends = async {
            other.get("/healthz", "").await.unwrap();
            made.leases_end().await;
        };
        assert_eq!(tokio::join!(waiting, ends).0, 200);
        assert_eq!(made.token_requests(), 2);
    })
    .await;
}
