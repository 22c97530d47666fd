//! Secrets and tokens as they stand in rendered values: by name.
//!
//! A template of a request renders a secret to
//! `{"$reference": {"kind": "secret", "name": "API_KEY"}}`, and text around one to
//! `{"$template": ["Bearer ", {"$reference": …}]}`. Such values are stored in journals and shown
//! to people; whoever sends the request puts the plaintext in at the last moment.
//!
//! Nobody can smuggle a reference in as data. In everything that is not one, a key of one or more `$`
//! followed by `reference` or `template` gets one more `$`: data's `$reference` becomes
//! `$$reference`, its `$$reference` becomes `$$$reference`. So the two keys with a single `$` come
//! from expressions alone, and [`resolve`] takes the additional `$` away again.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The only key of an object that stands for a secret or token.
pub const REFERENCE_KEY: &str = "$reference";
/// The only key of an object that stands for a text with secrets or tokens in it.
pub const TEMPLATE_KEY: &str = "$template";

/// What a reference names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Reference {
    /// An environment secret of the project.
    Secret {
        /// Its key.
        name: String,
    },
    /// An access token of the execution's account.
    Token {
        /// Whose: `account`.
        name: String,
    },
}

/// A piece of a text that holds references.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text as it is.
    Text(String),
    /// The plaintext of this goes here.
    Reference(Reference),
}

/// A rendered value that stands for something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    /// The plaintext of one secret or token.
    Reference(Reference),
    /// A text with such in it.
    Template(Vec<Part>),
}

impl Reference {
    /// As it stands in a rendered value.
    pub fn to_value(&self) -> Value {
        let (kind, name) = match self {
            Self::Secret { name } => ("secret", name),
            Self::Token { name } => ("token", name),
        };
        serde_json::json!({ REFERENCE_KEY: { "kind": kind, "name": name } })
    }

    /// As it is written in an expression, for sentences.
    pub fn written(&self) -> String {
        match self {
            Self::Secret { name } => format!("secrets.{name}"),
            Self::Token { name } => format!("{name}.token"),
        }
    }
}

/// A text of `parts` as it stands in a rendered value.
pub fn template_value(parts: Vec<Part>) -> Value {
    let parts = parts.into_iter().map(|part| match part {
        Part::Text(text) => Value::String(text),
        Part::Reference(reference) => reference.to_value(),
    });
    serde_json::json!({ TEMPLATE_KEY: parts.collect::<Vec<_>>() })
}

/// What a rendered value stands for; `None` for one that stands for itself.
pub fn marked(value: &Value) -> Option<Marked> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    if let Some(reference) = fields.get(REFERENCE_KEY) {
        return Reference::deserialize(reference).ok().map(Marked::Reference);
    }
    let parts = fields.get(TEMPLATE_KEY)?.as_array()?;
    let parts = parts.iter().map(|part| match part {
        Value::String(text) => Some(Part::Text(text.clone())),
        part => match marked(part)? {
            Marked::Reference(reference) => Some(Part::Reference(reference)),
            Marked::Template(_) => None,
        },
    });
    parts.collect::<Option<_>>().map(Marked::Template)
}

/// Every reference in a rendered value, in the order of the value.
pub fn references_in(value: &Value) -> Vec<Reference> {
    let mut found = Vec::new();
    collect(value, &mut found);
    found
}

fn collect(value: &Value, found: &mut Vec<Reference>) {
    match (marked(value), value) {
        (Some(Marked::Reference(reference)), _) => found.push(reference),
        (Some(Marked::Template(parts)), _) => {
            found.extend(parts.into_iter().filter_map(|part| match part {
                Part::Reference(reference) => Some(reference),
                Part::Text(_) => None,
            }))
        }
        (None, Value::Array(items)) => items.iter().for_each(|item| collect(item, found)),
        (None, Value::Object(fields)) => fields.values().for_each(|field| collect(field, found)),
        (None, _) => {}
    }
}

/// The value that a rendered value of a request stands for: `find` gives what replaces each
/// reference, and escaped keys get their own names back.
///
/// # Errors
/// The first of `find`.
pub fn resolve<E>(
    value: &Value,
    find: &mut impl FnMut(&Reference) -> Result<String, E>,
) -> Result<Value, E> {
    match marked(value) {
        Some(Marked::Reference(reference)) => return find(&reference).map(Value::String),
        Some(Marked::Template(parts)) => {
            let texts = parts.into_iter().map(|part| match part {
                Part::Text(text) => Ok(text),
                Part::Reference(reference) => find(&reference),
            });
            return texts.collect::<Result<String, E>>().map(Value::String);
        }
        None => {}
    }
    match value {
        Value::Array(items) => {
            items.iter().map(|item| resolve(item, find)).collect::<Result<_, E>>().map(Value::Array)
        }
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(key, field)| Ok((unescape_key(key).to_owned(), resolve(field, find)?)));
            fields.collect::<Result<Map<_, _>, E>>().map(Value::Object)
        }
        value => Ok(value.clone()),
    }
}

/// A key of data as it stands in a rendered value of a request.
pub fn escape_key(key: &str) -> Cow<'_, str> {
    if is_reserved(key) { Cow::Owned(format!("${key}")) } else { Cow::Borrowed(key) }
}

/// Takes back [`escape_key`].
pub fn unescape_key(key: &str) -> &str {
    match key.strip_prefix('$') {
        Some(inner) if is_reserved(inner) => inner,
        _ => key,
    }
}

fn is_reserved(key: &str) -> bool {
    let name = key.trim_start_matches('$');
    name.len() < key.len() && (name == "reference" || name == "template")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_reference_is_resolved_alone_and_within_a_text() {
        let secret = Reference::Secret { name: "KEY".to_owned() };
        let token = Reference::Token { name: "account".to_owned() };
        let text =
            template_value(vec![Part::Text("Bearer ".to_owned()), Part::Reference(token.clone())]);
        let rendered = json!({ "key": secret.to_value(), "header": text, "$$reference": [1] });
        assert_eq!(references_in(&rendered), [token, secret]);
        let resolved = resolve(&rendered, &mut |reference| Ok::<_, ()>(reference.written()));
        let expected =
            json!({ "key": "secrets.KEY", "header": "Bearer account.token", "$reference": [1] });
        assert_eq!(resolved, Ok(expected));
    }

    #[test]
    fn a_reference_reads_and_writes_as_documented() {
        let secret = Reference::Secret { name: "KEY".to_owned() };
        let written = json!({ "$reference": { "kind": "secret", "name": "KEY" } });
        assert_eq!(secret.to_value(), written);
        assert_eq!(marked(&written), Some(Marked::Reference(secret.clone())));
        assert_eq!(serde_json::to_value(&secret).ok(), written.get("$reference").cloned());
        for other in [
            json!({ "$reference": { "kind": "secret", "name": "KEY", "more": 1 } }),
            json!({ "$reference": { "kind": "secret", "name": "KEY" }, "more": 1 }),
            json!({ "$reference": "KEY" }),
            json!({ "$template": [1] }),
        ] {
            assert_eq!(marked(&other), None, "{other}");
        }
    }

    #[test]
    fn escaping_a_key_can_be_taken_back() {
        for key in ["$reference", "$$reference", "$template", "$$$template"] {
            assert_eq!(escape_key(key), format!("${key}"));
        }
        for key in ["reference", "$", "", "$references", "a$reference", "$$", "$ref"] {
            assert_eq!(escape_key(key), key);
            assert_eq!(unescape_key(key), key);
        }
        for key in ["$reference", "$$reference", "x"] {
            assert_eq!(unescape_key(&escape_key(key)), key);
        }
    }
}
