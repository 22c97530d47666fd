//! `kill -9` of a server in the middle of an exchange, and what the other one makes of it.

use sandbox::faults::Fault;
use store::credentials::Status;

use crate::pair::{Installation, Server, on_postgres};

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
