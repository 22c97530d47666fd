//! Work Item Created.

use super::{event, narrow};
use crate::trigger::Trigger;

/// The trigger.
pub fn trigger() -> Trigger {
    Trigger {
        key: "work_item_created",
        title: "Work Item Created",
        description: "A work item is created.",
        inputs: narrow::inputs(vec![]),
        event_sample: super::super::sample(include_str!("../samples/work_item_created.json")),
        detect: |change| {
            (event::is_first(change) && !event::is_deleted(change))
                .then(|| event::event("work_item_created", change))
        },
        matches: narrow::admits,
    }
}
