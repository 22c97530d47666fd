use connect::{Callback, InstallOptions};
use serde_json::json;
use store::credentials::Status;

use crate::app::{App, ORIGIN};

#[tokio::test]
async fn a_person_with_one_organization_signs_in_and_requests_their_projects() {
    let app = App::start().await;
    let connected = app.connects("ann").await;
    let Callback::Connected { origin, integration_id, handle, credential_id, .. } = connected
    else {
        panic!("{connected:?}")
    };
    assert_eq!((origin.as_str(), integration_id), (ORIGIN, app.integration.id));
    let redeemed = app.connect.redeem_handle(app.project_id, app.user_id, &handle).await;
    assert_eq!(redeemed.unwrap(), credential_id);

    let credential = app.credential(credential_id).await;
    assert_eq!(credential.status, Status::Valid);
    assert_eq!(credential.provider_data["organization"], "acme");
    assert_eq!(credential.provider_data["tenant"], "organizations");
    assert_eq!(credential.provider_data["email"], "ann@acme.example");
    assert_eq!(credential.profile, "development");
    assert_eq!(credential.scopes, ["vso.work_write", "vso.project", "vso.profile"]);

    let (status, projects) = app.get("/projects?api-version=5.0").await.unwrap();
    assert_eq!(status, 200);
    assert!(projects["count"].as_u64().unwrap() > 0, "{projects}");
}

#[tokio::test]
async fn the_authorize_address_carries_a_challenge_a_state_and_the_scopes() {
    let app = App::start().await;
    let popup = app.popup(InstallOptions::default()).await;
    let url = popup.authorize_url;
    assert_eq!(url.path(), "/organizations/oauth2/v2.0/authorize");
    let parameter = |name: &str| {
        url.query_pairs().find(|(one, _)| one == name).map(|(_, value)| value.into_owned())
    };
    assert_eq!(parameter("redirect_uri").unwrap(), "http://localhost:8080/oauth");
    assert_eq!(parameter("code_challenge_method").unwrap(), "S256");
    assert_eq!(parameter("prompt").unwrap(), "select_account");
    assert_eq!(
        parameter("scope").unwrap(),
        "499b84ac-1321-427f-aa17-267ca6975798/vso.work_write \
         499b84ac-1321-427f-aa17-267ca6975798/vso.project \
         499b84ac-1321-427f-aa17-267ca6975798/vso.profile offline_access openid profile"
    );
    assert!(parameter("state").unwrap().len() >= 43);
    assert!(parameter("client_secret").is_none());
}

#[tokio::test]
async fn an_account_needs_new_permission_when_the_integration_asks_for_more() {
    let mut app = App::start().await;
    let id = app.connected("ann").await;
    let credential = app.credential(id).await;
    let provider = app.connect.provider("azuredevops").unwrap();
    assert!(provider.missing_scopes(&app.integration, &credential).is_empty());
    app.integration.scopes = ["vso.profile", "vso.build"].map(str::to_owned).to_vec();
    assert_eq!(provider.missing_scopes(&app.integration, &credential), ["vso.build"]);

    app.connected("ann").await;
    let credential = app.credential(id).await;
    assert!(provider.missing_scopes(&app.integration, &credential).is_empty());
}

#[tokio::test]
async fn the_tenant_can_be_set_per_attempt_and_per_integration() {
    let mut app = App::start().await;
    app.integration.settings = json!({ "tenant": "acme.example" }).as_object().unwrap().clone();
    let path = |popup: crate::app::Popup| popup.authorize_url.path().to_owned();
    let usual = app.popup(InstallOptions::default()).await;
    assert_eq!(path(usual), "/acme.example/oauth2/v2.0/authorize");
    let once = app.popup_at(InstallOptions::default(), &[("tenant", "initech.example")]).await;
    assert_eq!(path(once), "/initech.example/oauth2/v2.0/authorize");
}

#[tokio::test]
async fn the_page_that_polls_learns_of_the_credential() {
    let app = App::start().await;
    let session = || app.connect.session(app.project_id, app.user_id, "poll-me");
    let popup = app.popup(InstallOptions::default()).await;
    assert_eq!(format!("{:?}", session().await.unwrap()), "Pending");
    let query = app.signs_in("ann", &popup).await;
    app.connect.finish_oauth(query, Some(&popup.cookie)).await;
    let id = app.credentials().await[0].id;
    assert_eq!(format!("{:?}", session().await.unwrap()), format!("Connected({id})"));
    app.connect.forget_session(app.project_id, app.user_id, "poll-me").await.unwrap();
    assert_eq!(format!("{:?}", session().await.unwrap()), "Pending");
}

#[tokio::test]
async fn signing_in_again_renews_the_account_and_keeps_its_id() {
    let app = App::start().await;
    let first = app.connected("ann").await;
    app.after(60);
    let again = app.connected("ann").await;
    assert_eq!(first, again);
    assert_eq!(app.credentials().await.len(), 1);
}

#[tokio::test]
async fn several_accounts_are_told_apart_by_external_id_where_that_is_wanted() {
    let app = App::start().await;
    let options = |external_id: &str| InstallOptions {
        allow_multiple_credentials: true,
        external_id: Some(external_id.to_owned()),
        ..InstallOptions::default()
    };
    for (name, code) in [("work", None), ("home", None), ("work", Some("external_id_taken"))] {
        let popup = app.popup(options(name)).await;
        let query = app.signs_in("ann", &popup).await;
        match (app.connect.finish_oauth(query, Some(&popup.cookie)).await, code) {
            (Callback::Connected { .. }, None) => {}
            (Callback::Failed { error, .. }, Some(code)) => assert_eq!(error.code(), code),
            (other, _) => panic!("{other:?}"),
        }
    }
    let selector = connect::Selector::parse("ext:home");
    let home = app.connect.load(app.project_id, app.user_id, "azuredevops", Some(&selector)).await;
    assert_eq!(home.unwrap().external_id.as_deref(), Some("home"));
}

#[tokio::test]
async fn no_secret_is_readable_in_the_database() {
    let app = App::start().await;
    let id = app.connected("ann").await;
    let credential = app.credential(id).await;
    let text = String::from_utf8_lossy(&credential.secrets).into_owned();
    assert!(!text.contains("access_token") && !text.contains("eyJ"));
}

#[tokio::test]
async fn a_chosen_account_is_connected_again_and_another_persons_cannot_be() {
    let app = App::start().await;
    let id = app.connected("ann").await;
    for (selected, found) in [(id.to_string(), true), (uuid::Uuid::nil().to_string(), false)] {
        let options = InstallOptions {
            allow_multiple_credentials: true,
            selected_credential_id: Some(selected),
            ..InstallOptions::default()
        };
        let popup = app.popup(options).await;
        let query = app.signs_in("ann", &popup).await;
        let done = app.connect.finish_oauth(query, Some(&popup.cookie)).await;
        assert_eq!(matches!(done, Callback::Connected { .. }), found, "{done:?}");
    }
    assert_eq!(app.credentials().await.len(), 1);
}
