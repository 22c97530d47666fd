//! Providers that misbehave while a person signs in. `renewal` has those that do so later.

use base::{CredentialId, Error, ErrorKind};
use connect::Callback;
use http::Method;
use sandbox::faults::{Fault, FaultAnswer};
use sandbox::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_CLIENT_SECRET};
use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::app::{App, on_each_engine, until};

const TOKEN_PATH: &str = "/organizations/oauth2/v2.0/token";
const AN_HOUR_MS: u64 = 3_600_000;

/// The code of the next sign-in is exchanged as this fault says.
fn order(app: &App, fault: Fault) {
    let path_contains = Some(TOKEN_PATH.to_owned());
    assert!(app.world().faults.order(Fault { path_contains, ..fault }));
}

/// Ann signs in, and time goes on once the exchange of her code is under way.
async fn signs_in_while(app: &App, seconds: u64) -> Callback {
    let passes = async {
        until(async || app.world().faults.list().is_empty()).await;
        app.after(seconds);
    };
    tokio::join!(app.connects("ann"), passes).0
}

/// Nothing is left of a sign-in that failed, and the next one works.
async fn fails_without_a_trace(app: &App, came: Callback) -> Error {
    let Callback::Failed { error, origin: Some(_), .. } = came else { panic!("{came:?}") };
    assert_eq!(app.credentials().await, []);
    assert!(!error.message().is_empty());
    app.connected("ann").await;
    assert_eq!(app.get("/projects?api-version=5.0").await.unwrap().0, 200);
    error
}

#[tokio::test]
async fn a_minute_for_the_code_is_waited_for() {
    on_each_engine(async |app| {
        order(&app, Fault { delay_ms: 60_000, ..Fault::default() });
        let came = signs_in_while(&app, 60).await;
        assert!(matches!(came, Callback::Connected { .. }), "{came:?}");
    })
    .await;
}

#[tokio::test]
async fn an_answer_after_the_time_limit_says_to_try_again() {
    on_each_engine(async |app| {
        order(&app, Fault { delay_ms: AN_HOUR_MS, carried_out: true, ..Fault::default() });
        let came = signs_in_while(&app, 101).await;
        let error = fails_without_a_trace(&app, came).await;
        assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, "provider_timeout"));
    })
    .await;
}

#[tokio::test]
async fn a_server_error_or_a_broken_connection_after_the_code_was_spent_says_to_try_again() {
    on_each_engine(async |app| {
        let answer = Some(FaultAnswer { status: 503, ..FaultAnswer::default() });
        order(&app, Fault { answer, carried_out: true, ..Fault::default() });
        let came = app.connects("ann").await;
        let error = fails_without_a_trace(&app, came).await;
        assert_eq!(error.code(), "provider_unavailable");
        let id = app.credentials().await[0].id;
        app.connect.disconnect(app.project_id, id).await.unwrap();

        order(&app, Fault { drop_connection: true, carried_out: true, ..Fault::default() });
        let came = app.connects("ann").await;
        let error = fails_without_a_trace(&app, came).await;
        assert_eq!(error.code(), "provider_broke_off");
    })
    .await;
}

/// What a token request at the sandbox's own address brings.
async fn real_tokens(app: &App) -> Value {
    app.connected("ann").await;
    let refresh_token = app.world().entra.read().refresh_tokens().next().unwrap().to_owned();
    let form = Serializer::new(String::new())
        .append_pair("grant_type", "refresh_token")
        .append_pair("client_id", DEVELOPMENT_CLIENT_ID)
        .append_pair("client_secret", DEVELOPMENT_CLIENT_SECRET)
        .append_pair("refresh_token", &refresh_token)
        .append_pair(
            "scope",
            "499b84ac-1321-427f-aa17-267ca6975798/vso.project \
             499b84ac-1321-427f-aa17-267ca6975798/vso.profile offline_access",
        )
        .finish();
    let url = format!("{}{TOKEN_PATH}?", app.sandbox.http_url().unwrap()).parse().unwrap();
    let answer = app.browse(Method::POST, &url, &form).await;
    serde_json::from_slice(answer.body()).unwrap()
}

/// Connects Ann with a form that tells nothing but an access token.
pub async fn connected_by_a_bare_form(app: &App) -> CredentialId {
    let real = real_tokens(app).await;
    let body = Serializer::new(String::new())
        .append_pair("access_token", real["access_token"].as_str().unwrap())
        .append_pair("token_type", "bearer")
        .finish();
    let kind = "application/x-www-form-urlencoded; charset=utf-8".to_owned();
    let headers = [("content-type".to_owned(), kind)].into();
    let answer = Some(FaultAnswer { status: 200, headers, body });
    order(app, Fault { answer, ..Fault::default() });
    app.after(60);
    app.connected("ann").await
}

#[tokio::test]
async fn a_form_without_an_end_and_without_a_refresh_token_connects_all_the_same() {
    on_each_engine(async |app| {
        let id = connected_by_a_bare_form(&app).await;
        let row = app.credential(id).await;
        assert_eq!((row.expires_at, row.refreshed_at), (None, app.clock.now()));
        assert_eq!(app.get("/projects?api-version=5.0").await.unwrap().0, 200);
        // Once it has ended there is nothing to renew it with, and that is said.
        app.after(2 * 3_600);
        let error = app.get("/projects?api-version=5.0").await.expect_err("it has ended");
        assert_eq!(error.code(), "credential_invalid", "{error:?}");
    })
    .await;
}
