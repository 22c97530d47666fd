//! An installation with two workflows of several steps, and the far side that they call.

use http::Method;
use serde_json::{Value, json};
use store::Engine;
use store::testing::TestDatabase;

use crate::far_side::{Answer, FarSide};
use crate::pair::{Installation, Server};

/// How many times one execution calls the far side, when nothing is repeated.
pub const CALLS_PER_EXECUTION: usize = 5;
/// The event that starts the first workflow.
pub const EVENT: &str = "ordered";

pub struct Yard {
    pub made: Installation,
    pub far_side: FarSide,
    /// The workflow that a request starts.
    pub by_request: String,
}

/// No limit, so that whoever takes a trigger runs it: the hardest case.
const UNLIMITED: (&str, &str) = ("GANGWAY_WORKFLOWS__RUNNING_PER_PROJECT_MAX", "0");

impl Yard {
    pub async fn on(engine: Engine) -> Self {
        let database = TestDatabase::fresh(engine).await;
        Self::over(database.url.clone(), Some(database)).await
    }

    pub async fn over(url: String, database: Option<TestDatabase>) -> Self {
        let made = Installation::over(url, database, &[UNLIMITED]).await;
        let far_side = FarSide::answering(Answer::json(200, r#"{"ok":true}"#)).await;
        let server = made.start().await;
        let event = json!({ "kind": "app_event", "event": EVENT });
        switch_on(&made, &server, definition("by_event", event, &far_side)).await;
        let request = json!({ "kind": "request" });
        let definition = definition("by_request", request, &far_side);
        let by_request = switch_on(&made, &server, definition).await;
        server.dies();
        Self { made, far_side, by_request }
    }
}

async fn switch_on(made: &Installation, server: &Server, definition: Value) -> String {
    let body = json!({ "definition": definition });
    let workflow = server.manages(made, Method::POST, "/workflows", body).await;
    let id = workflow["id"].as_str().unwrap().to_owned();
    server.manages(made, Method::POST, &format!("/workflows/{id}/deploy"), json!({})).await;
    let path = format!("/connected-users/{}/workflows/{id}", made.user_id);
    server.manages(made, Method::PATCH, &path, json!({ "enabled": true })).await;
    id
}

/// Local steps, calls one after another and side by side, and a pause.
fn definition(key: &str, trigger: Value, far_side: &FarSide) -> Value {
    let n = if key == "by_event" { "{{ trigger.n }}" } else { "{{ trigger.body.n }}" };
    let call = |place: &str| {
        json!({
            "kind": "request", "method": "POST", "url": far_side.url(place),
            "body": { "type": "json", "content": { "n": n } },
        })
    };
    let mut first = call("/first");
    first["next"] = "each".into();
    json!({
        "version": 1, "key": key, "name": key, "integration": "custom.standin",
        "trigger": trigger, "start": "choose",
        "steps": {
            "choose": { "kind": "conditional", "when_true": "first", "condition": { "any": [{ "all": [
                { "left": n, "operator": "number_greater_than", "right": -1 }]}]}},
            "first": first,
            "each": { "kind": "fan_out", "items": "{{ [1, 2, 3] }}", "parallel": 2,
                "each": "side", "next": "wait" },
            "side": call("/side"),
            "wait": { "kind": "delay", "amount": 1, "unit": "seconds", "next": "last" },
            "last": call("/last"),
        },
    })
}
