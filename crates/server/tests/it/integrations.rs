//! What a host developer sets on an integration.

use serde_json::{Value, json};

use crate::app::{TestApp, on_each_engine};

#[tokio::test]
async fn an_integration_begins_with_development_keys_and_the_proposed_scopes() {
    on_each_engine(async |test: TestApp| {
        let listed = test.manager().project_get("/integrations").await.ok();
        assert_eq!(listed[0]["type"], "azuredevops");
        assert_eq!(listed[0]["redirectUrl"], "http://localhost:8080/oauth");
        assert_eq!(listed[0]["usesDevelopmentKeys"], true);
        assert_eq!(listed[0]["scopes"], json!(["vso.work_write", "vso.project", "vso.profile"]));
    })
    .await;
}

#[tokio::test]
async fn a_client_secret_goes_in_and_never_comes_out() {
    on_each_engine(async |test: TestApp| {
        let canary = "canary-client-secret";
        let body = json!({ "clientId": "my-app", "clientSecret": canary });
        let changed = test.manager().changes_integration(body).await;
        assert_eq!(
            (&changed["clientId"], &changed["hasClientSecret"]),
            (&json!("my-app"), &json!(true))
        );
        assert!(!changed.to_string().contains(canary));
        let back = test.manager().changes_integration(json!({ "clientId": "" })).await;
        assert_eq!((&back["clientId"], &back["usesDevelopmentKeys"]), (&Value::Null, &json!(true)));
    })
    .await;
}

#[tokio::test]
async fn half_a_client_an_unknown_scope_and_a_second_integration_are_refused() {
    on_each_engine(async |test: TestApp| {
        let path = format!("/integrations/{}", test.integration_id);
        let half = test.manager().project_patch(&path, json!({ "clientId": "my-app" })).await;
        assert_eq!(half.refused(), "400 client_incomplete");
        let date = json!({ "clientSecretExpiresAt": "2027-01-01" });
        let date = test.manager().project_patch(&path, date).await;
        assert_eq!(date.refused(), "400 secret_missing");
        let scope = test.manager().project_patch(&path, json!({ "scopes": ["vso.moon"] })).await;
        assert_eq!(scope.refused(), "400 unknown_scope");
        let again = json!({ "type": "azuredevops" });
        let again = test.manager().project_post("/integrations", again).await;
        assert_eq!(again.refused(), "409 integration_exists");
        let unknown = test.manager().project_post("/integrations", json!({ "type": "moon" })).await;
        assert_eq!(unknown.refused(), "404 unknown_connector");
    })
    .await;
}

#[tokio::test]
async fn more_scopes_show_which_accounts_need_new_permission() {
    on_each_engine(async |test: TestApp| {
        test.end_user("ann").connects().await;
        let credentials = test.manager().project_get("/credentials").await.ok();
        assert_eq!(credentials["items"][0]["missingScopes"], json!([]));
        let scopes =
            json!({ "scopes": ["vso.work_write", "vso.project", "vso.profile", "vso.code"] });
        test.manager().changes_integration(scopes).await;
        let credentials = test.manager().project_get("/credentials").await.ok();
        assert_eq!(credentials["items"][0]["missingScopes"], json!(["vso.code"]));
        let ann = test.end_user("ann");
        let seen = ann.get("/credentials").await.ok();
        assert_eq!(seen[0]["missingScopes"], json!(["vso.code"]));
        assert_eq!(ann.connects().await["missingScopes"], json!([]));
    })
    .await;
}
