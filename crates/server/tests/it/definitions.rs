//! Definitions that tests deploy.

use serde_json::{Value, json};

/// A workflow that a host's event starts and that waits.
pub fn waiting(key: &str) -> Value {
    json!({
        "key": key,
        "name": "Sync work items",
        "integration": "azuredevops",
        "trigger": { "kind": "app_event", "event": "Task Created" },
        "start": "wait",
        "steps": { "wait": { "kind": "delay", "amount": 5 } },
    })
}

/// The same with these portal settings.
pub fn with_portal(key: &str, portal: Value) -> Value {
    let mut definition = waiting(key);
    definition["portal"] = portal;
    definition
}

/// One with faults of several kinds.
pub fn invalid() -> Value {
    json!({
        "key": "sync",
        "name": "Sync",
        "integration": "azuredevops",
        "start": "wait",
        "steps": {
            "wait": { "kind": "delay", "amount": -1 },
            "lost": { "kind": "delay", "amount": 1 },
        },
    })
}
