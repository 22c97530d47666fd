//! One sign-in, and organizations in several tenants.

use base::{Error, Secret};
use connect::outbound::body;
use connect::{InstallOptions, ProxyCall};
use http::Method;
use sandbox::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_CLIENT_SECRET};
use store::PageRequest;
use store::credentials::Status;

use crate::app::{App, call, on_each_engine};

async fn projects_of(app: &App, organization: &str) -> Result<u16, Error> {
    let path = "/projects?api-version=5.0";
    let account = Some(organization.to_owned());
    let call = ProxyCall { account, ..call(Method::GET, path, body::empty()) };
    app.call(call).await.map(|answer| answer.status().as_u16())
}

#[tokio::test]
async fn a_guest_of_another_company_calls_its_organization_by_the_same_sign_in() {
    on_each_engine(async |app| {
        let id = app.connected("kim").await;
        let before = app.credential(id).await;
        assert_eq!(projects_of(&app, "initech").await.unwrap(), 200);
        assert_eq!(projects_of(&app, "initech").await.unwrap(), 200);
        assert_eq!(app.token_requests("refresh_token"), 1, "the token is kept");
        assert_eq!(projects_of(&app, "globex").await.unwrap(), 200);
        assert_eq!(app.credential(id).await, before, "its own tokens stay");

        app.after(2 * 3_600);
        assert_eq!(projects_of(&app, "initech").await.unwrap(), 200);
        assert_eq!(app.get("/projects?api-version=5.0").await.unwrap().0, 200);
    })
    .await;
}

#[tokio::test]
async fn another_organization_of_the_same_company_needs_no_other_token() {
    on_each_engine(async |app| {
        let popup = app.popup(InstallOptions::default()).await;
        let query = app.signs_in("ben", &popup).await;
        let choose = app.connect.finish_oauth(query, Some(&popup.cookie)).await;
        let connect::Callback::Choose { attempt, .. } = choose else { panic!("{choose:?}") };
        let cookie = Some(popup.cookie.as_str());
        app.connect.choose_account(&attempt, cookie, "acme").await;
        assert_eq!(projects_of(&app, "globex").await.unwrap(), 200);
        assert_eq!(app.token_requests("refresh_token"), 0);
    })
    .await;
}

#[tokio::test]
async fn whoever_is_no_guest_there_is_told_so_and_stays_connected() {
    on_each_engine(async |app| {
        let id = app.connected("ann").await;
        let error = projects_of(&app, "initech").await.expect_err("not admitted");
        assert_eq!(error.code(), "account_in_other_tenant");
        assert!(error.message().contains("another company's directory"), "{error}");
        assert_eq!(app.credential(id).await.status, Status::Valid);
        assert_eq!(app.get("/projects?api-version=5.0").await.unwrap().0, 200);
    })
    .await;
}

/// The secret of the integration's app.
async fn sets(app: &App, secret: &str) {
    let secret = Secret::new(secret.to_owned());
    let set = app.connect.set_client(&app.integration, DEVELOPMENT_CLIENT_ID, secret.into());
    set.await.unwrap();
}

#[tokio::test]
async fn there_too_the_next_secret_takes_over_and_without_one_the_owner_is_told() {
    on_each_engine(async |app| {
        sets(&app, DEVELOPMENT_CLIENT_SECRET).await;
        app.connected("kim").await;
        sets(&app, "an old secret").await;
        let error = projects_of(&app, "initech").await.expect_err("the secret is wrong");
        assert_eq!(error.code(), "client_secret_wrong");
        let told = async || {
            let mut conn = app.store.read().await.unwrap();
            let (kind, page) = (Some("integration.app_failure"), PageRequest::default());
            store::events::list(&mut conn, app.project_id, kind, &page).await.unwrap().items.len()
        };
        assert_eq!(told().await, 1);

        let next = Secret::new(DEVELOPMENT_CLIENT_SECRET.to_owned());
        app.connect.set_successor(&app.integration, next.into()).await.unwrap();
        assert_eq!(projects_of(&app, "initech").await.unwrap(), 200);
        assert_eq!(told().await, 1);
        let mut conn = app.store.read().await.unwrap();
        let (project, integration) = (app.project_id, app.integration.id);
        let now = store::app_registrations::find_current(&mut conn, project, integration).await;
        assert_eq!(now.unwrap().unwrap().successor, None, "it has taken over");
    })
    .await;
}
