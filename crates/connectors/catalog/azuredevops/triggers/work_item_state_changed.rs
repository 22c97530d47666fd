//! Work Item State Changed.

use serde_json::Value;

use super::{event, narrow};
use crate::descriptor::Field;
use crate::input;
use crate::trigger::Trigger;

const OF_TYPE: &[&str] = &["organization", "project", "type"];

/// The trigger.
pub fn trigger() -> Trigger {
    Trigger {
        key: "work_item_state_changed",
        title: "Work Item State Changed",
        description: "A work item goes from one state to another.",
        inputs: narrow::inputs(vec![
            Field::picked("from", "From", "states", OF_TYPE)
                .hint("The state before. Left out, any."),
            Field::picked("to", "To", "states", OF_TYPE).hint("The state after. Left out, any."),
        ]),
        event_sample: super::super::sample(include_str!("../samples/work_item_state_changed.json")),
        detect: |change| {
            (event::is_update(change) && event::changes(change).contains_key("System.State"))
                .then(|| event::event("work_item_state_changed", change))
        },
        matches: |inputs, event| {
            let state = &event["changes"]["System.State"];
            let is = |input: &str, value: &Value| {
                input::text(inputs, input).is_none_or(|wanted| {
                    value.as_str().is_some_and(|own| narrow::same(own, wanted))
                })
            };
            narrow::admits(inputs, event) && is("from", &state["old"]) && is("to", &state["new"])
        },
    }
}
