//! Connecting accounts, from the pop-up to the credential.

use std::future::{Future as _, poll_fn};
use std::task::Poll;

use base::id::{Credential, Identified as _};
use http::{Method, StatusCode};
use serde_json::json;

use crate::app::{HOST_ORIGIN, TestApp, on_each_engine};
use crate::browser::Browser;

#[tokio::test]
async fn one_organization_is_taken_without_asking() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let credential = ann.connects().await;
        assert_eq!(credential["status"], "VALID");
        assert_eq!(credential["providerData"]["organization"], "acme");
        let configurations = credential["configurations"].as_array().unwrap();
        assert_eq!((configurations.len(), &configurations[0]["isDefault"]), (1, &json!(true)));
        let state = ann.azure_devops().await;
        assert_eq!((&state["enabled"], &state["credentialId"]), (&json!(true), &credential["id"]));
        assert!(Credential::RANDOM && is_credential_id_of_the_vendor(&credential["id"]));
    })
    .await;
}

/// The vendor's SDK takes only UUIDs of versions 1 to 5 for credential ids.
fn is_credential_id_of_the_vendor(id: &serde_json::Value) -> bool {
    let id = id.as_str().unwrap().as_bytes();
    (b'1'..=b'5').contains(&id[14]) && b"89ab".contains(&id[19])
}

#[tokio::test]
async fn the_handle_of_a_pop_up_answers_the_same_credential_again() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let page = ann.signs_in_as("ann", json!({})).await.text();
        assert!(page.contains("oauth_success_callback") && page.contains(HOST_ORIGIN));
        let handle = page.split("\"handle\":\"").nth(1).unwrap().split('"').next().unwrap();
        let first = ann.redeems(handle).await.ok();
        assert_eq!(ann.redeems(handle).await.ok()["id"], first["id"]);
        let polled = ann.get("/actions/session-id/a-session").await.ok();
        assert_eq!(polled["connectCredentialId"], first["id"]);
        assert_eq!(test.end_user("ben").redeems(handle).await.refused(), "400 unknown_handle");
        let other = test.end_user("ben").get("/actions/session-id/a-session").await.ok();
        assert_eq!(other, json!({}));
        ann.call(Method::DELETE, "/actions/session-id/a-session", json!(null)).await.ok();
        assert_eq!(ann.get("/actions/session-id/a-session").await.ok(), json!({}));
    })
    .await;
}

#[tokio::test]
async fn several_organizations_are_offered_and_none_can_be_typed() {
    on_each_engine(async |test: TestApp| {
        let ben = test.end_user("ben");
        let mut browser = Browser::new(&test);
        let address = ben.begins_to_connect(&mut browser, json!({})).await;
        let page = browser.signs_in(&address, "ben", "accept").await.text();
        assert!(page.contains("value=\"acme\"") && page.contains("value=\"globex\""), "{page}");
        let attempt = attempt_of(&page);
        let form = [("attempt", attempt.as_str()), ("account", "globex")];
        let done = browser.submits("/oauth/account", &form).await.text();
        assert!(done.contains("oauth_success_callback"), "{done}");
        assert_eq!(ben.azure_devops().await["providerData"]["organization"], "globex");

        let gus = test.end_user("gus");
        let mut browser = Browser::new(&test);
        let address = gus.begins_to_connect(&mut browser, json!({})).await;
        let page = browser.signs_in(&address, "gus", "accept").await.text();
        let attempt = attempt_of(&page);
        let wrong = [("attempt", attempt.as_str()), ("account", "nowhere")];
        let again = browser.submits("/oauth/account", &wrong).await.text();
        assert!(again.contains("role=\"alert\""), "{again}");
        assert_eq!(gus.azure_devops().await["enabled"], false);
        let attempt = attempt_of(&again);
        let form = [("attempt", attempt.as_str()), ("account", "globex")];
        let done = browser.submits("/oauth/account", &form).await.text();
        assert!(done.contains("oauth_success_callback"), "{done}");
        assert_eq!(gus.azure_devops().await["providerData"]["organization"], "globex");
    })
    .await;
}

fn attempt_of(page: &str) -> String {
    let value = page.split("name=\"attempt\" value=\"").nth(1).unwrap_or_else(|| panic!("{page}"));
    value.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_refused_consent_is_told_to_the_page_and_to_whoever_polls() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let mut browser = Browser::new(&test);
        let address = ann.begins_to_connect(&mut browser, json!({})).await;
        let page = browser.signs_in(&address, "ann", "cancel").await.text();
        assert!(page.contains("oauth_error_callback"), "{page}");
        let polled = ann.get("/actions/session-id/a-session").await.ok();
        assert_eq!(polled["error"]["code"], "consent_denied", "{polled}");
        assert_eq!(ann.azure_devops().await["enabled"], false);
    })
    .await;
}

#[tokio::test]
async fn an_attempt_that_took_too_long_says_so() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let mut browser = Browser::new(&test);
        let address = ann.begins_to_connect(&mut browser, json!({})).await;
        let path = browser.is_sent_back(&address, "ann", "accept").await;
        test.after(601);
        let page = browser.opens(&path).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.text().contains("too long"), "{}", page.text());
        assert_eq!(ann.azure_devops().await["enabled"], false);
    })
    .await;
}

#[tokio::test]
async fn a_callback_counts_once_and_in_its_own_browser_with_its_own_state() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let mut browser = Browser::new(&test);
        let address = ann.begins_to_connect(&mut browser, json!({})).await;
        let path = browser.is_sent_back(&address, "ann", "accept").await;

        let stranger = Browser::new(&test).opens(&path).await.text();
        assert!(!stranger.contains("oauth_success_callback"), "{stranger}");
        let tampered = path.replace("state=", "state=x");
        let tampered = browser.opens(&tampered).await.text();
        assert!(!tampered.contains("oauth_success_callback"), "{tampered}");
        let mut other = Browser::new(&test);
        test.end_user("ben").begins_to_connect(&mut other, json!({})).await;
        let crossed = other.opens(&path).await.text();
        assert!(!crossed.contains("oauth_success_callback"), "{crossed}");
        assert_eq!(ann.azure_devops().await["enabled"], false);

        let page = browser.opens(&path).await.text();
        assert!(page.contains("oauth_success_callback"), "{page}");
        let replayed = browser.opens(&path).await.text();
        assert!(!replayed.contains("oauth_success_callback"), "{replayed}");
    })
    .await;
}

#[tokio::test]
async fn an_administrators_consent_is_asked_for_by_link_and_then_works() {
    on_each_engine(async |test: TestApp| {
        let tess = test.end_user("tess");
        let mut browser = Browser::new(&test);
        let address = tess.begins_to_connect(&mut browser, json!({})).await;
        let page = browser.signs_in(&address, "tess", "cancel").await.text();
        assert!(page.contains("adminconsent"), "{page}");
        let polled = tess.get("/actions/session-id/a-session").await.ok();
        assert_eq!(polled["error"]["code"], "admin_consent_required", "{polled}");
    })
    .await;
}

#[tokio::test]
async fn signing_in_again_renews_the_account_and_keeps_its_id() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let first = ann.connects().await;
        test.after(60);
        let again = ann.connects().await;
        assert_eq!(again["id"], first["id"]);
        assert_ne!(again["dateRefreshed"], first["dateRefreshed"]);
        let several = json!({ "allowMultipleCredentials": true, "externalId": "second" });
        ann.signs_in_as("ann", several).await;
        let listed = ann.get("/credentials").await.ok();
        assert_eq!(listed.as_array().unwrap().len(), 2);
        assert_eq!(listed[1]["externalId"], "second");
    })
    .await;
}

#[tokio::test]
async fn a_personal_access_token_is_checked_before_it_is_kept() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let pat = test.sandbox.world().directory.person("ann").unwrap().pat("acme").unwrap();
        let wrong = ann.types_token("acme", "not-a-token").await;
        assert!(wrong.status.is_client_error(), "{}", wrong.text());
        assert_eq!(ann.azure_devops().await["enabled"], false);
        let credential = ann.types_token("acme", pat).await.ok();
        assert_eq!(credential["accountType"], "pat");
        assert!(!credential.to_string().contains(pat));
        let projects = ann.proxies("/projects?api-version=5.0").await.ok();
        assert!(projects["count"].as_u64().unwrap() > 0);
    })
    .await;
}

#[tokio::test]
async fn disconnecting_deletes_the_account_and_says_what_the_provider_did() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        ann.connects().await;
        let path = format!("/integrations/{}", test.integration_id);
        let done = ann.call(Method::DELETE, &path, json!(null)).await.ok();
        assert_eq!(done["revokedAtProvider"], false);
        assert!(done["message"].as_str().is_some_and(|text| text.ends_with('.')));
        assert_eq!(ann.azure_devops().await["allCredentials"], json!([]));
        let again = ann.call(Method::DELETE, &path, json!(null)).await;
        assert_eq!(
            again.refusal(),
            "404 integration_not_enabled: Integration not enabled for user."
        );
    })
    .await;
}

#[tokio::test]
async fn a_pop_up_for_a_foreign_page_or_an_inactive_integration_is_refused() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let path = format!(
            "/projects/{}/sdk/actions/oauth-nonce?integrationId={}\
             &originForPostMessage=https://evil.example&userToken={}",
            test.project_id, test.integration_id, ann.token
        );
        let mut browser = Browser::new(&test);
        let page = browser.opens(&path).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(!page.text().contains("postMessage") && page.header("set-cookie").is_empty());
        test.manager().changes_integration(json!({ "isActive": false })).await;
        let refused = ann.builds_oauth("x", json!({})).await;
        assert_eq!(refused.refused(), "400 integration_inactive");
    })
    .await;
}

#[tokio::test]
async fn a_ticket_opens_the_pop_up_once_in_place_of_the_user_token() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let path = format!("/v2/projects/{}/sdk/actions/oauth-nonce", test.project_id);
        let body = json!({
            "integrationId": test.integration_id,
            "originForPostMessage": HOST_ORIGIN,
        });
        let ticket = test.call(Method::POST, &path, &ann.token, body).await.ok();
        let ticket = ticket["ticket"].as_str().unwrap();
        let page = format!("/projects/{}/sdk/actions/oauth-nonce?ticket={ticket}", test.project_id);
        let mut browser = Browser::new(&test);
        assert!(browser.opens(&page).await.text().contains("oauth-nonce-loaded"));
        let again = Browser::new(&test).opens(&page).await;
        assert_eq!(again.status, StatusCode::BAD_REQUEST);
    })
    .await;
}

#[tokio::test]
async fn an_account_is_connected_even_when_the_window_closes_during_the_exchange() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let mut browser = Browser::new(&test);
        let address = ann.begins_to_connect(&mut browser, json!({})).await;
        let path = browser.is_sent_back(&address, "ann", "accept").await;
        test.sandbox.world().requests.take();
        {
            let mut closed = Box::pin(browser.opens(&path));
            let exchanged = || {
                let seen = test.sandbox.world().requests.list();
                seen.iter().any(|request| request.target.contains("/token"))
            };
            while !exchanged() {
                let once = poll_fn(|context| Poll::Ready(closed.as_mut().poll(context))).await;
                assert!(once.is_pending(), "the answer came before the exchange");
                tokio::task::yield_now().await;
            }
        }
        while ann.azure_devops().await["enabled"] == false {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
