//! The JSON Schema of inputs, for agents and for whoever checks before sending.

use serde_json::{Map, Value, json};

use super::{Field, Fields, Kind, Options, Variant};

/// The schema of the object that these inputs make.
pub fn json_schema(fields: &[Field]) -> Value {
    object(fields, None)
}

/// An object of these members, after the member that tells which variant it is.
fn object(fields: &[Field], variant: Option<&Variant>) -> Value {
    let mut properties = Map::new();
    let mut required: Vec<Value> = Vec::new();
    if let Some(variant) = variant {
        properties.insert("kind".to_owned(), json!({ "const": variant.key, "type": "string" }));
        required.push("kind".into());
    }
    for one in fields {
        properties.insert(one.key.clone(), field(one));
        if one.required && one.default.is_none() {
            required.push(one.key.as_str().into());
        }
    }
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

fn field(field: &Field) -> Value {
    let mut schema = kind(&field.kind);
    schema["title"] = field.label.as_str().into();
    if !field.hint.is_empty() {
        schema["description"] = field.hint.as_str().into();
    }
    if let Some(default) = &field.default {
        schema["default"] = default.clone();
    }
    schema
}

fn kind(kind: &Kind) -> Value {
    match kind {
        Kind::Text | Kind::LongText => json!({ "type": "string" }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Scalar => json!({ "type": ["string", "number", "boolean"] }),
        Kind::DateTime => json!({ "type": "string", "format": "date-time" }),
        Kind::Choice { options: Options::Static(choices), open: false } => {
            let values: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
            json!({ "type": "string", "enum": values })
        }
        Kind::Choice { options: Options::Static(choices), open: true } => {
            let values: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
            json!({ "type": "string", "examples": values })
        }
        Kind::Choice { options: Options::Source(_), .. } => json!({ "type": "string" }),
        Kind::Object(Fields::Static(fields)) => object(fields, None),
        Kind::Object(Fields::Source(_)) => json!({
            "type": "object",
            "additionalProperties": { "type": ["string", "number", "boolean", "null"] },
        }),
        Kind::Array { item, items_max } => {
            json!({ "type": "array", "items": self::kind(item), "maxItems": items_max })
        }
        Kind::Map(value) => json!({ "type": "object", "additionalProperties": self::kind(value) }),
        Kind::OneOf(variants) => {
            let schema = |variant: &Variant| {
                let mut schema = object(&variant.fields, Some(variant));
                schema["title"] = variant.label.as_str().into();
                schema
            };
            json!({ "oneOf": variants.iter().map(schema).collect::<Vec<_>>() })
        }
        Kind::File => json!({
            "type": "object",
            "properties": { "id": { "type": "string" } },
            "required": ["id"],
        }),
    }
}
