//! What one process changes, another feels within a second.

use std::time::Duration;

use axum::body::Body;
use http::{Method, Request, header};
use serde_json::json;
use server::app::App;
use server::router::router;
use server::worker::changes;
use tower::ServiceExt as _;

use crate::app::{TestApp, on_each_engine};
use crate::reply::Reply;

/// Calls another process's router as the end user.
async fn calls(other: &App, test: &TestApp, token: &str, path: &str) -> Reply {
    let request = Request::builder()
        .method(Method::GET)
        .uri(format!("/projects/{}/sdk{path}", test.project_id))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap();
    Reply::read(router(other.clone()).oneshot(request).await.unwrap()).await
}

const CALL: &str = "/proxy/azuredevops/projects?api-version=5.0";

/// Another process that has everything about Ann in memory.
async fn warm_process(test: &TestApp) -> (App, String) {
    let ann = test.end_user("ann");
    ann.connects().await;
    let other = test.another_process().await;
    calls(&other, test, &ann.token, CALL).await.ok();
    (other, ann.token)
}

/// One turn of the other process's worker, which comes twice a second.
async fn half_a_second_passes(other: &App) {
    assert!(changes::PAUSE * 2 <= Duration::from_secs(1));
    changes::tick(other.clone()).await.unwrap();
}

#[tokio::test]
async fn a_revoked_signing_key() {
    on_each_engine(async |test: TestApp| {
        let (other, token) = warm_process(&test).await;
        let keys = test.manager().project_get("/signing-keys").await.ok();
        let id = keys[0]["id"].as_str().unwrap().to_owned();
        test.manager().project_delete(&format!("/signing-keys/{id}")).await.ok();
        half_a_second_passes(&other).await;
        let refused = calls(&other, &test, &token, "/me").await;
        assert_eq!(refused.status.as_u16(), 401, "{}", refused.text());
    })
    .await;
}

#[tokio::test]
async fn a_disabled_user() {
    on_each_engine(async |test: TestApp| {
        let (other, token) = warm_process(&test).await;
        let listed = test.manager().project_get("/connected-users").await.ok();
        let path = format!("/connected-users/{}", listed["items"][0]["id"].as_str().unwrap());
        test.manager().project_patch(&path, json!({ "disabled": true })).await.ok();
        half_a_second_passes(&other).await;
        assert_eq!(calls(&other, &test, &token, "/me").await.refused(), "403 user_disabled");
    })
    .await;
}

#[tokio::test]
async fn a_disconnected_account() {
    on_each_engine(async |test: TestApp| {
        let (other, token) = warm_process(&test).await;
        let listed = test.manager().project_get("/credentials").await.ok();
        let path = format!("/credentials/{}", listed["items"][0]["id"].as_str().unwrap());
        test.manager().project_delete(&path).await.ok();
        half_a_second_passes(&other).await;
        let refused = calls(&other, &test, &token, CALL).await;
        assert_eq!(refused.refused(), "404 integration_not_enabled");
    })
    .await;
}
