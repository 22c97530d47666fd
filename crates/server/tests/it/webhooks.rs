//! Webhooks that the host developer sets up at a provider.

use aws_lc_rs::hmac;
use axum::body::Body;
use base::ConfigurationId;
use http::{Method, Request};
use serde_json::{Value, json};
use store::configurations;
use store::enablements::{self, ENABLEMENTS_READ_MAX, Enablement};

use crate::app::{PUBLIC_URL, TestApp, on_each_engine};
use crate::reply::Reply;

const SECRET: &str = "what both sides know";

fn workflow(level: &str, proof: Value) -> Value {
    let mut definition = json!({
        "version": 1, "key": "hooked", "name": "Hooked", "integration": "azuredevops",
        "trigger": { "kind": "webhook", "level": level, "proof": proof },
    });
    if level == "app" {
        definition["trigger"]["account_path"] = "team.id".into();
    }
    definition
}

fn hmac_proof() -> Value {
    json!({ "kind": "hmac", "header": "X-Signature", "prefix": "sha256=", "secret": "HOOK" })
}

fn signature(body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let hex = |tag: hmac::Tag| tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let text: String = hex(hmac::sign(&key, body.as_bytes()));
    format!("sha256={text}")
}

impl TestApp {
    /// Deploys the workflow, with its secret set; answers its id and the path of its webhook.
    async fn hooks(&self, definition: Value) -> (String, String) {
        let path = self.manager().in_project("/environment-secrets/HOOK");
        self.manager().call(Method::PUT, &path, json!({ "value": SECRET })).await.ok();
        let id = self.manager().makes_live(definition).await;
        let shown = self.manager().project_get(&format!("/workflows/{id}")).await.ok();
        let url = shown["webhookUrl"].as_str().expect("an address").to_owned();
        (id, url.strip_prefix(PUBLIC_URL).expect("our own").to_owned())
    }

    async fn provider_calls(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut request = Request::post(path).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }
}

#[tokio::test]
async fn a_signed_call_starts_the_workflow_for_the_account_that_its_body_names() {
    on_each_engine(async |test: TestApp| {
        let (id, path) = test.hooks(workflow("app", hmac_proof())).await;
        let ann = test.end_user("ann");
        let credential = ann.connects().await;
        ann.switches_on(&id).await;
        let bob = test.end_user("bob");
        bob.connects().await;
        let account = credential["providerId"].as_str().unwrap();
        let body = json!({ "team": { "id": account }, "said": "hello" }).to_string();
        let signed = signature(&body);
        let headers = [("x-signature", signed.as_str()), ("webhook-id", "call-1")];

        let begun = test.provider_calls(&path, &headers, &body).await;
        assert_eq!(begun.status, 200, "{}", begun.text());
        assert_eq!(begun.json()["executionIds"].as_array().unwrap().len(), 1);
        let again = test.provider_calls(&path, &headers, &body).await;
        assert_eq!(again.json()["executionIds"], json!([]));
        let inputs = test.manager().inputs_of(&id).await;
        assert_eq!(inputs.len(), 1);
        assert_eq!(inputs[0]["body"]["said"], "hello");
        assert_eq!(inputs[0]["headers"].get("x-signature"), None);

        let stranger = json!({ "team": { "id": "nobody we know" } }).to_string();
        let signed = signature(&stranger);
        let begun = test.provider_calls(&path, &[("x-signature", &signed)], &stranger).await;
        assert_eq!((begun.status.as_u16(), begun.json()), (200, json!({ "executionIds": [] })));
    })
    .await;
}

#[tokio::test]
async fn a_call_starts_the_workflow_for_every_configuration_also_beyond_the_first_page() {
    on_each_engine(async |test: TestApp| {
        let token = json!({ "kind": "token", "header": "X-Token", "secret": "HOOK" });
        let (id, path) = test.hooks(workflow("user", token)).await;
        let ann = test.end_user("ann");
        let credential = ann.connects().await;
        ann.switches_on(&id).await;
        let credential_id = credential["id"].as_str().unwrap();
        let mut tx = test.app.store().begin().await.unwrap();
        let (project_id, workflow_id) = (test.project_id, id.parse().unwrap());
        let own = configurations::list(&mut tx, project_id, credential_id.parse().unwrap()).await;
        let own = own.unwrap().remove(0);
        let on = enablements::find(&mut tx, project_id, workflow_id, own.id).await;
        let on = on.unwrap().unwrap();
        for n in 0..ENABLEMENTS_READ_MAX {
            let mut another = own.clone();
            another.id = ConfigurationId::new(test.app.clock(), test.app.random());
            (another.external_id, another.is_default) = (Some(n.to_string()), false);
            configurations::insert(&mut tx, &another).await.unwrap();
            let enablement = Enablement { configuration_id: another.id, ..on.clone() };
            enablements::insert(&mut tx, &enablement).await.unwrap();
        }
        tx.commit().await.unwrap();
        let path = format!("{path}?id={credential_id}");
        let begun = test.provider_calls(&path, &[("x-token", SECRET)], "{}").await.ok();
        let begun = begun["executionIds"].as_array().unwrap();
        assert_eq!(i64::try_from(begun.len()).unwrap(), ENABLEMENTS_READ_MAX + 1);
    })
    .await;
}

#[tokio::test]
async fn calls_whose_name_is_empty_or_too_long_are_calls_without_a_name() {
    on_each_engine(async |test: TestApp| {
        let token = json!({ "kind": "token", "header": "X-Token", "secret": "HOOK" });
        let (id, path) = test.hooks(workflow("user", token)).await;
        let ann = test.end_user("ann");
        let credential = ann.connects().await;
        ann.switches_on(&id).await;
        let own = format!("{path}?id={}", credential["id"].as_str().unwrap());
        let calls = async |name: &str, other: &str| {
            let headers = [("x-token", SECRET), ("webhook-id", name), ("idempotency-key", other)];
            let begun = test.provider_calls(&own, &headers, "{}").await;
            begun.json()["executionIds"].as_array().unwrap().len()
        };
        let long = "x".repeat(257);
        for name in ["", &long] {
            assert_eq!((calls(name, "").await, calls(name, "").await), (1, 1), "{name:?}");
            let other = format!("another name beside {}", name.len());
            assert_eq!((calls(name, &other).await, calls(name, &other).await), (1, 0), "{name:?}");
        }
        assert_eq!((calls("1", "").await, calls("1", "").await), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn a_call_that_proves_nothing_starts_nothing() {
    on_each_engine(async |test: TestApp| {
        let (id, path) = test.hooks(workflow("app", hmac_proof())).await;
        let ann = test.end_user("ann");
        let credential = ann.connects().await;
        ann.switches_on(&id).await;
        let body = json!({ "team": { "id": credential["providerId"] } }).to_string();
        let signed = signature(&body);
        let other = body.replace("team", "taem");
        let unproven = "401 webhook_not_proven";
        for (headers, body) in [
            (vec![], &body),
            (vec![("x-signature", signed.trim_start_matches("sha256="))], &body),
            (vec![("x-signature", "sha256=00")], &body),
            (vec![("x-signature", signed.as_str())], &other),
        ] {
            assert_eq!(test.provider_calls(&path, &headers, body).await.refused(), unproven);
        }
        let nameless = signature("{}");
        let reply = test.provider_calls(&path, &[("x-signature", &nameless)], "{}").await;
        assert_eq!(reply.refused(), "400 account_missing");
        let elsewhere = path.replace(&id, &test.integration_id);
        let reply = test.provider_calls(&elsewhere, &[("x-signature", &signed)], &body).await;
        assert_eq!(reply.refused(), "404 webhook_not_found");
        assert_eq!(test.manager().inputs_of(&id).await, [] as [Value; 0]);
    })
    .await;
}

#[tokio::test]
async fn an_account_has_a_webhook_of_its_own_that_ends_with_it() {
    on_each_engine(async |test: TestApp| {
        let token = json!({ "kind": "token", "header": "X-Token", "secret": "HOOK" });
        let (id, path) = test.hooks(workflow("user", token)).await;
        let ann = test.end_user("ann");
        let credential = ann.connects().await;
        ann.switches_on(&id).await;
        let own = format!("{path}?id={}", credential["id"].as_str().unwrap());
        let begun = test.provider_calls(&own, &[("x-token", SECRET)], r#"{"a":1}"#).await;
        assert_eq!(begun.json()["executionIds"].as_array().unwrap().len(), 1);
        assert_eq!(test.manager().inputs_of(&id).await[0]["body"], json!({ "a": 1 }));
        let reply = test.provider_calls(&own, &[("x-token", "a guess")], "{}").await;
        assert_eq!(reply.refused(), "401 webhook_not_proven");
        let reply = test.provider_calls(&path, &[("x-token", SECRET)], "{}").await;
        assert_eq!(reply.refused(), "400 account_missing");

        let listed = ann.get("/integrations").await.ok();
        assert_eq!(listed[0]["workflows"][0]["customWebhookTriggerId"], json!(id));
        ann.call(Method::DELETE, &format!("/workflows/{id}"), Value::Null).await;
        let begun = test.provider_calls(&own, &[("x-token", SECRET)], "{}").await;
        assert_eq!(begun.json()["executionIds"], json!([]));
    })
    .await;
}
