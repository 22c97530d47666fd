//! Inputs as the vendor's clients draw them: a list of typed controls. What those have no word for
//! (lists, objects within objects) hangs below a control of the type they use for nesting.

use serde_json::{Value, json};

use super::{Choice, Field, Fields, Kind, Options, SourceUse, Variant};

/// The controls of these inputs.
pub fn form(fields: &[Field]) -> Vec<Value> {
    fields.iter().map(control).collect()
}

fn control(field: &Field) -> Value {
    let mut control = kind(&field.kind);
    control["id"] = field.key.as_str().into();
    control["title"] = field.label.as_str().into();
    control["required"] = field.required.into();
    if !field.hint.is_empty() {
        control["subtitle"] = field.hint.as_str().into();
    }
    if let Some(default) = &field.default {
        control["defaultValue"] = default.clone();
    }
    control
}

fn kind(kind: &Kind) -> Value {
    match kind {
        Kind::Text | Kind::DateTime | Kind::Scalar => json!({ "type": "TEXT" }),
        Kind::LongText => json!({ "type": "TEXTAREA", "lines": 4 }),
        Kind::Number | Kind::Integer { .. } => json!({ "type": "NUMBER" }),
        Kind::Boolean => json!({ "type": "BOOLEAN_INPUT" }),
        Kind::File => json!({ "type": "FILE" }),
        Kind::Choice { options: Options::Static(choices), open } => json!({
            "type": if *open { "EDITABLE_ENUM" } else { "ENUM" },
            "values": choices.iter().map(choice).collect::<Vec<_>>(),
        }),
        Kind::Choice { options: Options::Source(source), open } => {
            let kind = if *open { "EDITABLE_DYNAMIC_ENUM" } else { "DYNAMIC_ENUM" };
            from_source(kind, "OPTIONS", source)
        }
        Kind::Object(Fields::Static(fields)) => {
            json!({ "type": "NESTED_LIST", "inputs": form(fields) })
        }
        Kind::Object(Fields::Source(source)) => {
            from_source("NATIVE_DYNAMIC_INPUT", "FIELDS", source)
        }
        Kind::Array { item, items_max } => json!({
            "type": "LinesListInput",
            "item": self::kind(item),
            "itemsMax": items_max,
        }),
        Kind::Map(value) => json!({ "type": "EnumTextAreaPairInput", "item": self::kind(value) }),
        Kind::OneOf(variants) => json!({
            "type": "ENUM",
            "values": variants.iter().map(variant).collect::<Vec<_>>(),
        }),
    }
}

/// A value that can be chosen, as all clients read it.
pub(crate) fn choice(choice: &Choice) -> Value {
    let mut record = json!({ "value": choice.value, "label": choice.label });
    if let Some(subtitle) = &choice.subtitle {
        record["subtitle"] = subtitle.as_str().into();
    }
    record
}

fn variant(variant: &Variant) -> Value {
    json!({
        "value": variant.key,
        "label": variant.label,
        "dependentInputs": form(&variant.fields),
    })
}

fn from_source(kind: &str, wanted: &str, source: &SourceUse) -> Value {
    json!({
        "type": kind,
        "valuesSource": {
            "sourceType": wanted,
            "cacheKey": source.key,
            "dependencies": source.depends_on,
        },
    })
}
