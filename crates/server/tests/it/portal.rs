//! The Connect Portal's page, how it looks, and Setup Links to it.

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::app::{HOST_ORIGIN, TestApp, on_each_engine};
use crate::reply::Reply;

impl TestApp {
    async fn opens(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Makes a link; answers what was made and the token in its address.
    async fn links(&self, body: Value) -> (Value, String) {
        let made = self.manager().project_post("/setup-links", body).await.ok();
        let url = made["url"].as_str().expect("an address").to_owned();
        let (page, rest) = url.split_once('#').expect("the token stands in the fragment");
        assert_eq!(page, format!("{}/setup", self.public_url));
        let token = rest.strip_prefix(&format!("{}.", self.project_id)).expect("the project");
        (made, token.to_owned())
    }

    async fn is_let_in(&self, token: &str) -> Reply {
        let path = format!("/projects/{}/sdk/me", self.project_id);
        self.call(Method::GET, &path, token, Value::Null).await
    }
}

#[tokio::test]
async fn the_portal_may_be_framed_by_the_projects_pages_and_by_nobody_else() {
    on_each_engine(async |test: TestApp| {
        let page = test.opens("/ui").await;
        let policy = page.header("content-security-policy").to_owned();
        assert!(policy.ends_with(&format!("frame-ancestors {HOST_ORIGIN}")), "{policy}");
        assert!(policy.contains("default-src 'none'; script-src 'nonce-"), "{policy}");
        let setup = test.opens("/setup").await;
        let policy = setup.header("content-security-policy");
        assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
        for page in [&page, &setup] {
            // The portal opens the sign-in window and hears from it.
            assert!(page.headers.get("cross-origin-opener-policy").is_none());
            assert!(page.headers.get("x-frame-options").is_none());
        }
        let again = test.opens("/ui").await;
        assert_ne!(
            page.header("content-security-policy"),
            again.header("content-security-policy"),
            "a nonce counts once",
        );
    })
    .await;
}

#[tokio::test]
async fn a_portal_is_shown_to_pages_of_its_own_project_alone_as_the_host_wants_it() {
    on_each_engine(async |test: TestApp| {
        let look = json!({ "productName": "Tracker", "accentColor": "#0a7cff", "theme": "dark" });
        let path = test.manager().in_project("/portal");
        test.manager().call(Method::PUT, &path, look).await.ok();
        let ann = test.end_user("ann");
        let shown = ann.get(&format!("/portal?origin={HOST_ORIGIN}")).await.ok();
        assert_eq!(
            (&shown["look"]["productName"], &shown["look"]["theme"]),
            (&json!("Tracker"), &json!("dark"))
        );
        let foreign = ann.get("/portal?origin=https://elsewhere.example").await;
        assert_eq!(foreign.refused(), "400 origin_not_allowed");
        let wrong = test.manager().call(Method::PUT, &path, json!({ "accentColor": "red" })).await;
        assert_eq!(wrong.refused(), "400 invalid_portal");
        let kept = test.manager().project_get("/portal").await.ok();
        assert_eq!(kept["accentColor"], "#0a7cff");
    })
    .await;
}

#[tokio::test]
async fn a_setup_link_stands_for_one_person_until_it_is_revoked() {
    on_each_engine(async |test: TestApp| {
        let (made, token) = test.links(json!({ "userId": "ann" })).await;
        assert_eq!(test.is_let_in(&token).await.ok()["userId"], "ann");
        let listed = test.manager().project_get("/setup-links").await.ok();
        assert_eq!(listed["items"][0]["id"], made["id"]);
        assert!(!listed.to_string().contains(&token), "the token is shown once");

        let guessed = format!("{}x", &token[..token.len() - 1]);
        assert_eq!(test.is_let_in(&guessed).await.refused(), "401 setup_link_ended");
        let other = test.manager().post("/api/v1/projects", json!({ "name": "Other" })).await.ok();
        let elsewhere = format!("/projects/{}/sdk/me", other["id"].as_str().unwrap());
        let reply = test.call(Method::GET, &elsewhere, &token, Value::Null).await;
        assert_eq!(reply.status, 401);

        let path = format!("/setup-links/{}", made["id"].as_str().unwrap());
        assert_eq!(test.manager().project_delete(&path).await.status, 204);
        assert_eq!(test.is_let_in(&token).await.refused(), "401 setup_link_ended");
        assert_eq!(
            test.manager().project_delete(&path).await.refused(),
            "404 setup_link_not_found"
        );
    })
    .await;
}

#[tokio::test]
async fn a_setup_link_ends_when_it_should_and_with_its_person() {
    on_each_engine(async |test: TestApp| {
        let (_, short) = test.links(json!({ "userId": "ann", "lifetimeSeconds": 60 })).await;
        test.after(61);
        assert_eq!(test.is_let_in(&short).await.refused(), "401 setup_link_ended");
        for body in [
            json!({ "userId": "ann", "lifetimeSeconds": 0 }),
            json!({ "userId": "ann", "lifetimeSeconds": 31 * 24 * 3_600 }),
        ] {
            let refused = test.manager().project_post("/setup-links", body).await.refused();
            assert_eq!(refused, "400 invalid_lifetime");
        }
        let nameless = test.manager().project_post("/setup-links", json!({ "userId": " " })).await;
        assert_eq!(nameless.refused(), "400 invalid_user_id");

        let (made, token) = test.links(json!({ "userId": "ann" })).await;
        let path = format!("/connected-users/{}", made["connectedUserId"].as_str().unwrap());
        test.manager().project_patch(&path, json!({ "disabled": true })).await.ok();
        assert_eq!(test.is_let_in(&token).await.refused(), "403 user_disabled");
    })
    .await;
}
