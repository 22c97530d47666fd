//! Telling host developers what happens, at addresses of theirs.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use serde_json::{Value, json};
use server::worker::deliveries;
use store::testing::engines;

use crate::app::{TestApp, allow_loopback};
use crate::receiver::Receiver;

/// Runs a test's body on each engine, with a receiver that deliveries may reach.
async fn on_each_engine(body: impl AsyncFn(TestApp, Receiver)) {
    for engine in engines() {
        let receiver = Receiver::start().await;
        body(TestApp::start_with(engine, allow_loopback).await, receiver).await;
    }
}

async fn adds(test: &TestApp, receiver: &Receiver, more: Value) -> Value {
    let mut body = json!({ "name": "Ours", "url": receiver.url });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    test.manager().project_post("/event-destinations", body).await.ok()
}

async fn delivers(test: &TestApp) {
    deliveries::tick(test.app.clone()).await.unwrap();
}

fn signature(secret: &Value, headers: &HeaderMap, body: &str) -> String {
    let secret = secret.as_str().unwrap().strip_prefix("whsec_").unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(secret).unwrap());
    let text = |name: &str| headers[name].to_str().unwrap();
    let signed = format!("{}.{}.{body}", text("webhook-id"), text("webhook-timestamp"));
    format!("v1,{}", STANDARD.encode(hmac::sign(&key, signed.as_bytes())))
}

#[tokio::test]
async fn a_failed_execution_is_told_signed_and_in_the_vendors_form() {
    on_each_engine(async |test: TestApp, receiver: Receiver| {
        let headers = json!({ "headers": { "Authorization": "Bearer canary" } });
        let made = adds(&test, &receiver, headers).await;
        assert_eq!(made["headerNames"], json!(["Authorization"]));
        let failure = test.deploys_failure().await;
        let id = test.runs(failure, json!({})).await;
        delivers(&test).await;
        let heard = receiver.heard();
        assert_eq!(heard.len(), 1);
        let (headers, body) = &heard[0];
        assert_eq!(headers["webhook-signature"], signature(&made["secret"], headers, body));
        assert_eq!(headers["authorization"], "Bearer canary");
        assert_eq!(headers["content-type"], "application/json");
        let told: Value = serde_json::from_str(body).unwrap();
        assert_eq!(told["id"], headers["webhook-id"].to_str().unwrap());
        assert_eq!(
            (&told["type"], &told["eventType"]),
            (&json!("workflow_failure"), &json!("workflow.failed"))
        );
        assert_eq!(told["timestampISO"], "2026-09-21T14:13:20.000Z");
        assert_eq!(told["timestamp"], 1_790_000_000_000_i64);
        assert_eq!(told["project"], json!({ "id": test.project_id, "name": "Tests" }));
        let workflow = json!({ "id": failure.workflow_id, "key": "failure", "name": "Failure" });
        assert_eq!(told["workflow"], workflow);
        assert_eq!(told["data"]["workflowExecution"]["id"], json!(id));
        assert_eq!(told["data"]["step"], "wait");
        assert_eq!(told["data"]["error"]["code"], "invalid_delay");

        let events = test.manager().project_get("/events?type=workflow.failed").await.ok();
        assert_eq!(events["items"][0]["payload"]["executionId"], json!(id));
        let shown = test.manager().project_get("/event-destinations").await;
        assert!(!shown.text().contains("canary") && !shown.text().contains("whsec_"));
        delivers(&test).await;
        assert!(receiver.heard().is_empty(), "an event is told once");
    })
    .await;
}

#[tokio::test]
async fn tests_of_workflows_and_executions_that_end_well_are_not_told() {
    on_each_engine(async |test: TestApp, receiver: Receiver| {
        adds(&test, &receiver, json!({})).await;
        let failure = test.deploys_failure().await;
        let mut start = test.starts(failure, json!({}));
        start.is_test = true;
        test.app.runner().begin(start).await.unwrap();
        let patience = test.deploys_patience().await;
        test.runs(patience, json!({ "minutes": 0 })).await;
        delivers(&test).await;
        assert!(receiver.heard().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_destination_hears_of_the_types_it_asks_for_in_its_own_words() {
    on_each_engine(async |test: TestApp, receiver: Receiver| {
        let asked = json!({
            "types": ["credential.connected"],
            "template": { "text": "{{ trigger.project.name }}: {{ trigger.message }}",
                "account": "{{ trigger.data.accountType }}" },
        });
        let made = adds(&test, &receiver, asked).await;
        let failure = test.deploys_failure().await;
        test.runs(failure, json!({})).await;
        test.end_user("ann").connects().await;
        delivers(&test).await;
        let told = receiver.told();
        assert_eq!(
            told,
            json!({ "text": "Tests: An account was connected.", "account": "default" })
        );
        let path = format!("/event-destinations/{}", made["id"].as_str().unwrap());
        let change = json!({ "template": null, "types": ["credential.removed"], "name": "New" });
        let changed = test.manager().project_patch(&path, change).await.ok();
        assert_eq!(
            (&changed["template"], &changed["types"], &changed["name"]),
            (&Value::Null, &json!(["credential.removed"]), &json!("New"))
        );
        test.manager().project_delete(&path).await.ok();
        let gone = test.manager().project_get(&path).await;
        assert_eq!(gone.refused(), "404 event_destination_not_found");
    })
    .await;
}

#[tokio::test]
async fn what_does_not_arrive_is_tried_again_and_every_attempt_is_shown() {
    on_each_engine(async |test: TestApp, receiver: Receiver| {
        let made = adds(&test, &receiver, json!({})).await;
        let path = format!("/event-destinations/{}", made["id"].as_str().unwrap());
        receiver.answers(500, "down");
        let failure = test.deploys_failure().await;
        test.runs(failure, json!({})).await;
        delivers(&test).await;
        test.after(6);
        receiver.answers(200, "thanks");
        delivers(&test).await;
        let heard = receiver.heard();
        assert_eq!(heard.len(), 2);
        assert_eq!(heard[0].0["webhook-id"], heard[1].0["webhook-id"]);
        assert_ne!(heard[0].0["webhook-signature"], heard[1].0["webhook-signature"]);
        let listed = test.manager().project_get(&format!("{path}/deliveries")).await.ok();
        let event = listed["items"][0]["eventId"].as_str().unwrap();
        let one = format!("{path}/deliveries/{event}");
        let detail = test.manager().project_get(&one).await.ok();
        assert_eq!((&detail["status"], &detail["attempts"]), (&json!("delivered"), &json!(2)));
        let attempts: Vec<_> = detail["attemptsMade"]
            .as_array()
            .unwrap()
            .iter()
            .map(|attempt| (attempt["status"].clone(), attempt["excerpt"].clone()))
            .collect();
        assert_eq!(attempts, [(json!(500), json!("down")), (json!(200), json!("thanks"))]);
        let none = test.manager().project_get(&format!("{path}/deliveries?status=failed")).await;
        assert_eq!(none.ok()["items"], json!([]));

        test.manager().project_post(&format!("{one}/retry"), json!({})).await.ok();
        delivers(&test).await;
        assert_eq!(receiver.heard().len(), 1);
        assert_eq!(test.manager().project_get(&one).await.ok()["attempts"], 3);
    })
    .await;
}

#[tokio::test]
async fn a_destination_that_never_answers_is_switched_off_and_the_others_are_told() {
    on_each_engine(async |test: TestApp, receiver: Receiver| {
        let dead = json!({ "url": "http://127.0.0.1:9/", "types": ["workflow.failed"] });
        let dead = adds(&test, &receiver, dead).await;
        adds(&test, &receiver, json!({ "types": ["destination.disabled"] })).await;
        let failure = test.deploys_failure().await;
        test.runs(failure, json!({})).await;
        // All attempts end within these 118 hours.
        for _ in 0..236 {
            delivers(&test).await;
            test.clock.advance(Duration::from_secs(1_800));
        }
        let path = format!("/event-destinations/{}", dead["id"].as_str().unwrap());
        let shown = test.manager().project_get(&path).await.ok();
        assert_eq!(shown["active"], true, "one event alone is given up before the destination is");
        test.after(3 * 3_600);
        test.runs(failure, json!({})).await;
        delivers(&test).await;
        let shown = test.manager().project_get(&path).await.ok();
        assert_eq!(shown["active"], false);
        assert_eq!(shown["disabledReason"], "For 5 days, no delivery to it arrived.");
        delivers(&test).await;
        assert_eq!(receiver.told()["type"], "destination.disabled");
        let failed = test.manager().project_get(&format!("{path}/deliveries?status=failed")).await;
        assert_eq!(failed.ok()["items"].as_array().unwrap().len(), 2);

        let on = test.manager().project_patch(&path, json!({ "active": true })).await.ok();
        assert_eq!((&on["disabledReason"], &on["failingSince"]), (&Value::Null, &Value::Null));
    })
    .await;
}

#[tokio::test]
async fn deliveries_and_changes_go_on_after_the_data_key_was_replaced() {
    on_each_engine(async |test: TestApp, receiver: Receiver| {
        let headers = json!({ "headers": { "X-Key": "canary-value" }, "types": [] });
        let made = adds(&test, &receiver, headers).await;
        let path = format!("/event-destinations/{}", made["id"].as_str().unwrap());
        let process = test.another_process().await;
        process.connect().rotate_data_key(test.project_id).await.unwrap();
        // This process has not heard of it yet.
        test.manager().project_patch(&path, json!({ "name": "Renamed" })).await.ok();
        let tested = test.manager().project_post(&format!("{path}/test"), json!({})).await.ok();
        assert_eq!(tested["status"], "delivered");
        let heard = receiver.heard();
        assert_eq!(heard[0].0["x-key"], "canary-value");
        assert_eq!(
            heard[0].0["webhook-signature"],
            signature(&made["secret"], &heard[0].0, &heard[0].1)
        );
        let renewed = test.manager().project_post(&format!("{path}/secret"), json!({})).await;
        assert_eq!(renewed.status, 200);
    })
    .await;
}

#[tokio::test]
async fn what_a_far_side_sends_back_tells_no_header_however_it_is_cut_and_written() {
    on_each_engine(async |test: TestApp, receiver: Receiver| {
        let secret = format!("Bearer {}\"", "s3cret/".repeat(300));
        let headers = json!({ "headers": { "Authorization": secret }, "types": [] });
        let made = adds(&test, &receiver, headers).await;
        let path = format!("/event-destinations/{}/test", made["id"].as_str().unwrap());
        let written = serde_json::to_string(&secret).unwrap();
        receiver.answers(200, String::leak(format!("{}{written}", "x".repeat(500))));
        let tested = test.manager().project_post(&path, json!({})).await.ok();
        let excerpt = tested["attemptsMade"][0]["excerpt"].as_str().unwrap();
        assert!(!excerpt.contains("s3cret"), "{excerpt}");
        assert!(excerpt.contains("[the header Authorization]"), "{excerpt}");
    })
    .await;
}

#[tokio::test]
async fn a_test_is_delivered_at_once_and_a_secret_is_replaced_with_an_overlap() {
    on_each_engine(async |test: TestApp, receiver: Receiver| {
        let headers = json!({ "headers": { "X-Key": "canary-value" }, "types": [] });
        let made = adds(&test, &receiver, headers).await;
        let path = format!("/event-destinations/{}", made["id"].as_str().unwrap());
        receiver.answers(200, "you sent canary-value");
        let tested = test.manager().project_post(&format!("{path}/test"), json!({})).await.ok();
        assert_eq!(tested["status"], "delivered");
        assert_eq!(tested["attemptsMade"][0]["excerpt"], "you sent [the header X-Key]");
        assert_eq!(receiver.told()["type"], "destination.test");

        let renewed = test.manager().project_post(&format!("{path}/secret"), json!({})).await.ok();
        let signs = async || {
            test.manager().project_post(&format!("{path}/test"), json!({})).await.ok();
            let (headers, body) = receiver.heard().remove(0);
            let sent = headers["webhook-signature"].to_str().unwrap().to_owned();
            let by = |secret: &Value| {
                sent.split(' ').any(|one| one == signature(secret, &headers, &body))
            };
            (by(&made["secret"]), by(&renewed["secret"]))
        };
        assert_eq!(signs().await, (true, true));
        test.after(24 * 3_600);
        assert_eq!(signs().await, (false, true));

        receiver.answers(410, "gone");
        let refused = test.manager().project_post(&format!("{path}/test"), json!({})).await.ok();
        assert_eq!((&refused["status"], &refused["dueAt"]), (&json!("failed"), &Value::Null));
        let shown = test.manager().project_get(&path).await.ok();
        assert_eq!(shown["active"], true, "a test switches nothing off");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_a_destination_is_refused() {
    on_each_engine(async |test: TestApp, receiver: Receiver| {
        for (body, refused) in [
            (json!({ "name": "", "url": receiver.url }), "400 invalid_name"),
            (json!({ "name": "A", "url": "example.com" }), "400 invalid_address"),
            (json!({ "name": "A", "url": receiver.url, "types": ["x"] }), "400 unknown_event_type"),
            (
                json!({ "name": "A", "url": receiver.url, "headers": { "Host": "x" } }),
                "400 invalid_header",
            ),
            (
                json!({ "name": "A", "url": receiver.url, "template": "{{ secrets.a }}" }),
                "400 invalid_definition",
            ),
            (json!({ "name": "A", "url": receiver.url, "x": 1 }), "400 invalid_body"),
        ] {
            let answer = test.manager().project_post("/event-destinations", body.clone()).await;
            assert_eq!(answer.refused(), refused, "{body}");
        }
        let listed = test.manager().project_get("/event-destinations").await.ok();
        assert_eq!(listed, json!([]));
    })
    .await;
}

#[tokio::test]
async fn two_processes_share_the_deliveries_and_none_is_made_twice() {
    on_each_engine(async |test: TestApp, receiver: Receiver| {
        adds(&test, &receiver, json!({})).await;
        let failure = test.deploys_failure().await;
        for _ in 0..40 {
            test.runs(failure, json!({})).await;
        }
        let other = deliveries::tick(test.app.clone());
        let (one, other) = tokio::join!(deliveries::tick(test.app.clone()), other);
        one.unwrap();
        other.unwrap();
        let heard = receiver.heard();
        let ids: std::collections::BTreeSet<_> =
            heard.iter().map(|(headers, _)| headers["webhook-id"].to_str().unwrap()).collect();
        assert_eq!((heard.len(), ids.len()), (40, 40));
    })
    .await;
}
