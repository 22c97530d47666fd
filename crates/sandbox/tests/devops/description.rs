//! Checks answers against Microsoft's own descriptions (Swagger 2), which are in `specs/`.
//!
//! A value may always be null: that version of Swagger cannot say so. Beyond what a schema
//! demands, a property it does not know is an error too, so that a misspelt name is found.

use serde_json::Value;

/// Where the descriptions are known to disagree with the service, and why.
const DISAGREEMENTS: &[(&str, &str)] = &[
    ("_links", "described as an object with one property links, sent as a map of links"),
    ("StreamedBatch.values", "described as texts, sent as work items"),
    ("ReportingWorkItemRevisionsBatch.values", "described as texts, sent as work items"),
    ("WorkItem.multilineFieldsFormat", "sent since 2025, not described yet"),
    ("Profile.displayName", "sent at the top, described inside coreAttributes"),
    ("Profile.publicAlias", "sent at the top, described inside coreAttributes"),
    ("Profile.emailAddress", "sent at the top, described inside coreAttributes"),
    ("Identity.descriptor", "described as an object, sent as a text, as in Microsoft's example"),
    ("Identity.properties", "described as a count and keys, sent as a map, as in the example"),
    ("WorkItemType.transitions", "described as a map of objects, sent as a map of lists"),
];

/// One description.
pub struct Description(Value);

impl Description {
    pub fn read(name: &str) -> Self {
        let path = format!("{}/specs/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("the description is there");
        Self(serde_json::from_str(&text).expect("it is JSON"))
    }

    /// Everything in which an answer departs from the operation's description.
    pub fn faults(&self, operation_id: &str, body: &Value) -> Vec<String> {
        let schema = self.schema(operation_id);
        let mut faults = Vec::new();
        if schema["type"] == "array" {
            // Lists are described bare and sent in a frame.
            if body["count"].as_u64() != body["value"].as_array().map(|list| list.len() as u64) {
                faults.push("the frame of the list is wrong".to_owned());
            }
            self.check(schema, &body["value"], "value", &mut faults);
        } else {
            self.check(schema, body, "", &mut faults);
        }
        faults
    }

    fn schema(&self, operation_id: &str) -> &Value {
        ["paths", "x-ms-paths"]
            .iter()
            .filter_map(|paths| self.0[*paths].as_object())
            .flat_map(|paths| paths.values())
            .filter_map(Value::as_object)
            .flat_map(|methods| methods.values())
            .find(|operation| operation["operationId"] == operation_id)
            .map(|operation| &operation["responses"]["200"]["schema"])
            .filter(|schema| schema.is_object())
            .unwrap_or_else(|| panic!("{operation_id} is not described"))
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> (&'a str, &'a Value) {
        match schema["$ref"].as_str() {
            Some(reference) => {
                let name = reference.rsplit('/').next().expect("a name");
                (name, &self.0["definitions"][name])
            }
            None => ("", schema),
        }
    }

    fn check(&self, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        if value.is_null() {
            return;
        }
        let (name, schema) = self.resolved(schema);
        if let Some(allowed) = schema["enum"].as_array() {
            if !allowed.contains(value) {
                faults.push(format!("{at}: {value} is none of {allowed:?}"));
            }
            return;
        }
        let fits = match schema["type"].as_str() {
            Some("string") => value.is_string() && is_formatted(schema, value),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            Some("array") => value.is_array(),
            _ => true,
        };
        if !fits {
            faults.push(format!("{at}: {value} is no {} {}", schema["type"], schema["format"]));
            return;
        }
        if let Some(list) = value.as_array() {
            for (index, one) in list.iter().enumerate() {
                self.check(&schema["items"], one, &format!("{at}[{index}]"), faults);
            }
        }
        let has_shape = schema["properties"].is_object() || schema["allOf"].is_array();
        if has_shape || schema["additionalProperties"].is_object() {
            self.check_object(name, schema, value, at, faults);
        }
    }

    fn check_object(
        &self,
        name: &str,
        schema: &Value,
        value: &Value,
        at: &str,
        faults: &mut Vec<String>,
    ) {
        let Some(object) = value.as_object() else {
            faults.push(format!("{at}: {value} is no object"));
            return;
        };
        for required in self.required(schema) {
            if !object.contains_key(&required) {
                faults.push(format!("{at}.{required}: is required and missing"));
            }
        }
        for (key, value) in object {
            let full = format!("{name}.{key}");
            if DISAGREEMENTS.iter().any(|(one, _)| one == key || *one == full) {
                continue;
            }
            let here = format!("{at}.{key}");
            match self.property(schema, key) {
                Some(property) => self.check(property, value, &here, faults),
                None => faults.push(format!("{here}: {full} is not described")),
            }
        }
    }

    fn required(&self, schema: &Value) -> Vec<String> {
        let inherited = schema["allOf"].as_array().into_iter().flatten();
        let own = schema["required"].as_array().into_iter().flatten();
        own.filter_map(|name| name.as_str().map(str::to_owned))
            .chain(inherited.flat_map(|parent| self.required(self.resolved(parent).1)))
            .collect()
    }

    fn property<'a>(&'a self, schema: &'a Value, key: &str) -> Option<&'a Value> {
        if let Some(property) = schema["properties"].get(key) {
            return Some(property);
        }
        if schema["additionalProperties"].is_object() {
            return Some(&schema["additionalProperties"]);
        }
        let parents = schema["allOf"].as_array().into_iter().flatten();
        parents.into_iter().find_map(|parent| self.property(self.resolved(parent).1, key))
    }
}

fn is_formatted(schema: &Value, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    match schema["format"].as_str() {
        Some("uuid") => uuid::Uuid::try_parse(text).is_ok(),
        Some("date-time") => text.len() >= 20 && text.as_bytes()[10] == b'T',
        _ => true,
    }
}
