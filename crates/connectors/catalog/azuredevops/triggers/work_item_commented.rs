//! Work Item Commented.

use super::{event, narrow};
use crate::descriptor::Field;
use crate::input;
use crate::trigger::Trigger;

/// The trigger.
pub fn trigger() -> Trigger {
    Trigger {
        key: "work_item_commented",
        title: "Work Item Commented",
        description: "Somebody adds a comment to a work item. Changing or deleting a comment does not count.",
        inputs: narrow::inputs(vec![
            Field::text("contains", "Contains").hint("Only comments with this text, in any case."),
        ]),
        event_sample: super::super::sample(include_str!("../samples/work_item_commented.json")),
        detect: |change| {
            (event::comment(change).is_some() && !event::is_deleted(change))
                .then(|| event::event("work_item_commented", change))
        },
        matches: |inputs, event| {
            let said = event["comment"]["text"].as_str().unwrap_or_default().to_lowercase();
            let wanted = input::text(inputs, "contains").map(str::to_lowercase);
            narrow::admits(inputs, event) && wanted.is_none_or(|wanted| said.contains(&wanted))
        },
    }
}
