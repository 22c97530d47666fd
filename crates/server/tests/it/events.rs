//! What the project's owner is told.

use serde_json::{Value, json};
use server::worker::{cleanup, expiry};

use crate::app::{TestApp, on_each_engine};

async fn kinds(test: &TestApp, query: &str) -> Vec<String> {
    let listed = test.manager().project_get(&format!("/events{query}")).await.ok();
    let items = listed["items"].as_array().unwrap();
    items.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_happens_to_accounts_is_listed_by_type_and_page_by_page() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let id = ann.connects().await["id"].as_str().unwrap().to_owned();
        test.after(1);
        ann.connects().await;
        test.after(1);
        test.manager().project_delete(&format!("/credentials/{id}")).await.ok();
        let all = ["connected", "updated", "removed"].map(|what| format!("credential.{what}"));
        assert_eq!(kinds(&test, "").await, all);
        assert_eq!(kinds(&test, "?type=credential.updated").await, all[1..2]);
        let first = test.manager().project_get("/events?limit=2").await.ok();
        assert_eq!(first["items"][0]["subject"], json!(id));
        assert_eq!(first["items"][0]["payload"]["credentialId"], json!(id));
        let next = first["next"].as_str().unwrap();
        assert_eq!(kinds(&test, &format!("?limit=2&after={next}")).await, all[2..]);
        let unknown = test.manager().project_get("/events?type=credential.lost").await;
        assert_eq!(unknown.refused(), "400 unknown_event_type");
        assert_eq!(test.manager().project_get("/events?x=1").await.refused(), "400 invalid_query");

        test.after(91 * 86_400);
        cleanup::tick(test.app.clone()).await.unwrap();
        assert_eq!(kinds(&test, "").await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn deleting_a_user_tells_of_each_of_their_accounts() {
    on_each_engine(async |test: TestApp| {
        test.end_user("ann").connects().await;
        test.after(1);
        let listed = test.manager().project_get("/connected-users").await.ok();
        let path = format!("/connected-users/{}", listed["items"][0]["id"].as_str().unwrap());
        test.manager().project_delete(&path).await.ok();
        assert_eq!(kinds(&test, "").await, ["credential.connected", "credential.removed"]);
    })
    .await;
}

#[tokio::test]
async fn deleting_an_integration_tells_of_each_account_connected_through_it() {
    on_each_engine(async |test: TestApp| {
        test.end_user("ann").connects().await;
        test.end_user("ben").signs_in_as("ann", json!({})).await;
        test.after(1);
        let path = format!("/integrations/{}", test.integration_id);
        test.manager().project_delete(&path).await.ok();
        let told = test.manager().project_get("/events?type=credential.removed").await.ok();
        let mut users: Vec<&str> = told["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["payload"]["connectedUserId"].as_str().unwrap())
            .collect();
        users.dedup();
        assert_eq!(users.len(), 2, "{told}");
    })
    .await;
}

#[tokio::test]
async fn an_apps_secrets_show_the_days_they_have_left_and_their_end_is_told() {
    on_each_engine(async |test: TestApp| {
        let shown = test
            .manager()
            .changes_integration(json!({
                "clientId": "app", "clientSecret": "old", "clientSecretExpiresAt": "2026-10-01",
                "nextClientSecret": "new", "nextClientSecretExpiresAt": "2027-10-01T12:00:00Z",
            }))
            .await;
        assert_eq!(
            shown["clientProof"],
            json!({
                "expiresAt": "2026-10-01T00:00:00.000Z", "daysLeft": 9,
                "certificateThumbprint": null,
            })
        );
        assert_eq!(shown["nextClientProof"]["daysLeft"], 374);
        expiry::tick(test.app.clone()).await.unwrap();
        expiry::tick(test.app.clone()).await.unwrap();
        let told = test.manager().project_get("/events").await.ok()["items"].clone();
        assert_eq!(told.as_array().unwrap().len(), 1);
        assert_eq!(told[0]["type"], "integration.secret_expiring");
        assert_eq!(told[0]["payload"]["daysLeft"], 9);
        assert!(!told.to_string().contains("old\""));

        let gone = test.manager().changes_integration(json!({ "nextClientSecret": "" })).await;
        assert_eq!(gone["nextClientProof"], Value::Null);
        let path = format!("/integrations/{}", test.integration_id);
        let wrong = json!({ "nextClientSecret": "x", "nextClientSecretExpiresAt": "tomorrow" });
        let wrong = test.manager().project_patch(&path, wrong).await;
        assert_eq!(wrong.refused(), "400 invalid_time");
    })
    .await;
}
