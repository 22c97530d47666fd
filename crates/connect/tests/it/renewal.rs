//! One exchange for all, and credentials that outlive what can go wrong in it.

use std::sync::Arc;

use base::{Error, ErrorKind};
use connect::Connect;
use connect::outbound::body;
use futures_util::future::join_all;
use http::Method;
use sandbox::faults::{Fault, FaultAnswer};
use serde_json::json;
use store::credentials::{Credential, Status};
use store::renewals;

use crate::app::{App, call, on_each_engine, until};

/// Past the end of any access token, which lives 60 to 90 minutes.
const PAST_EXPIRY_SECONDS: u64 = 2 * 3_600;
/// Past the end of a lease.
const PAST_LEASE_SECONDS: u64 = 121;
const PATH: &str = "/projects?api-version=5.0";

/// What happens to the next token request.
fn order(app: &App, fault: Fault) {
    let path_contains = Some("/oauth2/v2.0/token".to_owned());
    assert!(app.world().faults.order(Fault { path_contains, ..fault }));
}

fn answer(status: u16, content_type: &str, body: impl ToString) -> Option<FaultAnswer> {
    let headers = [("content-type".to_owned(), content_type.to_owned())].into();
    Some(FaultAnswer { status, headers, body: body.to_string() })
}

/// Token requests of any outcome since the last time this was asked.
fn token_calls(app: &App) -> usize {
    let seen = app.world().requests.take();
    seen.iter().filter(|one| one.target.contains("/oauth2/v2.0/token")).count()
}

/// A connected account whose access token has ended.
async fn expired(app: &App) -> Credential {
    let id = app.connected("ann").await;
    app.after(PAST_EXPIRY_SECONDS);
    token_calls(app);
    app.credential(id).await
}

async fn calls(connect: &Connect, app: &App) -> Result<u16, Error> {
    let held = connect.load(app.project_id, app.user_id, "azuredevops", None).await?;
    let answer = connect.proxy(&held, call(Method::GET, PATH, body::empty())).await?;
    Ok(answer.status().as_u16())
}

/// Callers who get as far as having a token, without the load of as many calls: what they send
/// breaks off before the first byte of it leaves.
async fn gets_a_token(connect: &Connect, app: &App) -> &'static str {
    let held = connect.load(app.project_id, app.user_id, "azuredevops", None).await.unwrap();
    let broken = futures_util::stream::iter([Err::<http_body::Frame<bytes::Bytes>, _>(
        connect::outbound::BodyError::from("the caller hung up"),
    )]);
    let broken = http_body_util::BodyExt::boxed_unsync(http_body_util::StreamBody::new(broken));
    let sent = connect.proxy(&held, call(Method::POST, "/_apis/echo", broken)).await;
    sent.expect_err("broken").code()
}

#[tokio::test]
async fn ten_thousand_callers_in_one_process_cause_one_exchange() {
    on_each_engine(async |app| {
        expired(&app).await;
        app.held().await;
        let waiting = join_all((0..10_000).map(|_| gets_a_token(&app.connect, &app)));
        let codes = waiting.await;
        assert!(codes.iter().all(|code| *code == codes[0]), "{codes:?}");
        assert_eq!(token_calls(&app), 1);
        assert_eq!(calls(&app.connect, &app).await.unwrap(), 200);
    })
    .await;
}

#[tokio::test]
async fn ten_thousand_callers_in_two_processes_cause_one_exchange() {
    on_each_engine(async |app| {
        let before = expired(&app).await;
        let second = app.another_process();
        for connect in [&app.connect, &second] {
            connect.load(app.project_id, app.user_id, "azuredevops", None).await.unwrap();
        }
        let callers = (0..10_000).map(|number| {
            let connect = if number % 2 == 0 { &app.connect } else { &second };
            gets_a_token(connect, &app)
        });
        let all = join_all(callers);
        let time_goes_on = async {
            until(async || app.credential(before.id).await.refreshed_at > before.refreshed_at)
                .await;
            loop {
                app.clock.advance(std::time::Duration::from_millis(50));
                app.credential(before.id).await;
            }
        };
        tokio::select! {
            codes = all => assert!(codes.iter().all(|code| *code == codes[0]), "{codes:?}"),
            () = time_goes_on => unreachable!("it never ends"),
        }
        assert_eq!(token_calls(&app), 1);
        for connect in [&app.connect, &second] {
            assert_eq!(calls(connect, &app).await.unwrap(), 200);
        }
    })
    .await;
}

#[tokio::test]
async fn a_caller_whose_token_is_good_for_a_while_does_not_wait_for_another_process() {
    on_each_engine(async |app| {
        let id = app.connected("ann").await;
        let row = app.credential(id).await;
        app.after(row.expires_at.unwrap().since(row.refreshed_at).as_secs() - 60);
        let mut tx = app.store.begin().await.unwrap();
        let now = app.clock.now();
        let until = now + std::time::Duration::from_secs(120);
        assert!(renewals::begin(&mut tx, &row, now, until).await.unwrap().is_some());
        tx.commit().await.unwrap();
        token_calls(&app);
        assert_eq!(calls(&app.connect, &app).await.unwrap(), 200);
        assert_eq!(token_calls(&app), 0);
    })
    .await;
}

/// Starts a process that renews, lets it come to a point, and ends it there.
async fn killed(app: &App, at_the_point: impl AsyncFnOnce()) {
    let (project_id, user_id) = (app.project_id, app.user_id);
    let doomed = app
        .doomed_process(|connect| async move {
            let held = connect.load(project_id, user_id, "azuredevops", None).await.unwrap();
            let _ = connect.proxy(&held, call(Method::GET, PATH, body::empty())).await;
        })
        .await;
    at_the_point().await;
    doomed.dies().await;
}

async fn fault_begins(app: &App) {
    until(async || app.world().faults.list().is_empty()).await;
}

const AN_HOUR_MS: u64 = 3_600_000;

#[tokio::test]
async fn a_process_that_dies_before_the_provider_heard_of_it_leaves_a_working_credential() {
    on_each_engine(async |app| {
        let row = expired(&app).await;
        order(&app, Fault { delay_ms: AN_HOUR_MS, drop_connection: true, ..Fault::default() });
        killed(&app, async || fault_begins(&app).await).await;
        let row = app.credential(row.id).await;
        assert!(row.refresh_lease_until.is_some());
        app.after(PAST_LEASE_SECONDS);
        assert_eq!(calls(&app.connect, &app).await.unwrap(), 200);
        let row = app.credential(row.id).await;
        assert_eq!((row.refresh_lease_until, row.suspect_since), (None, None));
    })
    .await;
}

/// A process dies after the provider has spent the refresh token and before it could store the new.
async fn killed_with_the_token_spent(app: &App) {
    expired(app).await;
    order(app, Fault { delay_ms: AN_HOUR_MS, carried_out: true, ..Fault::default() });
    killed(app, async || {
        fault_begins(app).await;
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    app.after(PAST_LEASE_SECONDS);
}

#[tokio::test]
async fn a_process_that_dies_with_the_token_spent_leaves_a_working_credential_where_it_lives_on() {
    on_each_engine(async |app| {
        killed_with_the_token_spent(&app).await;
        assert_eq!(calls(&app.connect, &app).await.unwrap(), 200);
    })
    .await;
}

#[tokio::test]
async fn where_a_spent_token_is_dead_the_person_is_told_to_connect_again() {
    on_each_engine(async |app| {
        app.world().set_entra(|settings| settings.revoke_on_refresh_token_reuse = true);
        killed_with_the_token_spent(&app).await;
        let error = calls(&app.connect, &app).await.expect_err("the new token was lost");
        assert_eq!(error.code(), "credential_invalid");
        assert!(error.message().contains("Connect the account again"), "{error}");
        assert_eq!(app.credentials().await[0].status, Status::Invalid);
    })
    .await;
}

#[tokio::test]
async fn a_process_that_dies_with_new_tokens_in_hand_leaves_a_working_credential() {
    on_each_engine(async |app| {
        let row = expired(&app).await;
        order(&app, Fault { delay_ms: 1_000, ..Fault::default() });
        let mut storing = None;
        killed(&app, async || {
            fault_begins(&app).await;
            // Whoever wants to store waits for this.
            let mut tx = app.store.begin().await.unwrap();
            let row = app.credential(row.id).await;
            assert!(!renewals::extend(&mut tx, &row, -1, row.created_at).await.unwrap());
            store::configurations::list(&mut tx, app.project_id, row.id).await.unwrap();
            renewals::extend(&mut tx, &row, 1, row.refresh_lease_until.unwrap()).await.unwrap();
            storing = Some(tx);
            app.after(1);
            until(async || app.token_requests("refresh_token") == 1).await;
        })
        .await;
        drop(storing);
        app.after(PAST_LEASE_SECONDS);
        assert_eq!(calls(&app.connect, &app).await.unwrap(), 200);
    })
    .await;
}

/// Calls while the token endpoint takes its time, which `seconds` then bring to its end.
async fn calls_while_time_passes(app: &App, seconds: u64) -> Result<u16, Error> {
    let passes = async {
        fault_begins(app).await;
        app.after(seconds);
    };
    tokio::join!(calls(&app.connect, app), passes).0
}

#[tokio::test]
async fn a_provider_that_takes_a_minute_is_waited_for() {
    on_each_engine(async |app| {
        expired(&app).await;
        order(&app, Fault { delay_ms: 60_000, ..Fault::default() });
        assert_eq!(calls_while_time_passes(&app, 60).await.unwrap(), 200);
        assert_eq!(token_calls(&app), 1);
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_answers_too_late_is_asked_once_more_with_the_token_stored() {
    on_each_engine(async |app| {
        let row = expired(&app).await;
        order(&app, Fault { delay_ms: AN_HOUR_MS, carried_out: true, ..Fault::default() });
        assert_eq!(calls_while_time_passes(&app, 91).await.unwrap(), 200);
        let row = app.credential(row.id).await;
        assert_eq!((row.status, row.suspect_since), (Status::Valid, None));
    })
    .await;
}

#[tokio::test]
async fn a_server_error_after_the_token_was_spent_is_followed_by_one_more_try() {
    on_each_engine(async |app| {
        expired(&app).await;
        let failed = answer(503, "text/html", "<html>");
        order(&app, Fault { answer: failed, carried_out: true, ..Fault::default() });
        assert_eq!(calls(&app.connect, &app).await.unwrap(), 200);
        assert_eq!(token_calls(&app), 2);
    })
    .await;
}

#[tokio::test]
async fn a_credential_whose_renewal_ends_in_doubt_twice_is_suspect_and_still_used() {
    on_each_engine(async |app| {
        let row = expired(&app).await;
        order(&app, Fault { times: 2, drop_connection: true, ..Fault::default() });
        let error = calls(&app.connect, &app).await.expect_err("no token");
        assert_eq!((error.kind(), error.code()), (ErrorKind::Provider, "provider_broke_off"));
        let row = app.credential(row.id).await;
        assert_eq!((row.status, row.suspect_since), (Status::Valid, Some(app.clock.now())));
        assert_eq!((row.refresh_failure_count, row.refresh_lease_until), (1, None));

        app.after(6);
        assert_eq!(calls(&app.connect, &app).await.unwrap(), 200);
        let row = app.credential(row.id).await;
        assert_eq!((row.suspect_since, row.refresh_failure_count), (None, 0));
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_refuses_after_a_doubt_has_refused_for_good() {
    on_each_engine(async |app| {
        app.world().set_entra(|settings| settings.revoke_on_refresh_token_reuse = true);
        let row = expired(&app).await;
        order(&app, Fault { drop_connection: true, carried_out: true, ..Fault::default() });
        let error = calls(&app.connect, &app).await.expect_err("it was spent");
        assert_eq!(error.code(), "credential_invalid");
        assert_eq!(app.credential(row.id).await.status, Status::Invalid);
    })
    .await;
}

#[tokio::test]
async fn access_denied_where_nobody_was_asked_leaves_the_account_connected() {
    on_each_engine(async |app| {
        let row = expired(&app).await;
        let denied = json!({ "error": "access_denied" });
        order(&app, Fault { answer: answer(403, "application/json", denied), ..Fault::default() });
        let error = calls(&app.connect, &app).await.expect_err("no token");
        assert_eq!((error.kind(), error.code()), (ErrorKind::Unavailable, "token_denied"));
        let row = app.credential(row.id).await;
        assert_eq!((row.status, row.suspect_since), (Status::Valid, None));
        app.after(6);
        assert_eq!(calls(&app.connect, &app).await.unwrap(), 200);
    })
    .await;
}

#[tokio::test]
async fn a_refusal_is_of_no_account_when_the_person_has_connected_again_meanwhile() {
    on_each_engine(async |app| {
        let row = expired(&app).await;
        let refused = json!({ "error": "invalid_grant" });
        let refused = answer(400, "application/json", refused);
        order(&app, Fault { delay_ms: 1_000, answer: refused, ..Fault::default() });
        let connects_again = async {
            fault_begins(&app).await;
            app.connected("ann").await;
            app.after(1);
        };
        let (called, ()) = tokio::join!(calls(&app.connect, &app), connects_again);
        assert_eq!(called.unwrap(), 200);
        assert_eq!(app.credential(row.id).await.status, Status::Valid);
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_gives_no_new_refresh_token_leaves_the_old_one_in_use() {
    on_each_engine(async |app| {
        let row = expired(&app).await;
        let granted = json!({ "access_token": "made-up", "expires_in": 3600 });
        let granted = answer(200, "application/json", granted);
        order(&app, Fault { answer: granted, ..Fault::default() });
        gets_a_token(&app.connect, &app).await;
        app.after(PAST_EXPIRY_SECONDS);
        assert_eq!(calls(&app.connect, &app).await.unwrap(), 200);
        assert_eq!(app.credential(row.id).await.status, Status::Valid);
    })
    .await;
}

#[tokio::test]
async fn a_token_without_an_end_is_renewed_when_the_provider_no_longer_takes_it() {
    on_each_engine(async |app| {
        let row = expired(&app).await;
        // It also answers in the form of a form.
        let granted = answer(200, "application/x-www-form-urlencoded", "access_token=made%20up");
        order(&app, Fault { answer: granted, ..Fault::default() });
        gets_a_token(&app.connect, &app).await;
        assert_eq!(app.credential(row.id).await.expires_at, None);
        app.after(61);
        assert_eq!(calls(&app.connect, &app).await.unwrap(), 200);
        assert!(app.credential(row.id).await.expires_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn whoever_comes_late_with_new_tokens_does_not_overwrite_newer_ones() {
    on_each_engine(async |app| {
        let row = expired(&app).await;
        order(&app, Fault { delay_ms: 80_000, ..Fault::default() });
        let second = Arc::new(app.another_process());
        let overtakes = async {
            fault_begins(&app).await;
            // Its lease has ended, as far as the database knows.
            let mut tx = app.store.begin().await.unwrap();
            let now = app.clock.now();
            assert!(renewals::extend(&mut tx, &row, 1, now).await.unwrap());
            tx.commit().await.unwrap();
            assert_eq!(calls(&second, &app).await.unwrap(), 200);
            let newer = app.credential(row.id).await;
            app.after(80);
            newer
        };
        let (late, newer) = tokio::join!(calls(&app.connect, &app), overtakes);
        assert_eq!(late.unwrap(), 200);
        assert_eq!(app.credential(row.id).await, newer);
    })
    .await;
}
