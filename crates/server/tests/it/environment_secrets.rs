//! What a host developer writes once and nobody reads.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{TestApp, on_each_engine};

const CANARY: &str = "canary-of-the-environment";

fn address(test: &TestApp, key: &str) -> String {
    format!("/api/v1/projects/{}/environment-secrets{key}", test.project_id)
}

#[tokio::test]
async fn an_environment_secret_is_set_listed_without_its_value_and_deleted() {
    on_each_engine(async |test: TestApp| {
        let call = async |method: Method, key: &str, body: Value| {
            let reply = test.call(method, &address(&test, key), &test.api_token, body).await;
            assert!(!reply.text().contains(CANARY), "{}", reply.text());
            reply
        };
        for _ in 0..2 {
            let set = call(Method::PUT, "/API_KEY", json!({ "value": CANARY })).await.ok();
            assert_eq!(set["key"], "API_KEY");
        }
        let listed = call(Method::GET, "", Value::Null).await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        let fields: Vec<_> = listed["items"][0].as_object().unwrap().keys().collect();
        assert_eq!(fields, ["createdAt", "key", "updatedAt"]);
        let deleted = call(Method::DELETE, "/API_KEY", Value::Null).await;
        assert_eq!(deleted.status, StatusCode::NO_CONTENT);
        let gone = call(Method::DELETE, "/API_KEY", Value::Null).await;
        assert_eq!(gone.refused(), "404 environment_secret_not_found");
    })
    .await;
}

#[tokio::test]
async fn a_wrong_key_or_value_is_refused_with_a_sentence() {
    let test = TestApp::start(store::Engine::Sqlite).await;
    for (key, body, refused) in [
        ("/A-B", json!({ "value": "x" }), "400 invalid_secret_key"),
        ("/A", json!({}), "400 invalid_secret_value"),
        ("/A", json!({ "value": "" }), "400 invalid_secret_value"),
        ("/A", json!({ "value": "x".repeat(16 * 1024 + 1) }), "400 invalid_secret_value"),
        ("/A", json!({ "value": "x", "more": 1 }), "400 invalid_body"),
    ] {
        let reply = test.call(Method::PUT, &address(&test, key), &test.api_token, body).await;
        assert_eq!(reply.refused(), refused, "{key}");
    }
}
