//! The tags of a project: those that its items carry.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Value, json};

use super::call::{Answer, Answered, Call, encoded};
use super::problem::Problem;
use super::state::{Organization, derived_id, text};
use super::work_items::tags;

/// `GET …/{project}/_apis/wit/tags` and `…/tags/{tagIdOrName}`.
pub fn get_or_list(call: &Call<'_>, organization: &Organization) -> Answered {
    let project = call.project(organization)?;
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    for item in organization.items.values().filter(|item| item.deleted.is_none()) {
        let fields = &item.current().fields;
        if text(fields, "System.TeamProject") == project.name {
            for tag in tags::split(text(fields, "System.Tags")) {
                known.entry(tag.to_lowercase()).or_insert(tag);
            }
        }
    }
    let mut bodies = known.values().map(|tag| reference(call, organization, tag));
    let Some(wanted) = call.path.get("tagIdOrName") else {
        return Ok(Answer::list(bodies.collect()));
    };
    let same = |value: &Value| value.as_str().is_some_and(|one| one.eq_ignore_ascii_case(wanted));
    bodies.find(|one| same(&one["id"]) || same(&one["name"])).map(Answer::one).ok_or_else(|| {
        let message = format!("VS402336: The tag '{wanted}' does not exist in this project.");
        Problem::tracking("TagNotFoundException", message).with_status(StatusCode::NOT_FOUND)
    })
}

/// One tag; a tag of the same letters is the same everywhere in the organization.
pub fn reference(call: &Call<'_>, organization: &Organization, tag: &str) -> Value {
    let id = derived_id(&format!("tag {} {}", organization.id, tag.to_lowercase()));
    let place = call.path.get("project").map(|project| format!("/{}", encoded(project)));
    let place = place.unwrap_or_default();
    json!({
        "id": id,
        "name": tag,
        "url": format!("{}{place}/_apis/wit/tags/{id}", call.base()),
    })
}
