//! The document that makes or changes a work item.

use base::Result;
use serde_json::{Map, Value, json};

use super::{api::Place, paths};
use crate::action::Inputs;
use crate::context::ActionContext;
use crate::input;

/// Fields that have an input of their own.
const USUAL: [(&str, &str); 6] = [
    ("title", "System.Title"),
    ("description", "System.Description"),
    ("state", "System.State"),
    ("assigned_to", "System.AssignedTo"),
    ("area", AREA),
    ("iteration", ITERATION),
];
const AREA: &str = "System.AreaPath";
const ITERATION: &str = "System.IterationPath";
/// The words of an item, as one text.
pub const TAGS: &str = "System.Tags";
/// The comment that belongs to a revision.
pub const HISTORY: &str = "System.History";

/// The fields that the inputs set, by reference name; null empties one.
pub fn fields(context: &ActionContext, inputs: &Inputs) -> Result<Map<String, Value>> {
    let place = Place::of(inputs);
    let organization = place.organization_name(context)?;
    let mut fields = Map::new();
    let more = input::object(inputs, "fields").into_iter().flatten();
    for (name, value) in more {
        fields.insert(name.clone(), value.clone());
    }
    for (key, reference) in USUAL {
        if let Some(value) = inputs.get(key).filter(|value| !value.is_null()) {
            fields.insert(reference.to_owned(), value.clone());
        }
    }
    let project = fields.get("System.TeamProject").and_then(Value::as_str).map(str::to_owned);
    let project = project.as_deref().or(place.project);
    for (field, level) in [(AREA, "Area"), (ITERATION, "Iteration")] {
        if let Some(path) = fields.get(field).and_then(Value::as_str) {
            let path = paths::normalize(path, level, project, &organization);
            fields.insert(field.to_owned(), path.into());
        }
    }
    for value in fields.values_mut() {
        if value.as_str() == Some("") {
            *value = Value::Null;
        }
    }
    Ok(fields)
}

/// The operations that say which long texts are Markdown, and which HTML.
pub fn formats(inputs: &Inputs) -> Vec<Value> {
    let named = input::object(inputs, "formats").into_iter().flatten();
    let named = named.filter_map(|(field, format)| Some((field.as_str(), format.as_str()?)));
    let of_description = input::text(inputs, "description_format");
    let of_description = of_description.map(|format| ("System.Description", format));
    let operation = |(field, format): (&str, &str)| {
        let format = if format.eq_ignore_ascii_case("markdown") { "Markdown" } else { "Html" };
        add(&format!("/multilineFieldsFormat/{}", escape(field)), format.into())
    };
    named.chain(of_description).map(operation).collect()
}

/// Sets a field.
pub fn set(field: &str, value: Value) -> Value {
    add(&field_path(field), value)
}

/// Puts a value where another may stand: tags would be added to those there are.
pub fn replace(field: &str, value: Value) -> Value {
    json!({ "op": "replace", "path": field_path(field), "value": value })
}

/// Empties a field.
pub fn clear(field: &str) -> Value {
    json!({ "op": "remove", "path": field_path(field) })
}

/// Adds a relation.
pub fn relate(relation: Value) -> Value {
    add("/relations/-", relation)
}

/// Takes away the relation at this place among those of the revision that is tested for.
pub fn unrelate(index: usize) -> Value {
    json!({ "op": "remove", "path": format!("/relations/{index}") })
}

/// Lets the whole fail unless the item is at this revision.
pub fn test_revision(revision: i64) -> Value {
    json!({ "op": "test", "path": "/rev", "value": revision })
}

fn field_path(field: &str) -> String {
    format!("/fields/{}", escape(field))
}

fn add(path: &str, value: Value) -> Value {
    json!({ "op": "add", "path": path, "value": value })
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
