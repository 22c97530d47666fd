//! Work Item Closed.

use super::{event, narrow};
use crate::trigger::Trigger;

/// The trigger.
pub fn trigger() -> Trigger {
    Trigger {
        key: "work_item_closed",
        title: "Work Item Closed",
        description: "A work item comes into a state of the category Completed, whatever the process calls it.",
        inputs: narrow::inputs(vec![]),
        event_sample: super::super::sample(include_str!("../samples/work_item_closed.json")),
        detect: |change| {
            (event::new_value(change, "System.State").is_some()
                && change.after["stateCategory"] == "Completed"
                && !event::is_deleted(change))
            .then(|| event::event("work_item_closed", change))
        },
        matches: narrow::admits,
    }
}
