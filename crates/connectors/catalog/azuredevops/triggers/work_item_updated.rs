//! Work Item Updated.

use super::{event, narrow};
use crate::descriptor::{Field, Kind};
use crate::input;
use crate::trigger::Trigger;

/// The most fields that are asked for by name.
const FIELDS_MAX: usize = 200;

/// The trigger.
pub fn trigger() -> Trigger {
    Trigger {
        key: "work_item_updated",
        title: "Work Item Updated",
        description: "A field of a work item gets another value. Comments, links, deleting and restoring do not count.",
        inputs: narrow::inputs(vec![
            Field::array("fields", "Fields", Kind::Text, FIELDS_MAX).hint(
                "Reference names such as System.State: only a change of one of them counts. Left \
                 out, every field does.",
            ),
        ]),
        event_sample: super::super::sample(include_str!("../samples/work_item_updated.json")),
        detect: |change| {
            event::is_update(change).then(|| event::event("work_item_updated", change))
        },
        matches: |inputs, event| {
            let wanted = input::texts(inputs, "fields");
            let has_changed = |name: &&str| {
                let changes = event["changes"].as_object();
                changes.is_some_and(|all| all.keys().any(|field| narrow::same(field, name)))
            };
            narrow::admits(inputs, event) && (wanted.is_empty() || wanted.iter().any(has_changed))
        },
    }
}
