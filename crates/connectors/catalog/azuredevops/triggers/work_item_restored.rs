//! Work Item Restored.

use super::{event, narrow};
use crate::trigger::Trigger;

/// The trigger.
pub fn trigger() -> Trigger {
    Trigger {
        key: "work_item_restored",
        title: "Work Item Restored",
        description: "A work item is taken out of the recycle bin.",
        inputs: narrow::inputs(vec![]),
        event_sample: super::super::sample(include_str!("../samples/work_item_restored.json")),
        detect: |change| {
            (event::is_restored(change)).then(|| event::event("work_item_restored", change))
        },
        matches: narrow::admits,
    }
}
