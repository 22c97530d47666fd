//! What an action asks for: a tree of fields. One definition checks values, draws the form, makes
//! the JSON Schema that agents read, and writes the page in the documentation.

mod check;
mod form;
mod page;
mod schema;

use serde_json::Value;

pub use check::{Problem, normalize, validate, validate_template};
pub(crate) use form::choice;
pub use form::form;
pub use page::page;
pub use schema::json_schema;

/// The most elements of a list, unless the field says less.
pub const ITEMS_MAX: usize = 1_000;
/// The most characters of a text: what Azure DevOps takes for a long one.
pub const TEXT_CHARS_MAX: usize = 1_000_000;

/// One input.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name in the inputs.
    pub key: String,
    /// What people read above it.
    pub label: String,
    /// What people read below it: what it means, what is taken when it is left out.
    pub hint: String,
    /// Whether it must be there.
    pub required: bool,
    /// What is taken when it is left out.
    pub default: Option<Value>,
    /// What it holds.
    pub kind: Kind,
}

/// What an input holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// One line of text.
    Text,
    /// Text of many lines.
    LongText,
    /// A number.
    Number,
    /// A whole number within bounds.
    Integer {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// Yes or no.
    Boolean,
    /// A moment, as RFC 3339 has it, or a date.
    DateTime,
    /// Text, a number, or true or false: it keeps the type it has.
    Scalar,
    /// One of several values.
    Choice {
        /// The values.
        options: Options,
        /// Whether another value than those may be given.
        open: bool,
    },
    /// Named inputs.
    Object(Fields),
    /// Any number of the same.
    Array {
        /// What each is.
        item: Box<Kind>,
        /// How many there may be.
        items_max: usize,
    },
    /// Names, chosen by whoever fills it in, with values of the same kind.
    Map(Box<Kind>),
    /// One of several objects: its member `kind` says which.
    OneOf(Vec<Variant>),
    /// A file, as executions hold it: `{id, name, mimeType, size, sha256}`.
    File,
}

/// The values of a choice.
#[derive(Clone, Debug, PartialEq)]
pub enum Options {
    /// Always the same.
    Static(Vec<Choice>),
    /// From the provider.
    Source(SourceUse),
}

/// The members of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Fields {
    /// Always the same.
    Static(Vec<Field>),
    /// From the provider.
    Source(SourceUse),
}

/// A loader and the inputs it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceUse {
    /// Its key.
    pub key: &'static str,
    /// The keys of the inputs it reads; those of the outermost object.
    pub depends_on: &'static [&'static str],
}

/// A value that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The value.
    pub value: String,
    /// What people read.
    pub label: String,
    /// What people read below it.
    pub subtitle: Option<String>,
}

/// One form that an input can take.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// What `kind` is then.
    pub key: String,
    /// What people read.
    pub label: String,
    /// The other members.
    pub fields: Vec<Field>,
}

/// Every use of a source in these inputs.
pub fn sources(fields: &[Field]) -> Vec<&SourceUse> {
    fn of(kind: &Kind) -> Vec<&SourceUse> {
        match kind {
            Kind::Choice { options: Options::Source(source), .. }
            | Kind::Object(Fields::Source(source)) => vec![source],
            Kind::Object(Fields::Static(fields)) => sources(fields),
            Kind::Array { item, .. } => of(item),
            Kind::Map(value) => of(value),
            Kind::OneOf(variants) => variants.iter().flat_map(|one| sources(&one.fields)).collect(),
            _ => Vec::new(),
        }
    }
    fields.iter().flat_map(|field| of(&field.kind)).collect()
}

impl Field {
    /// An input of this kind.
    pub fn new(key: impl Into<String>, label: impl Into<String>, kind: Kind) -> Self {
        let (key, label) = (key.into(), label.into());
        Self { key, label, hint: String::new(), required: false, default: None, kind }
    }

    /// One line of text.
    pub fn text(key: &str, label: &str) -> Self {
        Self::new(key, label, Kind::Text)
    }

    /// Text of many lines.
    pub fn long_text(key: &str, label: &str) -> Self {
        Self::new(key, label, Kind::LongText)
    }

    /// Yes or no.
    pub fn boolean(key: &str, label: &str) -> Self {
        Self::new(key, label, Kind::Boolean)
    }

    /// A whole number from `min` to `max`.
    pub fn integer(key: &str, label: &str, min: i64, max: i64) -> Self {
        Self::new(key, label, Kind::Integer { min, max })
    }

    /// One of these values.
    pub fn choice(key: &str, label: &str, options: &[(&str, &str)]) -> Self {
        let choices = options.iter().map(|(value, label)| Choice::new(*value, *label)).collect();
        Self::new(key, label, Kind::Choice { options: Options::Static(choices), open: false })
    }

    /// One of the values that a source tells, or another.
    pub fn picked(
        key: &str,
        label: &str,
        source: &'static str,
        depends_on: &'static [&'static str],
    ) -> Self {
        let options = Options::Source(SourceUse { key: source, depends_on });
        Self::new(key, label, Kind::Choice { options, open: true })
    }

    /// These inputs under one name.
    pub fn object(key: &str, label: &str, fields: Vec<Self>) -> Self {
        Self::new(key, label, Kind::Object(Fields::Static(fields)))
    }

    /// The inputs that a source tells, under one name.
    pub fn loaded(
        key: &str,
        label: &str,
        source: &'static str,
        depends_on: &'static [&'static str],
    ) -> Self {
        let fields = Fields::Source(SourceUse { key: source, depends_on });
        Self::new(key, label, Kind::Object(fields))
    }

    /// Several of the same.
    pub fn array(key: &str, label: &str, item: Kind, items_max: usize) -> Self {
        Self::new(key, label, Kind::Array { item: Box::new(item), items_max })
    }

    /// The same input, which must be there.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same input, with a sentence about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The same input, with what is taken when it is left out.
    #[must_use]
    pub fn default(mut self, default: impl Into<Value>) -> Self {
        self.default = Some(default.into());
        self
    }
}

impl Choice {
    /// A value and what people read.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), subtitle: None }
    }

    /// The same value, with something below it.
    #[must_use]
    pub fn subtitle(mut self, subtitle: impl Into<String>) -> Self {
        self.subtitle = Some(subtitle.into());
        self
    }
}

impl Variant {
    /// A form with these members.
    pub fn new(key: &str, label: &str, fields: Vec<Field>) -> Self {
        Self { key: key.to_owned(), label: label.to_owned(), fields }
    }
}
