//! The inputs that narrow every trigger down, and what they let through.

use serde_json::Value;

use super::super::{ask, paths};
use crate::action::Inputs;
use crate::descriptor::Field;
use crate::input;

/// The inputs, after those of the trigger's own.
pub fn inputs(own: Vec<Field>) -> Vec<Field> {
    let mut fields = vec![
        Field::picked("project", "Project", "projects", &["organization"]).hint(
            "The project's name or id. Left out, every project of the organization is listened to.",
        ),
        Field::picked("type", "Type", "work_item_types", &["organization", "project"])
            .hint("Such as Bug. Left out, items of every type count."),
        Field::picked("area", "Area", "areas", &["organization", "project"])
            .hint("Such as Project\\Team: items in it or below it count. Left out, all do."),
    ];
    fields.extend(own);
    fields.push(ask::organization());
    fields
}

/// Whether an event is of the type and in the area that are asked for. The project is the feed's.
pub fn admits(inputs: &Inputs, event: &Value) -> bool {
    let item = &event["workItem"];
    let of_type = input::text(inputs, "type")
        .is_none_or(|wanted| item["type"].as_str().is_some_and(|own| same(own, wanted)));
    let in_area = input::text(inputs, "area").is_none_or(|wanted| {
        let project = item["project"].as_str();
        let wanted = paths::normalize(wanted, "Area", project, "").to_lowercase();
        let own = item["fields"]["System.AreaPath"].as_str().unwrap_or_default().to_lowercase();
        own.strip_prefix(&wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'))
    });
    of_type && in_area
}

/// Whether two names are the same to the service.
pub fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Whether `person`, a name or an address, is whom a value of a field shows.
pub fn is_person(value: &Value, person: &str) -> bool {
    ["uniqueName", "displayName", "id"]
        .iter()
        .any(|name| value[*name].as_str().is_some_and(|own| same(own, person)))
        || value.as_str().is_some_and(|own| same(own, person))
}
