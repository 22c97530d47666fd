//! What the host application starts: App Events and requests, for one of its users.

use http::Method;
use serde_json::{Value, json};

use crate::actors::{EndUser, Manager};
use crate::app::{TestApp, on_each_engine};

impl Manager<'_> {
    /// Makes a workflow and deploys it; answers its id.
    pub async fn makes_live(&self, definition: Value) -> String {
        let made = self.deploys(&definition).await;
        made["id"].as_str().expect("an id").to_owned()
    }

    /// What the triggers of a workflow's executions brought, oldest first.
    pub async fn inputs_of(&self, workflow: &str) -> Vec<Value> {
        let listed = self.project_get(&format!("/executions?workflow={workflow}&limit=200")).await;
        let mut inputs = Vec::new();
        for one in listed.ok()["items"].as_array().expect("a list").iter().rev() {
            let id = one["id"].as_str().expect("an id");
            let whole = self.project_get(&format!("/executions/{id}")).await.ok();
            inputs.push(whole["events"][0]["input"].clone());
        }
        inputs
    }
}

impl EndUser<'_> {
    /// Switches a workflow on.
    pub async fn switches_on(&self, workflow: &str) {
        let reply = self.post(&format!("/workflows/{workflow}"), Value::Null).await;
        assert!(reply.status.is_success(), "{}", reply.text());
    }
}

fn workflow(key: &str, trigger: Value) -> Value {
    json!({
        "version": 1, "key": key, "name": key, "integration": "azuredevops", "trigger": trigger,
    })
}

fn answering(key: &str, trigger: Value) -> Value {
    let mut definition = workflow(key, trigger);
    definition["start"] = "answer".into();
    definition["steps"] = json!({
        "answer": {
            "kind": "response",
            "status": 201,
            "headers": { "x-count": "{{ trigger.body.count }}" },
            "body": { "twice": "{{ trigger.body.count * 2 }}", "page": "{{ trigger.params.page }}" },
        },
    });
    definition
}

#[tokio::test]
async fn an_app_event_starts_what_waits_for_it_and_is_on_for_the_user() {
    on_each_engine(async |test: TestApp| {
        let manager = test.manager();
        let won = json!({ "kind": "app_event", "event": "Deal Won" });
        let one = manager.makes_live(workflow("one", won.clone())).await;
        let two = manager.makes_live(workflow("two", won)).await;
        let other = json!({ "kind": "app_event", "event": "Deal Lost" });
        let lost = manager.makes_live(workflow("lost", other)).await;
        let ann = test.end_user("ann");
        ann.connects().await;
        let event = json!({ "name": "Deal Won", "payload": { "amount": 7 } });

        let reply = ann.post("/events/trigger", event.clone()).await;
        assert_eq!((reply.status.as_u16(), reply.json()), (201, json!({ "executionIds": [] })));
        for id in [&one, &two, &lost] {
            ann.switches_on(id).await;
        }
        // Kept in memory, and heard of.
        let path = format!("/v2/projects/{}/sdk/events/trigger", test.project_id);
        let reply = test.call(Method::POST, &path, &ann.token, event).await;
        assert_eq!(reply.status, 201);
        assert_eq!(reply.json()["executionIds"].as_array().unwrap().len(), 2);
        assert_eq!(manager.inputs_of(&one).await, [json!({ "amount": 7 })]);
        assert_eq!(manager.inputs_of(&two).await, [json!({ "amount": 7 })]);
        assert_eq!(manager.inputs_of(&lost).await, [] as [Value; 0]);

        let unknown = json!({ "name": "Nobody waits for it", "payload": {} });
        assert_eq!(ann.post("/events/trigger", unknown).await.status, 201);
        let nameless = json!({ "name": " ", "payload": {} });
        assert_eq!(ann.post("/events/trigger", nameless).await.refused(), "400 invalid_event_name");
    })
    .await;
}

#[tokio::test]
async fn a_program_of_the_host_sends_events_for_a_user_and_repeats_itself_safely() {
    on_each_engine(async |test: TestApp| {
        let manager = test.manager();
        let trigger = json!({ "kind": "app_event", "event": "Deal Won" });
        let id = manager.makes_live(workflow("won", trigger)).await;
        let ann = test.end_user("ann");
        let credential = ann.connects().await;
        ann.switches_on(&id).await;
        let event = |user: &str, credential: &str| {
            json!({
                "name": "Deal Won", "payload": { "amount": 7 }, "userId": user,
                "credentialId": credential, "idempotencyKey": "deal-1",
            })
        };
        let own = credential["id"].as_str().unwrap();
        let begun = manager.project_post("/app-events", event("ann", own)).await;
        assert_eq!(begun.status, 201);
        assert_eq!(begun.json()["executionIds"].as_array().unwrap().len(), 1);
        let again = manager.project_post("/app-events", event("ann", own)).await;
        assert_eq!(again.json()["executionIds"], json!([]));
        assert_eq!(manager.inputs_of(&id).await.len(), 1);

        let refused = manager.project_post("/app-events", event("bob", own)).await.refused();
        assert_eq!(refused, "404 user_not_found");
        let refused = manager.project_post("/app-events", event("ann", "x")).await.refused();
        assert_eq!(refused, "404 credential_not_found");
    })
    .await;
}

#[tokio::test]
async fn what_is_on_by_itself_runs_right_after_the_pop_up_also_where_the_user_was_known() {
    on_each_engine(async |test: TestApp| {
        let mut definition = workflow("won", json!({ "kind": "app_event", "event": "Deal Won" }));
        definition["portal"] = json!({ "default_enabled": true });
        test.manager().makes_live(definition).await;
        let ann = test.end_user("ann");
        let starts = async || {
            let event = json!({ "name": "Deal Won", "payload": {} });
            let reply = ann.post("/events/trigger", event).await;
            reply.json()["executionIds"].as_array().unwrap().len()
        };
        assert_eq!(starts().await, 0, "and now the user is in memory");
        // Its page has not fetched the account yet.
        ann.signs_in_as("ann", json!({})).await;
        assert_eq!(starts().await, 1);
    })
    .await;
}

#[tokio::test]
async fn events_stop_when_a_workflow_is_off_or_the_account_gone() {
    on_each_engine(async |test: TestApp| {
        let manager = test.manager();
        let trigger = json!({ "kind": "app_event", "event": "Deal Won" });
        let id = manager.makes_live(workflow("won", trigger)).await;
        let ann = test.end_user("ann");
        ann.connects().await;
        let starts = async || {
            let event = json!({ "name": "Deal Won", "payload": {} });
            let reply = ann.post("/events/trigger", event).await;
            reply.json()["executionIds"].as_array().unwrap().len()
        };
        ann.switches_on(&id).await;
        assert_eq!(starts().await, 1);
        ann.call(Method::DELETE, &format!("/workflows/{id}"), Value::Null).await;
        assert_eq!(starts().await, 0);
        ann.switches_on(&id).await;
        assert_eq!(starts().await, 1);
        manager.project_post(&format!("/workflows/{id}/undeploy"), json!({})).await;
        assert_eq!(starts().await, 0);
        manager.project_post(&format!("/workflows/{id}/deploy"), json!({})).await.ok();
        assert_eq!(starts().await, 1);
        let path = format!("/integrations/{}", test.integration_id);
        ann.call(Method::DELETE, &path, Value::Null).await;
        assert_eq!(starts().await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_request_is_checked_and_answered_by_the_response_step() {
    on_each_engine(async |test: TestApp| {
        let manager = test.manager();
        let trigger = json!({
            "kind": "request",
            "body": [{ "key": "count", "type": "number", "required": true }],
            "params": [{ "key": "page", "type": "number" }],
        });
        let id = manager.makes_live(answering("double", trigger)).await;
        let ann = test.end_user("ann");
        ann.connects().await;
        let path = format!("/triggers/{id}?page=3");
        let refused = ann.post(&path, json!({ "count": 4 })).await.refused();
        assert_eq!(refused, "404 workflow_not_enabled");
        ann.switches_on(&id).await;
        let reply = test.runs_meanwhile(ann.post(&path, json!({ "count": 4 }))).await;
        assert_eq!((reply.status.as_u16(), reply.header("x-count")), (201, "4"));
        assert_eq!(reply.json(), json!({ "twice": 8, "page": "3" }));

        let refused = ann.post(&path, json!({ "count": "4" })).await.refused();
        assert_eq!(refused, "400 invalid_request");
        let nowhere = "/triggers/00000000-0000-4000-8000-000000000000?";
        assert_eq!(ann.post(nowhere, json!({})).await.refused(), "404 workflow_not_found");
        let inputs = manager.inputs_of(&id).await;
        assert_eq!(inputs.len(), 1);
        assert!(!inputs[0].to_string().contains(&ann.token), "tokens stay out of journals");

        let sent = json!({ "userId": "ann", "body": { "count": 1 }, "params": { "page": "9" } });
        let path = format!("/workflows/{id}/requests");
        let reply = test.runs_meanwhile(manager.project_post(&path, sent)).await;
        assert_eq!(reply.json(), json!({ "twice": 2, "page": "9" }));
    })
    .await;
}

#[tokio::test]
async fn a_workflow_that_answers_401_signs_nobody_out() {
    on_each_engine(async |test: TestApp| {
        let manager = test.manager();
        let mut definition = answering("refuses", json!({ "kind": "request" }));
        definition["steps"]["answer"] = json!({ "kind": "response", "status": 401, "body": "no" });
        let id = manager.makes_live(definition).await;
        let ann = test.end_user("ann");
        ann.connects().await;
        ann.switches_on(&id).await;
        let reply = test.runs_meanwhile(ann.post(&format!("/triggers/{id}?"), json!({}))).await;
        assert_eq!((reply.status.as_u16(), reply.json()), (422, json!("no")));
        let path = format!("/workflows/{id}/requests");
        let asked = manager.project_post(&path, json!({ "userId": "ann" }));
        assert_eq!(test.runs_meanwhile(asked).await.status, 401, "a program hears it as it is");
    })
    .await;
}

#[tokio::test]
async fn a_request_that_is_sent_once_more_is_accepted_without_waiting() {
    on_each_engine(async |test: TestApp| {
        let manager = test.manager();
        let id = manager.makes_live(answering("double", json!({ "kind": "request" }))).await;
        let ann = test.end_user("ann");
        ann.connects().await;
        ann.switches_on(&id).await;
        let path = format!("/triggers/{id}?");
        let key = [("idempotency-key", "once")];
        let send = async || ann.call_with(Method::POST, &path, &key, json!({ "count": 1 })).await;
        assert_eq!(test.runs_meanwhile(send()).await.status, 201);
        // Nobody moves the clock: waiting would never end.
        let again = test.runs_meanwhile(send()).await;
        assert_eq!((again.status.as_u16(), again.json()), (202, json!({ "executionId": null })));
        assert_eq!(manager.inputs_of(&id).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_request_without_a_response_step_is_accepted_at_once() {
    on_each_engine(async |test: TestApp| {
        let manager = test.manager();
        let id = manager.makes_live(workflow("later", json!({ "kind": "request" }))).await;
        let ann = test.end_user("ann");
        ann.connects().await;
        ann.switches_on(&id).await;
        let reply = ann.post(&format!("/triggers/{id}?"), json!({ "a": 1 })).await;
        assert_eq!(reply.status, 202);
        assert!(reply.json()["executionId"].is_string());
        assert_eq!(manager.inputs_of(&id).await[0]["body"], json!({ "a": 1 }));
    })
    .await;
}

#[tokio::test]
async fn a_request_is_repeated_by_its_key_which_is_bounded() {
    on_each_engine(async |test: TestApp| {
        let manager = test.manager();
        let id = manager.makes_live(workflow("later", json!({ "kind": "request" }))).await;
        let ann = test.end_user("ann");
        ann.connects().await;
        ann.switches_on(&id).await;
        let path = format!("/triggers/{id}?");
        let sends = async |key: &str| {
            let headers = [("Idempotency-Key", key), ("Content-Type", "application/json")];
            ann.call_with(Method::POST, &path, &headers, json!({ "a": 1 })).await
        };
        let refused = "400 invalid_idempotency_key";
        assert_eq!(sends(&"x".repeat(257)).await.refused(), refused);
        assert_eq!(manager.inputs_of(&id).await, [] as [Value; 0]);
        let longest = "x".repeat(256);
        assert!(sends(&longest).await.ok()["executionId"].is_string());
        assert_eq!(sends(&longest).await.ok()["executionId"], Value::Null);
        for _ in 0..2 {
            assert!(sends("").await.ok()["executionId"].is_string(), "an empty key is none");
        }
        let event = |key: String| json!({ "name": "Nobody waits", "userId": "ann", "payload": {}, "idempotencyKey": key });
        let reply = manager.project_post("/app-events", event("x".repeat(257))).await;
        assert_eq!(reply.refused(), refused, "also where nothing would start");
    })
    .await;
}

#[tokio::test]
async fn a_caller_whose_patience_ends_hears_that_the_workflow_goes_on() {
    on_each_engine(async |test: TestApp| {
        let mut definition = answering("slow", json!({ "kind": "request" }));
        definition["start"] = "pause".into();
        definition["steps"]["pause"] =
            json!({ "kind": "delay", "amount": 2, "unit": "minutes", "next": "answer" });
        let id = test.manager().makes_live(definition).await;
        let ann = test.end_user("ann");
        ann.connects().await;
        ann.switches_on(&id).await;
        let path = format!("/triggers/{id}?");
        let asked = ann.post(&path, json!({ "count": 1 }));
        let time = async {
            loop {
                tokio::task::yield_now().await;
                test.after(1);
            }
        };
        let reply = tokio::select! {
            reply = asked => reply,
            () = time => unreachable!("time does not end"),
        };
        assert_eq!(reply.status.as_u16(), 542);
        let body = reply.json();
        assert_eq!(body["message"], "Workflow has been enqueued but has not completed.");
        assert_eq!(body["workflowId"], id.as_str());
        assert!(body["executionId"].is_string() && body["dateSubmitted"].is_string());
    })
    .await;
}
