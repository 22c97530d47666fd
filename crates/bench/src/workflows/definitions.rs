//! The workflows that are measured. A request starts each but one, and a response step answers it.

use serde_json::{Value, json};

fn definition(key: &str, trigger: Value, start: &str, steps: Value) -> Value {
    json!({ "version": 1, "key": key, "name": key, "trigger": trigger, "start": start, "steps": steps })
}

fn requested(key: &str, start: &str, mut steps: Value) -> Value {
    steps["answer"] = json!({ "kind": "response", "body": { "done": true } });
    definition(key, json!({ "kind": "request" }), start, steps)
}

/// Three conditionals.
pub fn local(key: &str) -> Value {
    let step = |next: &str| {
        json!({
            "kind": "conditional", "next": next,
            "condition": { "any": [{ "all": [
                { "left": "{{ trigger.body.count }}", "operator": "number_greater_than", "right": 1 },
            ] }] },
        })
    };
    requested(
        key,
        "one",
        json!({ "one": step("two"), "two": step("three"), "three": step("answer") }),
    )
}

/// Three requests to the stand-in.
pub fn http(key: &str, port: u16) -> Value {
    let step = |next: &str| {
        json!({
            "kind": "request", "method": "GET", "url": format!("http://127.0.0.1:{port}/data"),
            "next": next,
        })
    };
    requested(
        key,
        "one",
        json!({ "one": step("two"), "two": step("three"), "three": step("answer") }),
    )
}

/// One function.
pub fn function(key: &str) -> Value {
    let step = json!({
        "kind": "function", "next": "answer", "params": { "a": "{{ trigger.body.a }}" },
        "source": "export default async function (params) { return { b: params.a + 1 }; }",
    });
    requested(key, "call", json!({ "call": step }))
}

/// A path of one conditional for each item of the body.
pub fn wide(key: &str) -> Value {
    let steps = json!({
        "each": {
            "kind": "fan_out", "items": "{{ trigger.body.items }}", "each": "look",
            "next": "answer",
        },
        "look": {
            "kind": "conditional",
            "condition": { "any": [{ "all": [
                { "left": "{{ item }}", "operator": "number_greater_than", "right": 1 },
            ] }] },
        },
    });
    requested(key, "each", steps)
}

/// Started by an event, and at its end at once.
pub fn listening(key: &str) -> Value {
    json!({
        "version": 1, "key": key, "name": key, "trigger": { "kind": "app_event", "event": "Bench" },
    })
}
