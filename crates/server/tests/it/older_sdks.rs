//! The vendor's SDKs up to 2.1.1: their pop-up opens at the provider at once.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{HOST_ORIGIN, PUBLIC_URL, TestApp, on_each_engine};
use crate::browser::Browser;

fn popup(test: &TestApp, token: &str, origin: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("action", "azuredevops")
        .append_pair("endUserSuppliedValues", "{}")
        .append_pair("parameters", "{}")
        .append_pair("userToken", token)
        .append_pair("integrationId", &test.integration_id)
        .append_pair("originForPostMessage", origin)
        .append_pair("installOptions", "{}")
        .append_pair("sessionId", "an-old-session")
        .finish();
    format!("/projects/{}/sdk/actions/build-oauth?{query}", test.project_id)
}

#[tokio::test]
async fn a_pop_up_with_the_token_in_its_address_is_sent_to_the_provider_and_comes_back() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let mut browser = Browser::new(&test);
        let reply = browser.opens(&popup(&test, &ann.token, HOST_ORIGIN)).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER);
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert_eq!(reply.header("cache-control"), "no-store");
        let address = reply.header("location").to_owned();
        assert!(!address.contains(&ann.token));
        let page = browser.signs_in(&address, "ann", "accept").await.text();
        assert!(page.contains("oauth_success_callback") && page.contains(HOST_ORIGIN), "{page}");
        let polled = ann.get("/actions/session-id/an-old-session").await.ok();
        assert!(polled["connectCredentialId"].is_string());
        assert_eq!(ann.azure_devops().await["enabled"], true);
    })
    .await;
}

#[tokio::test]
async fn the_pop_up_is_refused_without_a_token_and_for_a_page_of_another_origin() {
    on_each_engine(async |test: TestApp| {
        let mut browser = Browser::new(&test);
        let token = test.end_user("ann").token;
        let foreign = browser.opens(&popup(&test, &token, "https://evil.example")).await;
        assert_eq!(foreign.status, StatusCode::BAD_REQUEST);
        assert!(foreign.text().contains("allowed origins") && !foreign.text().contains(&token));
        let path = format!("/projects/{}/sdk/actions/build-oauth", test.project_id);
        let bare = browser.opens(&path).await;
        assert_eq!(bare.status, StatusCode::BAD_REQUEST);
        assert!(bare.text().contains("userToken") && !bare.text().contains(PUBLIC_URL));
        let forged = browser.opens(&popup(&test, "a.b.c", HOST_ORIGIN)).await;
        assert_eq!(forged.status, StatusCode::UNAUTHORIZED);
    })
    .await;
}

#[tokio::test]
async fn the_project_is_told_by_itself() {
    on_each_engine(async |test: TestApp| {
        let path = format!("/sdk/projects/{}", test.project_id);
        let token = test.end_user("ann").token;
        let project = test.call(Method::GET, &path, &token, Value::Null).await.ok();
        assert_eq!(project["id"], json!(test.project_id));
        assert!(project["accessibleFeatures"].as_array().unwrap().contains(&json!("headless-cp")));
    })
    .await;
}
