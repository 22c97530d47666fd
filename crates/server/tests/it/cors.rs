//! Which pages may call.

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use serde_json::json;

use crate::app::{HOST_ORIGIN, TestApp, on_each_engine};
use crate::reply::Reply;

async fn preflight(test: &TestApp, path: &str, origin: &str) -> Reply {
    let request = Request::builder()
        .method(Method::OPTIONS)
        .uri(format!("/projects/{}/sdk{path}", test.project_id))
        .header(header::ORIGIN, origin)
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "PATCH")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,x-anything");
    test.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_preflight_from_an_allowed_page_is_answered_with_the_headers_it_asks_for() {
    on_each_engine(async |test: TestApp| {
        for path in ["/me", "/proxy/azuredevops/projects"] {
            let reply = preflight(&test, path, HOST_ORIGIN).await;
            assert_eq!(reply.status, StatusCode::NO_CONTENT);
            assert_eq!(reply.header("access-control-allow-origin"), HOST_ORIGIN);
            assert_eq!(reply.header("access-control-allow-headers"), "authorization,x-anything");
            assert!(reply.header("access-control-allow-methods").contains("PATCH"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_of_another_origin_gets_no_permission() {
    on_each_engine(async |test: TestApp| {
        for origin in ["https://evil.example", "null", "http://127.0.0.1:8081.evil.example"] {
            let reply = preflight(&test, "/me", origin).await;
            assert_eq!(reply.header("access-control-allow-origin"), "", "{origin}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_refusal_can_be_read_by_the_page_that_caused_it() {
    on_each_engine(async |test: TestApp| {
        let request = Request::get(format!("/projects/{}/sdk/me", test.project_id))
            .header(header::ORIGIN, HOST_ORIGIN);
        let reply = test.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.refused(), "401 token_missing");
        assert_eq!(reply.header("access-control-allow-origin"), HOST_ORIGIN);
    })
    .await;
}

#[tokio::test]
async fn an_options_request_that_is_no_preflight_belongs_to_the_route() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        ann.connects().await;
        let request = Request::builder().method(Method::OPTIONS).uri("/_apis");
        let reply = ann.proxies_with(request.body(Body::empty()).unwrap()).await;
        assert!(reply.ok()["value"].as_array().is_some_and(|list| !list.is_empty()));
    })
    .await;
}

#[tokio::test]
async fn a_new_origin_counts_at_once() {
    on_each_engine(async |test: TestApp| {
        let origin = "https://app.example.com";
        let path = test.manager().in_project("");
        let body = json!({ "allowedOrigins": [origin] });
        test.manager().call(Method::PATCH, &path, body).await.ok();
        let reply = preflight(&test, "/me", origin).await;
        assert_eq!(reply.header("access-control-allow-origin"), origin);
        let reply = preflight(&test, "/me", HOST_ORIGIN).await;
        assert_eq!(reply.header("access-control-allow-origin"), "");
    })
    .await;
}
