//! Work Item Deleted.

use super::{event, narrow};
use crate::trigger::Trigger;

/// The trigger.
pub fn trigger() -> Trigger {
    Trigger {
        key: "work_item_deleted",
        title: "Work Item Deleted",
        description: "A work item is put into the recycle bin.",
        inputs: narrow::inputs(vec![]),
        event_sample: super::super::sample(include_str!("../samples/work_item_deleted.json")),
        detect: |change| {
            (event::is_deleted(change)).then(|| event::event("work_item_deleted", change))
        },
        matches: narrow::admits,
    }
}
