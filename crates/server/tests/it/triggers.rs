//! What happens in connected accounts, and what clocks say, starts workflows.

use axum::body::Body;
use http::{Method, Request};
use sandbox::faults::{Fault, FaultAnswer};
use serde_json::{Value, json};

use crate::actors::EndUser;
use crate::app::{TestApp, on_each_engine};

impl TestApp {
    /// Does the background work of triggers until there is none.
    pub async fn works(&self) {
        let triggers = self.app.triggers();
        triggers.arrange().await.unwrap();
        while triggers.run_due().await.unwrap() > 0 {}
        while triggers.read_feeds().await.unwrap() > 0 {}
    }

    /// A poll's time passes.
    pub async fn polls(&self) {
        self.after(67);
        self.works().await;
    }

    /// The names of the events that a workflow's executions began with, and the items' revisions.
    async fn events_of(&self, workflow: &str) -> Vec<String> {
        let inputs = self.manager().inputs_of(workflow).await;
        let name = |input: &Value| {
            let event = input["event"].as_str().unwrap_or("?").replace("work_item_", "");
            format!("{event} {}", input["workItem"]["rev"])
        };
        inputs.iter().map(name).collect()
    }
}

impl EndUser<'_> {
    /// Writes to a work item in the sandbox; answers it.
    pub async fn writes(&self, method: Method, path: &str, patch: Value) -> Value {
        let request = Request::builder()
            .method(method)
            .uri(format!("{path}?api-version=7.1"))
            .header("content-type", "application/json-patch+json")
            .body(Body::from(patch.to_string()))
            .unwrap();
        self.proxies_with(request).await.ok()
    }

    pub async fn creates_item(&self, title: &str) -> u64 {
        let patch = json!([{ "op": "add", "path": "/fields/System.Title", "value": title }]);
        let path = "/Storefront/_apis/wit/workitems/$Task";
        self.writes(Method::POST, path, patch).await["id"].as_u64().unwrap()
    }

    async fn changes_item(&self, id: u64, field: &str, value: &str) {
        let path = format!("/_apis/wit/workitems/{id}");
        let patch = json!([
            { "op": "add", "path": format!("/fields/{field}"), "value": value }
        ]);
        self.writes(Method::PATCH, &path, patch).await;
    }
}

fn listening(key: &str, trigger: &str, input: Value) -> Value {
    json!({
        "version": 1, "key": key, "name": key, "integration": "azuredevops",
        "trigger": { "kind": "integration", "trigger": trigger, "input": input },
    })
}

fn clocked(key: &str, trigger: Value) -> Value {
    json!({
        "version": 1, "key": key, "name": key, "integration": "azuredevops", "trigger": trigger,
    })
}

#[tokio::test]
async fn what_happens_to_work_items_starts_workflows_in_order_and_once() {
    on_each_engine(async |test: TestApp| {
        let manager = test.manager();
        let here = json!({ "project": "Storefront" });
        let created = manager.makes_live(listening("a", "work_item_created", here.clone())).await;
        let updated = manager.makes_live(listening("b", "work_item_updated", here.clone())).await;
        let commented = manager.makes_live(listening("c", "work_item_commented", here)).await;
        let ann = test.end_user("ann");
        ann.connects().await;
        ann.creates_item("Before anybody listens").await;
        test.after(1);
        for id in [&created, &updated, &commented] {
            ann.switches_on(id).await;
        }
        test.works().await;
        assert_eq!(test.events_of(&created).await, [] as [&str; 0]);

        test.after(1);
        let id = ann.creates_item("One").await;
        ann.changes_item(id, "System.Title", "Two").await;
        ann.changes_item(id, "System.History", "Said").await;
        test.polls().await;
        assert_eq!(test.events_of(&created).await, ["created 1"]);
        assert_eq!(test.events_of(&updated).await, ["updated 2"]);
        assert_eq!(test.events_of(&commented).await, ["commented 3"]);
        let input = &manager.inputs_of(&updated).await[0];
        assert_eq!(input["changes"]["System.Title"], json!({ "old": "One", "new": "Two" }));

        test.polls().await;
        assert_eq!(test.events_of(&created).await.len(), 1);
        ann.call(Method::DELETE, &format!("/workflows/{created}"), Value::Null).await;
        ann.creates_item("Nobody listens").await;
        test.polls().await;
        assert_eq!(test.events_of(&created).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_happened_while_nothing_ran_is_made_up_for_by_another_process() {
    on_each_engine(async |mut test: TestApp| {
        let inputs = json!({});
        let id = test.manager().makes_live(listening("a", "work_item_created", inputs)).await;
        let ann = test.end_user("ann");
        ann.connects().await;
        ann.switches_on(&id).await;
        test.works().await;
        test.after(1);
        for title in ["One", "Two", "Three"] {
            test.end_user("ann").creates_item(title).await;
        }
        let process = test.another_process().await;
        test.move_to(process);
        test.after(7_200);
        test.works().await;
        assert_eq!(test.events_of(&id).await, ["created 1", "created 1", "created 1"]);
        // The watermark is in the database: a third process starts nothing again.
        let process = test.another_process().await;
        test.move_to(process);
        test.polls().await;
        assert_eq!(test.events_of(&id).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_fails_delays_events_and_loses_none() {
    on_each_engine(async |test: TestApp| {
        let inputs = json!({ "project": "Storefront" });
        let id = test.manager().makes_live(listening("a", "work_item_created", inputs)).await;
        let ann = test.end_user("ann");
        ann.connects().await;
        ann.switches_on(&id).await;
        test.works().await;
        test.after(1);
        ann.creates_item("One").await;
        test.sandbox.world().faults.order(Fault {
            path_contains: Some("/reporting/".to_owned()),
            answer: Some(FaultAnswer { status: 503, ..FaultAnswer::default() }),
            ..Fault::default()
        });
        test.polls().await;
        assert_eq!(test.events_of(&id).await, [] as [&str; 0]);
        test.after(120);
        test.works().await;
        assert_eq!(test.events_of(&id).await, ["created 1"]);
    })
    .await;
}

#[tokio::test]
async fn a_trigger_asks_for_what_the_person_has_set() {
    on_each_engine(async |test: TestApp| {
        let mut definition =
            listening("a", "work_item_created", json!({ "type": "{{ settings.type }}" }));
        definition["portal"] = json!({
            "inputs": [{ "id": "type", "type": "TEXT_NO_VARS", "title": "Type", "required": true }],
        });
        let id = test.manager().makes_live(definition).await;
        let ann = test.end_user("ann");
        let credential = ann.connects().await;
        let path = format!("/credentials/{}", credential["id"].as_str().unwrap());
        let set = |kind: &str| {
            json!({ "config": { "workflowSettings": {
                &id: { "enabled": true, "settings": { "type": kind } },
            } } })
        };
        ann.call(Method::PATCH, &path, set("Bug")).await.ok();
        test.works().await;
        test.after(1);
        ann.creates_item("A task").await;
        test.polls().await;
        assert_eq!(test.events_of(&id).await, [] as [&str; 0]);
        ann.call(Method::PATCH, &path, set("Task")).await.ok();
        ann.creates_item("Another task").await;
        test.polls().await;
        assert_eq!(test.events_of(&id).await, ["created 1"]);
    })
    .await;
}

#[tokio::test]
async fn a_schedule_runs_for_everybody_who_switched_it_on() {
    on_each_engine(async |test: TestApp| {
        let trigger = json!({ "kind": "scheduler", "cron": "0 0 * * * *", "timezone": "UTC" });
        let id = test.manager().makes_live(clocked("hourly", trigger)).await;
        let ann = test.end_user("ann");
        ann.connects().await;
        ann.switches_on(&id).await;
        test.works().await;
        assert_eq!(test.manager().inputs_of(&id).await, [] as [Value; 0]);
        // The test clock stands at 14:13:20.
        test.after(2_801);
        test.works().await;
        let first = json!({ "scheduledAt": "2026-09-21T15:00:00.000Z", "isLate": false });
        assert_eq!(test.manager().inputs_of(&id).await, [first]);
        // Nothing ran for hours: one execution makes up for them.
        test.after(4 * 3_600 + 600);
        test.works().await;
        let late = json!({ "scheduledAt": "2026-09-21T16:00:00.000Z", "isLate": true });
        assert_eq!(test.manager().inputs_of(&id).await[1..], [late]);
        let ann = test.end_user("ann");
        ann.call(Method::DELETE, &format!("/workflows/{id}"), Value::Null).await.ok();
        test.after(7_200);
        test.works().await;
        assert_eq!(test.manager().inputs_of(&id).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn connecting_an_account_runs_what_waits_for_that_once() {
    on_each_engine(async |test: TestApp| {
        let trigger = json!({ "kind": "integration_enabled" });
        let id = test.manager().makes_live(clocked("welcome", trigger)).await;
        let ann = test.end_user("ann");
        ann.connects().await;
        test.works().await;
        assert_eq!(test.manager().inputs_of(&id).await.len(), 1);
        test.manager().project_post(&format!("/workflows/{id}/undeploy"), json!({})).await;
        test.manager().project_post(&format!("/workflows/{id}/deploy"), json!({})).await.ok();
        test.works().await;
        assert_eq!(test.manager().inputs_of(&id).await.len(), 1);
        let path = format!("/integrations/{}", test.integration_id);
        ann.call(Method::DELETE, &path, Value::Null).await;
        ann.connects().await;
        test.works().await;
        assert_eq!(test.manager().inputs_of(&id).await.len(), 2);
    })
    .await;
}
