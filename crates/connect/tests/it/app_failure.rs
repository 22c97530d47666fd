//! An app that the provider refuses: its owner is told once, and accounts stay as they are.

use std::time::Duration;

use base::Secret;
use connect::{Happened, NewProof};
use sandbox::directory::{EXPIRED_CLIENT_SECRET, EXPIRED_SECRET_CLIENT_ID};
use sandbox::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_CLIENT_SECRET};
use serde_json::Value;
use store::PageRequest;
use store::credentials::Status;

use crate::app::{App, on_each_engine};

const PAST_EXPIRY_SECONDS: u64 = 2 * 3_600;
const PATH: &str = "/projects?api-version=5.0";

async fn told(app: &App, happened: Happened) -> Vec<Value> {
    let mut conn = app.store.read().await.unwrap();
    let page = PageRequest::default();
    let kind = Some(happened.as_str());
    let listed = store::events::list(&mut conn, app.project_id, kind, &page).await.unwrap();
    listed.items.into_iter().map(|event| event.payload).collect()
}

fn secret(text: &str) -> NewProof {
    Secret::new(text.to_owned()).into()
}

async fn sets(app: &App, text: &str) {
    app.connect.set_client(&app.integration, DEVELOPMENT_CLIENT_ID, secret(text)).await.unwrap();
}

#[tokio::test]
async fn an_app_that_is_refused_is_told_once_and_leaves_accounts_valid() {
    on_each_engine(async |app| {
        for code in [7_000_215, 7_000_222, 700_016, 7_000_112] {
            let id = app.connected("ann").await;
            app.after(PAST_EXPIRY_SECONDS);
            let before = told(&app, Happened::AppFailure).await.len();
            app.world().set_entra(|settings| settings.token_error = Some(code));
            for _ in 0..3 {
                app.get(PATH).await.expect_err("no token");
                app.after(6);
            }
            app.world().set_entra(|settings| settings.token_error = None);
            assert_eq!(app.credential(id).await.status, Status::Valid);
            assert_eq!(told(&app, Happened::AppFailure).await.len(), before + 1, "{code}");
            app.after(3_600);
            assert_eq!(app.get(PATH).await.unwrap().0, 200);
        }
        let last = told(&app, Happened::AppFailure).await.pop().unwrap();
        assert_eq!(last["integrationId"], app.integration.id.to_string());
        assert_eq!(last["clientId"], DEVELOPMENT_CLIENT_ID);
        assert_eq!(last["code"], "app_misconfigured");
        assert_eq!(told(&app, Happened::CredentialInvalid).await, Vec::<Value>::new());
    })
    .await;
}

#[tokio::test]
async fn the_next_secret_takes_over_when_the_first_fails_and_stays() {
    on_each_engine(async |app| {
        sets(&app, DEVELOPMENT_CLIENT_SECRET).await;
        app.connected("ann").await;
        sets(&app, "an old secret").await;
        let expires_at = Some(app.clock.now() + Duration::from_secs(400 * 86_400));
        let next = NewProof { expires_at, ..secret(DEVELOPMENT_CLIENT_SECRET) };
        app.connect.set_successor(&app.integration, next).await.unwrap();
        app.after(PAST_EXPIRY_SECONDS);
        app.world().requests.take();
        assert_eq!(app.get(PATH).await.unwrap().0, 200);
        assert_eq!(app.token_requests("refresh_token"), 2, "the old one, then the next");

        app.after(PAST_EXPIRY_SECONDS);
        app.world().requests.take();
        assert_eq!(app.get(PATH).await.unwrap().0, 200);
        assert_eq!(app.token_requests("refresh_token"), 1, "it stays");
        assert_eq!(told(&app, Happened::AppFailure).await, Vec::<Value>::new());
        let mut conn = app.store.read().await.unwrap();
        let (project, integration) = (app.project_id, app.integration.id);
        let now = store::app_registrations::find_current(&mut conn, project, integration).await;
        let now = now.unwrap().unwrap();
        assert_eq!((now.proof.expires_at, now.successor), (expires_at, None));
    })
    .await;
}

#[tokio::test]
async fn signing_in_uses_the_next_secret_too() {
    on_each_engine(async |app| {
        sets(&app, "an old secret").await;
        let next = secret(DEVELOPMENT_CLIENT_SECRET);
        app.connect.set_successor(&app.integration, next).await.unwrap();
        app.connected("ann").await;
    })
    .await;
}

#[tokio::test]
async fn a_next_secret_that_fails_too_does_not_take_over() {
    on_each_engine(async |app| {
        let set = app.connect.set_client(
            &app.integration,
            EXPIRED_SECRET_CLIENT_ID,
            secret(EXPIRED_CLIENT_SECRET),
        );
        set.await.unwrap();
        app.connect.set_successor(&app.integration, secret("wrong")).await.unwrap();
        let connect::Callback::Failed { error, .. } = app.connects("ann").await else {
            panic!("it is refused")
        };
        assert_eq!(error.code(), "client_secret_expired");
        assert_eq!(told(&app, Happened::AppFailure).await[0]["code"], "client_secret_expired");
    })
    .await;
}

#[tokio::test]
async fn there_is_no_next_secret_without_an_app_of_ones_own() {
    on_each_engine(async |app| {
        let set = app.connect.set_successor(&app.integration, secret("next"));
        assert_eq!(set.await.expect_err("development keys").code(), "no_own_app");
    })
    .await;
}

#[tokio::test]
async fn what_happens_to_an_account_is_told_without_its_secrets() {
    on_each_engine(async |app| {
        let id = app.connected("ann").await;
        app.after(1);
        app.connected("ann").await;
        app.after(PAST_EXPIRY_SECONDS);
        app.world().set_entra(|settings| settings.token_error = Some(50_057));
        app.get(PATH).await.expect_err("disabled");
        app.world().set_entra(|settings| settings.token_error = None);
        app.after(1);
        app.connect.disconnect(app.project_id, id).await.unwrap();
        let mut conn = app.store.read().await.unwrap();
        let page = PageRequest::default();
        let all = store::events::list(&mut conn, app.project_id, None, &page).await.unwrap().items;
        let kinds: Vec<&str> = all.iter().map(|event| event.kind.as_str()).collect();
        let expected = ["connected", "updated", "invalid", "removed"];
        assert_eq!(kinds, expected.map(|kind| format!("credential.{kind}")));
        assert!(all.iter().all(|event| event.subject == id.to_string()));
        assert_eq!(all[2].payload["statusReason"]["code"], "sign_in_again");
        assert_eq!(all[0].payload["connectedUserId"], app.user_id.to_string());
    })
    .await;
}
