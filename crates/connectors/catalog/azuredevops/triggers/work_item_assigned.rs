//! Work Item Assigned.

use super::{event, narrow};
use crate::descriptor::Field;
use crate::input;
use crate::trigger::Trigger;

const OF_PROJECT: &[&str] = &["organization", "project"];

/// The trigger.
pub fn trigger() -> Trigger {
    Trigger {
        key: "work_item_assigned",
        title: "Work Item Assigned",
        description: "A work item is given to a person, also when it is created with one.",
        inputs: narrow::inputs(vec![
            Field::picked("assigned_to", "Assigned to", "people", OF_PROJECT)
                .hint("A person's e-mail address or display name. Left out, anybody."),
        ]),
        event_sample: super::super::sample(include_str!("../samples/work_item_assigned.json")),
        detect: |change| {
            (event::new_value(change, "System.AssignedTo").is_some() && !event::is_deleted(change))
                .then(|| event::event("work_item_assigned", change))
        },
        matches: |inputs, event| {
            let assigned = &event["workItem"]["fields"]["System.AssignedTo"];
            let person = input::text(inputs, "assigned_to");
            narrow::admits(inputs, event)
                && person.is_none_or(|person| narrow::is_person(assigned, person))
        },
    }
}
