//! The fields of a work item type that have no input of their own: custom ones too, with their
//! values, and which of them must be filled in.

use std::collections::HashMap;
use std::time::Duration;

use base::Result;
use serde_json::Value;

use super::super::api::{self, Place};
use crate::action::Inputs;
use crate::context::{ActionContext, Call, encode};
use crate::descriptor::{Choice, Field, Kind, Options, SourceUse};
use crate::input;
use crate::source::{Loaded, Source};

/// Fields that actions have an input for, or that follow from others.
const NOT_SHOWN: [&str; 12] = [
    "System.AreaId",
    "System.AreaPath",
    "System.AssignedTo",
    "System.Description",
    "System.History",
    "System.IterationId",
    "System.IterationPath",
    "System.State",
    "System.Tags",
    "System.TeamProject",
    "System.Title",
    "System.WorkItemType",
];

/// The source. What types have changes seldom, and is costly to read.
pub fn source() -> Source {
    Source {
        key: "fields",
        title: "Fields",
        needs: &["project", "type"],
        uses: &["organization"],
        life: Duration::from_secs(24 * 3_600),
        load: |context, inputs| Box::pin(load(context, inputs)),
    }
}

async fn load(context: &ActionContext, inputs: &Inputs) -> Result<Loaded> {
    let place = Place::of(inputs);
    let kind = input::text(inputs, "type").unwrap_or_default();
    let path = place.path(&format!("wit/workitemtypes/{}/fields", encode(kind)));
    let of_type = api::ask(context, place, Call::get(path).query("$expand", "all")).await?;
    let all = api::ask(context, place, Call::get(place.path("wit/fields"))).await?;
    let known: HashMap<&str, &Value> = api::list(&all)
        .iter()
        .filter_map(|field| Some((field["referenceName"].as_str()?, field)))
        .collect();
    let shown = api::list(&of_type).iter().filter_map(|of_type| {
        let reference = of_type["referenceName"].as_str()?;
        let field = known.get(reference)?;
        let usable = field["readOnly"] != true && !NOT_SHOWN.contains(&reference);
        usable.then(|| input_of(reference, of_type, field))
    });
    let mut fields: Vec<Field> = shown.collect();
    fields.sort_by_key(|field| (!field.required, field.label.to_lowercase()));
    Ok(Loaded::Fields(fields))
}

fn input_of(reference: &str, of_type: &Value, field: &Value) -> Field {
    let name = of_type["name"].as_str().unwrap_or(reference);
    let mut input = Field::new(reference, name, kind_of(of_type, field));
    if let Some(text) = field["description"].as_str().filter(|text| !text.is_empty()) {
        input = input.hint(text);
    }
    let default = &of_type["defaultValue"];
    input.required = of_type["alwaysRequired"] == true && default.is_null();
    // A default can be a person, as an object; the service fills that in by itself.
    input.default = Some(default).filter(|default| default.is_string()).cloned();
    input
}

fn kind_of(of_type: &Value, field: &Value) -> Kind {
    let allowed = of_type["allowedValues"].as_array().map_or(&[][..], Vec::as_slice);
    if field["isIdentity"] == true {
        let depends_on: &[&str] = &["organization", "project"];
        let options = Options::Source(SourceUse { key: "people", depends_on });
        return Kind::Choice { options, open: true };
    }
    if !allowed.is_empty() {
        let value = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let choices = allowed.iter().map(value).map(|value| Choice::new(value.clone(), value));
        let options = Options::Static(choices.collect());
        return Kind::Choice { options, open: field["isPicklistSuggested"] == true };
    }
    match field["type"].as_str().unwrap_or_default() {
        "integer" => Kind::Integer { min: i64::from(i32::MIN), max: i64::from(i32::MAX) },
        "double" => Kind::Number,
        "boolean" => Kind::Boolean,
        "dateTime" => Kind::DateTime,
        "html" | "plainText" | "history" => Kind::LongText,
        _ => Kind::Text,
    }
}
