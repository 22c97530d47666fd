use base::{Error, Secret};
use connect::outbound::body;
use futures_util::future::join_all;
use http::Method;
use sandbox::directory::{EXPIRED_CLIENT_SECRET, EXPIRED_SECRET_CLIENT_ID};
use sandbox::faults::{Fault, FaultAnswer};
use store::credentials::Status;

use crate::app::{App, call};

/// Past the end of any access token, which lives 60 to 90 minutes.
const PAST_EXPIRY_SECONDS: u64 = 2 * 3_600;

#[tokio::test]
async fn a_token_near_its_end_is_renewed_before_the_call() {
    let app = App::start().await;
    let id = app.connected("ann").await;
    let before = app.credential(id).await;
    let end = before.expires_at.unwrap();
    let life = end.since(before.refreshed_at).as_secs();
    app.after(life - 301);
    app.get("/projects?api-version=5.0").await.unwrap();
    assert_eq!(app.token_requests("refresh_token"), 0);
    app.after(2);
    let (status, _) = app.get("/projects?api-version=5.0").await.unwrap();
    assert_eq!((status, app.token_requests("refresh_token")), (200, 1));
    let after = app.credential(id).await;
    assert!(after.expires_at > before.expires_at && after.secrets != before.secrets);
}

#[tokio::test]
async fn a_thousand_callers_on_an_expired_token_cause_one_exchange() {
    let app = App::start().await;
    app.connected("ann").await;
    app.after(PAST_EXPIRY_SECONDS);
    let calls = (0..1_000).map(|_| app.get("/projects?api-version=5.0"));
    let answers = join_all(calls).await;
    assert!(answers.into_iter().all(|answer| answer.unwrap().0 == 200));
    assert_eq!(app.token_requests("refresh_token"), 1);
}

#[tokio::test]
async fn a_token_that_the_provider_no_longer_takes_is_renewed_once_and_the_call_repeated() {
    let app = App::start().await;
    app.connected("ann").await;
    app.after(61);
    app.world().faults.order(Fault {
        path_contains: Some("/_apis/projects".to_owned()),
        answer: Some(FaultAnswer { status: 401, ..FaultAnswer::default() }),
        ..Fault::default()
    });
    let (status, _) = app.get("/projects?api-version=5.0").await.unwrap();
    assert_eq!((status, app.token_requests("refresh_token")), (200, 1));
}

#[tokio::test]
async fn a_second_process_takes_the_tokens_that_the_first_has_renewed() {
    let app = App::start().await;
    app.connected("ann").await;
    let second = app.another_process();
    let held = second.load(app.project_id, app.user_id, "azuredevops", None).await.unwrap();
    app.after(PAST_EXPIRY_SECONDS);
    app.get("/projects?api-version=5.0").await.unwrap();
    let answer = second.proxy(&held, call(Method::GET, "/projects", body::empty())).await.unwrap();
    assert_eq!((answer.status().as_u16(), app.token_requests("refresh_token")), (200, 1));
}

#[tokio::test]
async fn a_process_hears_that_another_has_disconnected_the_account() {
    let app = App::start().await;
    let id = app.connected("ann").await;
    let second = app.another_process();
    second.load(app.project_id, app.user_id, "azuredevops", None).await.unwrap();
    let mut conn = app.store.read().await.unwrap();
    let heard = store::changes::latest(&mut conn).await.unwrap();
    app.connect.disconnect(app.project_id, id).await.unwrap();
    for change in store::changes::after(&mut conn, heard).await.unwrap() {
        second.forget(&change);
    }
    let gone = second.load(app.project_id, app.user_id, "azuredevops", None).await;
    assert_eq!(gone.expect_err("gone").code(), "integration_not_enabled");
}

/// Posts a body of this size to a provider that refuses the first call's token.
async fn posted_with_a_refused_token(size: usize) -> Result<u16, Error> {
    let app = App::start().await;
    app.connected("ann").await;
    app.after(61);
    for status in [401, 200] {
        app.world().faults.order(Fault {
            path_contains: Some("/_apis/echo".to_owned()),
            answer: Some(FaultAnswer { status, ..FaultAnswer::default() }),
            ..Fault::default()
        });
    }
    let answer = app.call(call(Method::POST, "/_apis/echo", body::full(vec![b'x'; size]))).await;
    assert_eq!(app.token_requests("refresh_token"), 1);
    answer.map(|answer| answer.status().as_u16())
}

#[tokio::test]
async fn a_body_up_to_64_kib_is_sent_again_with_the_new_token() {
    assert_eq!(posted_with_a_refused_token(64 * 1024).await.unwrap(), 200);
}

#[tokio::test]
async fn whoever_sent_a_larger_body_is_asked_to_send_it_again() {
    let error = posted_with_a_refused_token(64 * 1024 + 1).await.expect_err("not kept");
    assert_eq!(error.code(), "send_again");
}

/// Lets the token expire while Entra ID refuses with `code`, calls, and answers our error.
async fn refused_with(app: &App, code: u32) -> Error {
    app.after(PAST_EXPIRY_SECONDS);
    app.world().set_entra(|settings| settings.token_error = Some(code));
    let error = app.get("/projects?api-version=5.0").await.expect_err("no token");
    app.world().set_entra(|settings| settings.token_error = None);
    error
}

#[tokio::test]
async fn a_person_who_must_sign_in_again_makes_the_credential_invalid_until_they_do() {
    let app = App::start().await;
    let id = app.connected("ann").await;
    let error = refused_with(&app, 50_057).await;
    assert_eq!(error.code(), "credential_invalid", "{error:?}");
    let credential = app.credential(id).await;
    assert_eq!(credential.status, Status::Invalid);
    assert_eq!(credential.status_reason.unwrap()["code"], "sign_in_again");
    let error = app.get("/projects?api-version=5.0").await.expect_err("still invalid");
    assert_eq!(error.code(), "credential_invalid");

    assert_eq!(app.connected("ann").await, id);
    assert_eq!(app.get("/projects?api-version=5.0").await.unwrap().0, 200);
}

#[tokio::test]
async fn a_provider_that_is_busy_breaks_nothing() {
    let app = App::start().await;
    let id = app.connected("ann").await;
    let error = refused_with(&app, 90_033).await;
    assert_eq!(error.code(), "provider_unavailable", "{error:?}");
    assert_eq!(app.credential(id).await.status, Status::Valid);
    app.after(10);
    assert_eq!(app.get("/projects?api-version=5.0").await.unwrap().0, 200);
}

#[tokio::test]
async fn an_expired_client_secret_is_the_hosts_fault_and_leaves_accounts_valid() {
    let app = App::start().await;
    let secret = Secret::new(sandbox::DEVELOPMENT_CLIENT_SECRET.to_owned());
    let client_id = sandbox::DEVELOPMENT_CLIENT_ID;
    app.connect.set_client(&app.integration, client_id, secret.clone().into()).await.unwrap();
    let id = app.connected("ann").await;
    app.after(PAST_EXPIRY_SECONDS);
    let wrong = Secret::new("not the secret".to_owned());
    app.connect.set_client(&app.integration, client_id, wrong.into()).await.unwrap();
    let error = app.get("/projects?api-version=5.0").await.expect_err("no token");
    assert_eq!(error.code(), "client_secret_wrong", "{error:?}");
    let credential = app.credential(id).await;
    assert_eq!((credential.status, credential.refresh_failure_count), (Status::Valid, 1));

    app.connect.set_client(&app.integration, client_id, secret.into()).await.unwrap();
    app.after(10);
    assert_eq!(app.get("/projects?api-version=5.0").await.unwrap().0, 200);
    assert_eq!(app.credential(id).await.refresh_failure_count, 0);
}

#[tokio::test]
async fn signing_in_through_an_app_whose_secret_has_expired_names_the_hosts_app() {
    let app = App::start().await;
    let secret = Secret::new(EXPIRED_CLIENT_SECRET.to_owned());
    app.connect
        .set_client(&app.integration, EXPIRED_SECRET_CLIENT_ID, secret.into())
        .await
        .unwrap();
    match app.connects("ann").await {
        connect::Callback::Failed { error, .. } => {
            assert_eq!(error.code(), "client_secret_expired", "{error:?}");
        }
        other => panic!("{other:?}"),
    }
}
