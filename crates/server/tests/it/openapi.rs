//! The OpenAPI document tells the truth.

use std::collections::BTreeSet;

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::Value;
use server::api::openapi::document;
use server::router::{Owner, table};

use crate::app::{TestApp, repository};

#[test]
fn the_checked_in_document_is_fresh() {
    let checked_in = std::fs::read_to_string(repository("docs/openapi.json")).unwrap_or_default();
    assert!(
        checked_in == document(),
        "docs/openapi.json is stale; run: cargo run -p server -- openapi > docs/openapi.json"
    );
}

#[test]
fn the_document_has_exactly_the_paths_of_the_managers_routes() {
    let document: Value = serde_json::from_str(&document()).unwrap();
    let described: BTreeSet<&str> =
        document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let table = table();
    let routed: BTreeSet<&str> = table
        .iter()
        .filter(|route| route.owner == Owner::Manager)
        .map(|route| route.path)
        .collect();
    assert_eq!(described, routed);
}

#[tokio::test]
async fn every_described_method_exists_and_no_other() {
    let test = TestApp::start(store::Engine::Sqlite).await;
    let document: Value = serde_json::from_str(&document()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let request = Request::builder().method(&method).uri(path);
            let reply = test.send(request.body(Body::empty()).unwrap()).await;
            let exists = reply.status != StatusCode::METHOD_NOT_ALLOWED;
            let described = item.get(method.as_str().to_lowercase()).is_some();
            assert_eq!(exists, described, "{method} {path}");
        }
    }
}
