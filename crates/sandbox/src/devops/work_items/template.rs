//! What a new work item of a type starts with.

use serde_json::{Map, Value, json};

use super::draft::Draft;
use super::render::{collection_url, field_value};
use crate::devops::call::{Answer, Answered, Call};
use crate::devops::state::Organization;
use crate::devops::types;

/// `GET …/{project}/_apis/wit/workItems/${type}`.
pub fn get(call: &Call<'_>, organization: &Organization) -> Answered {
    let project = call.project(organization)?;
    let item_type = types::item_type(call, project)?;
    let draft = Draft::new(call, organization, project, item_type);
    let mut fields: Map<String, Value> = draft.fields().clone();
    for name in ["System.CreatedBy", "System.ChangedBy"] {
        fields.insert(name.to_owned(), json!(call.account()));
    }
    let shown: Map<String, Value> = fields
        .iter()
        .map(|(name, value)| (name.clone(), field_value(call, organization, name, value)))
        .collect();
    let place = format!("{}/{}", call.base(), project.id);
    Ok(Answer::one(json!({
        "fields": shown,
        "_links": {
            "workItemType": { "href": types::url(call, project, item_type) },
            "fields": { "href": format!("{place}/_apis/wit/fields") },
        },
        "url": collection_url(call, &project.id.to_string()),
    })))
}
