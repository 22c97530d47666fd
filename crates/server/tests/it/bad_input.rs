//! Bad input gets a status, a code and a sentence, and changes nothing.

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::app::{TestApp, on_each_engine};
use crate::reply::Reply;

async fn raw(test: &TestApp, method: Method, path: &str, body: &str) -> Reply {
    let ann = test.end_user("ann");
    let request = Request::builder()
        .method(method)
        .uri(format!("/projects/{}/sdk{path}", test.project_id))
        .header(header::AUTHORIZATION, format!("Bearer {}", ann.token));
    test.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn bodies_that_are_no_json_of_the_right_form_are_refused() {
    on_each_engine(async |test: TestApp| {
        let cases = [
            ("{", "400 malformed_json"),
            ("[]", "400 invalid_body"),
            ("{\"integrationId\": 7}", "400 invalid_body"),
            ("{\"integrationId\": \"x\"}", "400 invalid_id"),
            ("{\"integrationId\": \"a\\u0000b\"}", "400 nul_character"),
        ];
        for (body, expected) in cases {
            let reply = raw(&test, Method::POST, "/credentials", body).await;
            assert_eq!(reply.refused(), expected, "{body}");
        }
        let huge = format!("{{\"meta\": \"{}\"}}", "x".repeat(1_048_576));
        let reply = raw(&test, Method::PATCH, "/me", &huge).await;
        assert_eq!(
            reply.refusal(),
            "413 body_too_large: The request body is larger than 1048576 bytes, or broke off."
        );
    })
    .await;
}

#[tokio::test]
async fn an_over_long_url_and_oversized_headers_are_refused_with_our_own_sentence() {
    on_each_engine(async |test: TestApp| {
        let long = format!("/{}", "x".repeat(16_384));
        let reply = test.send(Request::get(long).body(Body::empty()).unwrap()).await;
        assert_eq!(
            reply.refusal(),
            "414 url_too_long: The request's URL has 16385 bytes; at most 16384 are accepted."
        );
        let request = Request::get("/healthz").header("x-large", "x".repeat(65_536));
        let reply = test.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.refused(), "431 headers_too_large");
    })
    .await;
}

#[tokio::test]
async fn unknown_places_and_methods_are_named() {
    on_each_engine(async |test: TestApp| {
        let nowhere = test.send(Request::get("/nowhere").body(Body::empty()).unwrap()).await;
        assert_eq!(
            nowhere.refusal(),
            "404 route_not_found: There is nothing at /nowhere: check the path."
        );
        let method = test.send(Request::put("/healthz").body(Body::empty()).unwrap()).await;
        assert_eq!(method.refusal(), "405 method_not_allowed: /healthz does not take this method.");
        let id = "00000000-0000-7000-8000-000000000000";
        let token = test.end_user("ann").token;
        for (project, code) in [(id, "404 project_not_found"), ("x", "404 project_not_found")] {
            let path = format!("/projects/{project}/sdk/me");
            let reply = test.call(Method::GET, &path, &token, Value::Null).await;
            assert_eq!(reply.refused(), code);
        }
        let reply = test.end_user("ann").get("/credentials/x").await;
        assert_eq!(reply.refusal(), "400 invalid_id: \"x\" is not the id of a credential.");
    })
    .await;
}

#[tokio::test]
async fn wrong_kinds_of_authorization_are_refused() {
    on_each_engine(async |test: TestApp| {
        let path = format!("/projects/{}/sdk/me", test.project_id);
        let cases = [
            ("", "401 token_malformed"),
            ("Bearer", "401 token_malformed"),
            ("Digest x", "401 token_malformed"),
            ("Basic !", "401 token_malformed"),
            ("Bearer x.y.z", "401 token_malformed"),
        ];
        for (value, expected) in cases {
            let request = Request::get(&path).header(header::AUTHORIZATION, value);
            let reply = test.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(reply.refused(), expected, "{value:?}");
        }
        let long = format!("Bearer {}", "x".repeat(9_000));
        let request = Request::get(&path).header(header::AUTHORIZATION, long);
        let reply = test.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.refused(), "401 token_too_long");
    })
    .await;
}

#[tokio::test]
async fn an_inactive_integration_serves_no_call() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        ann.connects().await;
        test.manager().changes_integration(json!({ "isActive": false })).await;
        let reply = ann.proxies("/projects?api-version=5.0").await;
        assert_eq!(
            reply.refusal(),
            "400 integration_inactive: The integration \"azuredevops\" is switched off in this \
             project: its developer can switch it on."
        );
    })
    .await;
}

#[tokio::test]
async fn a_broken_callback_shows_a_page_and_not_an_error_of_ours() {
    on_each_engine(async |test: TestApp| {
        for query in ["", "?state=x", "?code=x&state=%00", "?error=access_denied", "?code=x"] {
            let request = Request::get(format!("/oauth{query}")).body(Body::empty()).unwrap();
            let reply = test.send(request).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{query} {}", reply.text());
            assert!(reply.header("content-type").starts_with("text/html"), "{query}");
            assert_eq!(reply.header("referrer-policy"), "no-referrer");
        }
    })
    .await;
}
