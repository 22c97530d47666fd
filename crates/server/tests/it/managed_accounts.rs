//! Accounts that the host developer's program connects.

use serde_json::{Value, json};

use crate::app::{TestApp, on_each_engine};
use crate::reply::Reply;

/// A user who has shown up, and the address to connect accounts for them at.
async fn ann(test: &TestApp) -> String {
    test.end_user("ann").get("/me").await.ok();
    let listed = test.manager().project_get("/connected-users").await.ok();
    format!("/connected-users/{}/credentials", listed["items"][0]["id"].as_str().unwrap())
}

async fn connects(test: &TestApp, path: &str, mut body: Value) -> Reply {
    body["integrationId"] = json!(test.integration_id);
    test.manager().project_post(path, body).await
}

const CALL: &str = "/projects?api-version=5.0";

#[tokio::test]
async fn a_service_principal_is_connected_by_the_hosts_program_and_renewed_by_itself() {
    on_each_engine(async |test: TestApp| {
        let path = ann(&test).await;
        let fields = json!({ "organization": "acme", "tenant": "acme.example" });
        let body = json!({ "accountType": "service_principal", "fields": fields });
        let made = connects(&test, &path, body).await.ok();
        assert_eq!(made["status"], "VALID");
        assert_eq!(made["providerData"]["organization"], "acme");
        test.end_user("ann").proxies(CALL).await.ok();
        test.after(3 * 3_600);
        test.end_user("ann").proxies(CALL).await.ok();
        let listed = test.manager().project_get("/credentials").await.ok();
        assert_eq!(listed["items"][0]["missingScopes"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_service_principal_can_be_another_app() {
    on_each_engine(async |test: TestApp| {
        let path = ann(&test).await;
        let fields = |secret: &str| {
            json!({
                "organization": "acme", "tenant": "acme.example",
                "client_id": sandbox::DEVELOPMENT_CLIENT_ID, "client_secret": secret,
            })
        };
        let body =
            |secret: &str| json!({ "accountType": "service_principal", "fields": fields(secret) });
        let wrong = connects(&test, &path, body("wrong")).await;
        assert_eq!(wrong.refused(), "502 client_secret_wrong");
        connects(&test, &path, body(sandbox::DEVELOPMENT_CLIENT_SECRET)).await.ok();
        test.end_user("ann").proxies(CALL).await.ok();
        assert_eq!(
            test.manager().project_get("/events").await.ok()["items"][0]["type"],
            "credential.connected",
            "another app's failure is not the integration's"
        );
    })
    .await;
}

#[tokio::test]
async fn an_end_user_cannot_act_as_the_hosts_own_app() {
    on_each_engine(async |test: TestApp| {
        let body = json!({
            "integrationId": test.integration_id,
            "config": {},
            "payload": { "organization": "acme", "tenant": "acme.example" },
            "installOptions": { "accountType": "service_principal" },
        });
        let refused = test.end_user("ann").post("/credentials", body).await;
        assert_eq!(refused.refused(), "400 managed_account_type");
        let shown = test.end_user("ann").get("/integrations").await.ok();
        assert!(!shown.to_string().contains("service_principal"));
    })
    .await;
}

fn refresh_token(test: &TestApp) -> String {
    test.sandbox.world().entra.read().refresh_tokens().next().unwrap().to_owned()
}

#[tokio::test]
async fn an_existing_refresh_token_is_taken_over_once_the_provider_has_accepted_it() {
    on_each_engine(async |test: TestApp| {
        let path = ann(&test).await;
        // Another program has connected Ann by the same app.
        let id = test.end_user("ann").connects().await["id"].as_str().unwrap().to_owned();
        test.manager().project_delete(&format!("/credentials/{id}")).await.ok();
        let token = refresh_token(&test);
        let body = |token: &str, organization: &str| {
            json!({ "refreshToken": token, "fields": { "organization": organization } })
        };
        let wrong = connects(&test, &path, body("made-up", "acme")).await;
        assert_eq!(wrong.refused(), "401 sign_in_again");
        let foreign = connects(&test, &path, body(&token, "initech")).await;
        assert_eq!(foreign.refused(), "400 credential_refused");
        let made = connects(&test, &path, body(&token, "acme")).await.ok();
        assert_eq!((&made["status"], &made["accountType"]), (&json!("VALID"), &json!("default")));
        test.after(3 * 3_600);
        test.end_user("ann").proxies(CALL).await.ok();
    })
    .await;
}
