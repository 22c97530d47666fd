//! The fields of the organization, as answers show them.

use serde_json::{Value, json};

use super::call::{Answer, Answered, Call};
use super::catalog::fields::{self, Field, Kind};
use super::problem::Problem;
use super::state::Organization;
use http::StatusCode;

/// `GET …/_apis/wit/fields` and `…/fields/{fieldNameOrRefName}`.
pub fn get_or_list(call: &Call<'_>, organization: &Organization) -> Answered {
    call.project_if_named(organization)?;
    match call.path.get("fieldNameOrRefName") {
        None => Ok(Answer::list(fields::FIELDS.iter().map(|field| body(call, field)).collect())),
        Some(name) => {
            let field = fields::find(name)
                .ok_or_else(|| Problem::no_field(name).with_status(StatusCode::NOT_FOUND))?;
            Ok(Answer::one(body(call, field)))
        }
    }
}

fn body(call: &Call<'_>, field: &Field) -> Value {
    let operations: Vec<Value> = field
        .kind
        .operations()
        .iter()
        .map(|(reference, name)| json!({ "referenceName": reference, "name": name }))
        .collect();
    json!({
        "name": field.name,
        "referenceName": field.reference,
        "description": null,
        "type": field.kind.name(),
        "usage": "workItem",
        "readOnly": field.read_only,
        "canSortBy": !field.kind.is_long(),
        "isQueryable": true,
        "supportedOperations": operations,
        "isIdentity": field.kind == Kind::Identity,
        "isPicklist": false,
        "isPicklistSuggested": false,
        "url": url(call, field.reference),
    })
}

/// The address of a field.
pub fn url(call: &Call<'_>, reference: &str) -> String {
    format!("{}/_apis/wit/fields/{reference}", call.base())
}
