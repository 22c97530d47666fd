//! What can be wrong with a setting, as a sentence that says what to do.

use std::fmt;

use figment::error::{Actual, Kind};

/// One setting that is wrong or missing. Never holds the value: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The setting, `server.public_url`.
    pub key: String,
    /// Where the wrong value stands: a file, an environment variable; none when it is missing.
    pub origin: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Some(origin) => write!(f, "{} (in {origin}): {}", self.key, self.message),
            None => write!(f, "{}: {}", self.key, self.message),
        }
    }
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    /// A setting that could not be read stands at its default: what is wrong with that is nobody's
    /// concern.
    pub(super) fn add(&mut self, key: impl Into<String>, message: impl Into<String>) {
        let (key, message) = (key.into(), message.into());
        if self.0.iter().all(|known| known.key != key) {
            self.0.push(Problem { key, origin: None, message });
        }
    }

    pub(super) fn add_in(
        &mut self,
        key: impl Into<String>,
        origin: String,
        message: impl Into<String>,
    ) {
        let (key, message) = (key.into(), message.into());
        self.0.push(Problem { key, origin: Some(origin), message });
    }

    pub(super) fn none_or<T>(self, value: T) -> Result<T, Vec<Problem>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }
}

/// What is wrong with a value, without the value.
pub(super) fn sentence(kind: &Kind) -> String {
    match kind {
        Kind::UnknownField(..) => {
            "There is no such setting. config.default.toml lists them all.".to_owned()
        }
        Kind::MissingField(field) => format!("It needs \"{field}\" too."),
        Kind::InvalidType(actual, expected) => {
            format!("It must be {}, not {}.", noun(expected), actual_noun(actual))
        }
        Kind::InvalidValue(_, expected) => format!("It must be {}.", noun(expected)),
        Kind::UnknownVariant(_, known) => {
            let known: Vec<_> = known.iter().map(|name| format!("\"{name}\"")).collect();
            format!("It must be {}.", known.join(" or "))
        }
        Kind::Message(sentence) => sentence.clone(),
        _ => "It cannot be read as the setting it should be.".to_owned(),
    }
}

fn noun(expected: &str) -> &str {
    match expected {
        "a string" => "text",
        "a sequence" => "a list",
        "a boolean" => "true or false",
        "u16" => "a number from 0 to 65535",
        "u32" | "u64" | "usize" => "a whole number of 0 or more",
        text if text == "a map" || text.starts_with("struct ") => "a table",
        text => text,
    }
}

fn actual_noun(actual: &Actual) -> &'static str {
    match actual {
        Actual::Bool(_) => "true or false",
        Actual::Unsigned(_) | Actual::Signed(_) | Actual::Float(_) => "a number",
        Actual::Str(_) | Actual::Char(_) => "text",
        Actual::Seq => "a list",
        Actual::Map => "a table",
        _ => "something else",
    }
}
