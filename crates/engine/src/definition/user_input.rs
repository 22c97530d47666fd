//! What people fill in: the settings of an integration and of a workflow, by the input types of the
//! browser SDK, and whether a value fits its input.

use serde_json::{Map, Value};

use super::{Problem, UserInput};

/// How many inputs an integration or a workflow may have.
pub const INPUTS_MAX: usize = 100;
/// How long the text of a setting may be, and how large a value of several parts as JSON.
pub const SETTING_BYTES_MAX: usize = 64 * 1024;
/// How long the text of a file may be that is a setting.
pub const SETTING_FILE_BYTES_MAX: usize = 512 * 1024;
/// How long names and titles may be.
const NAME_BYTES_MAX: usize = 200;

/// The types, and what a value of each is.
const TYPES: [(&str, Shape); 17] = [
    ("TEXT_NO_VARS", Shape::Text),
    ("TEXTAREA_NO_VARS", Shape::Text),
    ("PASSWORD", Shape::Text),
    ("NUMBER", Shape::Number),
    ("EMAIL", Shape::Email),
    ("URL", Shape::Url),
    ("BOOLEAN_INPUT", Shape::Boolean),
    ("SWITCH", Shape::Boolean),
    ("ENUM", Shape::Listed),
    ("DYNAMIC_ENUM", Shape::Chosen),
    ("CUSTOM_DROPDOWN", Shape::Chosen),
    ("COMBO_INPUT", Shape::Parts),
    ("DYNAMIC_COMBO_INPUT", Shape::Parts),
    ("FIELD_MAPPER", Shape::Parts),
    ("PERMISSION", Shape::Scopes),
    ("COPYABLE_BUTTON_INPUT", Shape::Shown),
    ("FILE", Shape::File),
];

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Text.
    Text,
    /// A number, or the text of one.
    Number,
    /// An address of mail.
    Email,
    /// A whole address with http or https.
    Url,
    /// True or false.
    Boolean,
    /// One of the listed values.
    Listed,
    /// A value that was picked from a list that is not known here.
    Chosen,
    /// An object: the mapping of fields, or a choice that depends on another.
    Parts,
    /// Scopes with blanks between, all required ones among them.
    Scopes,
    /// Nothing is filled in: it shows a value to copy.
    Shown,
    /// The text of a file.
    File,
}

impl UserInput {
    fn shape(&self) -> Option<Shape> {
        TYPES.iter().find(|(name, _)| *name == self.input_type).map(|(_, shape)| *shape)
    }

    /// Whether a value can stand for this input; the sentence says why not. Null and empty text mean
    /// that nothing is filled in and always can.
    ///
    /// # Errors
    /// A sentence for people.
    pub fn check_value(&self, value: &Value) -> Result<(), String> {
        if is_blank(value) {
            return Ok(());
        }
        let bytes_max = match self.shape() {
            Some(Shape::File) => SETTING_FILE_BYTES_MAX,
            _ => SETTING_BYTES_MAX,
        };
        if size(value) > bytes_max {
            return Err(format!("is larger than {bytes_max} bytes"));
        }
        let text = value.as_str();
        let fits = match self.shape() {
            Some(Shape::Text | Shape::File | Shape::Shown) => text.is_some(),
            Some(Shape::Number) => value.is_number() || text.is_some_and(is_number),
            Some(Shape::Email) => text.is_some_and(is_email),
            Some(Shape::Url) => text.is_some_and(is_url),
            Some(Shape::Boolean) => value.is_boolean(),
            Some(Shape::Listed) => return self.check_listed(value),
            // What a list gave, and all that newer types hold: it is passed on as it is.
            Some(Shape::Chosen) => text.is_some() || value.is_number(),
            Some(Shape::Parts) => value.is_object(),
            Some(Shape::Scopes) => return self.check_scopes(value),
            None => true,
        };
        if fits { Ok(()) } else { Err(self.wanted().to_owned()) }
    }

    fn wanted(&self) -> &'static str {
        match self.shape() {
            Some(Shape::Number) => "must be a number",
            Some(Shape::Email) => "must be an e-mail address",
            Some(Shape::Url) => "must be a whole address that begins with https:// or http://",
            Some(Shape::Boolean) => "must be true or false",
            Some(Shape::Parts) => "must be an object",
            _ => "must be text",
        }
    }

    fn check_listed(&self, value: &Value) -> Result<(), String> {
        let listed = listed(self.more.get("values").unwrap_or(&Value::Null));
        if listed.contains(&value) {
            return Ok(());
        }
        let names: Vec<String> = listed.iter().take(20).map(ToString::to_string).collect();
        Err(format!("must be one of {}", names.join(", ")))
    }

    fn check_scopes(&self, value: &Value) -> Result<(), String> {
        let Some(text) = value.as_str() else {
            return Err("must be text: scopes with blanks between".to_owned());
        };
        let chosen: Vec<&str> = text.split_whitespace().collect();
        let required = self.more.get("requiredScopes").and_then(Value::as_array);
        let missing = required.into_iter().flatten().filter_map(Value::as_str);
        match missing.into_iter().find(|scope| !chosen.contains(scope)) {
            Some(scope) => Err(format!("must hold the scope {scope}")),
            None => Ok(()),
        }
    }
}

/// Whether nothing is filled in.
pub fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// The titles of required inputs that `settings` leave blank.
pub fn missing<'i>(inputs: &'i [UserInput], settings: &Map<String, Value>) -> Vec<&'i str> {
    let is_missing = |input: &&UserInput| {
        input.required
            && input.shape() != Some(Shape::Shown)
            && settings.get(&input.id).is_none_or(is_blank)
    };
    inputs.iter().filter(is_missing).map(|input| input.title.as_str()).collect()
}

/// What is wrong with a list of inputs that stands at `path`.
pub fn check_inputs(inputs: &[UserInput], path: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if inputs.len() > INPUTS_MAX {
        problems.push(Problem::new(path, format!("There are at most {INPUTS_MAX} inputs.")));
    }
    for (position, input) in inputs.iter().enumerate() {
        let mut problem = |member: &str, message: &str| {
            problems.push(Problem::new(format!("{path}[{position}].{member}"), message));
        };
        if input.id.is_empty() || input.id.len() > NAME_BYTES_MAX {
            problem("id", "An input needs an id: the name under which settings have its value.");
        } else if inputs[..position].iter().any(|earlier| earlier.id == input.id) {
            problem("id", "Another input has this id already.");
        }
        if input.title.trim().is_empty() {
            problem("title", "An input needs a title: what people read beside it.");
        }
        let Some(shape) = input.shape() else {
            let known: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
            problem("type", &format!("There is no such type; there are {}.", known.join(", ")));
            continue;
        };
        let values = input.more.get("values").unwrap_or(&Value::Null);
        if shape == Shape::Listed && listed(values).is_empty() {
            problem("values", "A list needs values: [{\"value\", \"label\"}].");
        }
    }
    problems
}

/// The values of a list, which may stand in sections.
fn listed(values: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    for one in values.as_array().into_iter().flatten() {
        match (one.get("value"), one.get("items")) {
            (Some(value), _) => found.push(value),
            (None, Some(items)) => {
                let items = items.as_array().into_iter().flatten();
                found.extend(items.filter_map(|item| item.get("value")));
            }
            (None, None) => {}
        }
    }
    found
}

fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        other => other.to_string().len(),
    }
}

fn is_number(text: &str) -> bool {
    text.trim().parse::<f64>().is_ok_and(f64::is_finite)
}

/// Whether something stands on both sides of one `@`, without blanks. Mail finds out the rest.
fn is_email(text: &str) -> bool {
    let parts = text.trim().rsplit_once('@');
    parts.is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !text.trim().contains(char::is_whitespace)
    })
}

fn is_url(text: &str) -> bool {
    let rest = text.trim().split_once("://").filter(|(scheme, _)| {
        scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
    });
    rest.is_some_and(|(_, rest)| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty() && !rest.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn input(more: Value) -> UserInput {
        let mut document = json!({ "id": "area", "title": "Area", "required": true });
        let members = document.as_object_mut().expect("an object");
        members.extend(more.as_object().expect("an object").clone());
        serde_json::from_value(document).expect("an input")
    }

    #[test]
    fn a_value_of_each_type_is_taken_and_another_is_refused_with_what_is_wanted() {
        let values = json!([{ "value": "a", "label": "A" }, { "title": "More", "items": [
            { "value": "b", "label": "B" },
        ] }]);
        let scopes = json!(["read", "write"]);
        let cases = [
            (json!({ "type": "TEXT_NO_VARS" }), json!("x"), json!(1)),
            (json!({ "type": "TEXTAREA_NO_VARS" }), json!("x\ny"), json!(["x"])),
            (json!({ "type": "PASSWORD" }), json!("x"), json!(false)),
            (json!({ "type": "NUMBER" }), json!("2.5"), json!("two")),
            (json!({ "type": "NUMBER" }), json!(9_007_199_254_740_993_i64), json!(true)),
            (json!({ "type": "EMAIL" }), json!("ann@example.com"), json!("ann")),
            (json!({ "type": "URL" }), json!("https://example.com/a?b"), json!("javascript:x")),
            (json!({ "type": "BOOLEAN_INPUT" }), json!(false), json!("false")),
            (json!({ "type": "SWITCH" }), json!(true), json!(1)),
            (json!({ "type": "ENUM", "values": values }), json!("b"), json!("c")),
            (json!({ "type": "DYNAMIC_ENUM" }), json!("any"), json!({})),
            (json!({ "type": "CUSTOM_DROPDOWN" }), json!("any"), json!([])),
            (json!({ "type": "COMBO_INPUT" }), json!({ "mainInput": "a" }), json!("a")),
            (json!({ "type": "DYNAMIC_COMBO_INPUT" }), json!({ "mainInput": "a" }), json!("a")),
            (json!({ "type": "FIELD_MAPPER" }), json!({ "fieldMappings": {} }), json!("a")),
            (
                json!({ "type": "PERMISSION", "requiredScopes": scopes }),
                json!("write other read"),
                json!("read"),
            ),
            (json!({ "type": "COPYABLE_BUTTON_INPUT" }), json!("x"), json!({})),
            (json!({ "type": "FILE" }), json!("a,b\n1,2"), json!({})),
        ];
        for (one, good, bad) in cases {
            let one = input(one);
            assert_eq!(one.check_value(&good), Ok(()), "{}", one.input_type);
            assert!(one.check_value(&bad).is_err(), "{} takes {bad}", one.input_type);
            assert_eq!(one.check_value(&Value::Null), Ok(()));
        }
        let long = Value::from("x".repeat(SETTING_BYTES_MAX + 1));
        assert!(input(json!({ "type": "TEXT_NO_VARS" })).check_value(&long).is_err());
        assert!(input(json!({ "type": "FILE" })).check_value(&long).is_ok());
    }

    #[test]
    fn what_is_required_and_left_blank_is_told_by_its_title() {
        let inputs = [
            input(json!({ "type": "TEXT_NO_VARS" })),
            input(json!({ "id": "note", "title": "Note", "required": false, "type": "URL" })),
            input(json!({ "id": "hook", "title": "Hook", "type": "COPYABLE_BUTTON_INPUT" })),
        ];
        assert_eq!(missing(&inputs, &Map::new()), ["Area"]);
        let filled = json!({ "area": "Web" }).as_object().expect("an object").clone();
        assert_eq!(missing(&inputs, &filled), Vec::<&str>::new());
    }
}
