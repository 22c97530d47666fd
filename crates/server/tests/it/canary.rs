//! Invariant: the plaintext of a secret leaves `connect` for the provider alone.

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use crate::app::{TestApp, on_each_engine};
use crate::browser::Browser;

/// Everything that is logged, at the finest level.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_secret_shows_in_any_log_answer_or_row() {
    let captured = Captured::default();
    let log = tracing_subscriber::fmt()
        .with_writer(captured.clone())
        .with_max_level(tracing::Level::TRACE)
        .finish();
    let _guard = tracing::subscriber::set_default(log);
    on_each_engine(async |test: TestApp| {
        let mut seen = String::new();
        let mut canaries = vec!["canary-client-secret".to_owned()];
        canaries.extend(all_of_a_life(&test, &mut seen).await);
        seen.push_str(&String::from_utf8_lossy(&captured.0.lock().unwrap()));
        if let Some(path) = test.database().path() {
            test.app.store().close().await;
            seen.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
        }
        assert!(seen.len() > 10_000, "something was captured");
        for canary in canaries {
            assert!(!seen.contains(&canary), "{canary} shows");
        }
    })
    .await;
}

/// Uses every kind of secret once; answers what must not be seen, and gathers every answer.
async fn all_of_a_life(test: &TestApp, seen: &mut String) -> Vec<String> {
    let directory = &test.sandbox.world().directory;
    let pat = directory.person("ben").unwrap().pat("acme").unwrap().to_owned();
    let body = json!({ "clientId": "my-app", "clientSecret": "canary-client-secret" });
    seen.push_str(&test.manager().changes_integration(body).await.to_string());
    seen.push_str(&test.manager().changes_integration(json!({ "clientId": "" })).await.to_string());

    let ann = test.end_user("ann");
    let mut browser = Browser::new(test);
    let address = ann.begins_to_connect(&mut browser, json!({})).await;
    let path = browser.is_sent_back(&address, "ann", "accept").await;
    let code = path.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    seen.push_str(&browser.opens(&path).await.text());
    test.end_user("ben").types_token("acme", &pat).await.ok();
    test.end_user("ben").types_token("acme", "canary-wrong-token").await;
    test.after(90 * 60);
    let ann = test.end_user("ann");
    for path in ["/me", "/credentials", "/integrations", "/actions/session-id/a-session"] {
        seen.push_str(&ann.get(path).await.text());
        seen.push_str(&test.end_user("ben").get(path).await.text());
    }
    seen.push_str(&ann.proxies("/projects?api-version=5.0").await.text());
    seen.push_str(&test.manager().project_get("/credentials").await.text());
    let wrong = Request::get("/").header("x-paragon-proxy-url", "https://evil.example");
    seen.push_str(&ann.proxies_with(wrong.body(Body::empty()).unwrap()).await.text());
    let path = format!("/integrations/{}", test.integration_id);
    seen.push_str(&ann.call(Method::DELETE, &path, Value::Null).await.text());

    let mut canaries = vec![pat, code, "canary-wrong-token".to_owned()];
    canaries.push(sandbox::DEVELOPMENT_CLIENT_SECRET.to_owned());
    canaries.push(ann.token);
    canaries.extend(test.sandbox.world().entra.read().refresh_tokens().map(str::to_owned));
    // How every JWT begins: access tokens, identity tokens and user tokens.
    canaries.push("eyJ".to_owned());
    canaries
}
