//! Checks inputs against their fields and tells every fault at once.

use serde_json::{Map, Value};

use super::{Choice, Field, Fields, ITEMS_MAX, Kind, Options, TEXT_CHARS_MAX, Variant};

/// The most faults that are told.
const PROBLEMS_MAX: usize = 100;

/// A fault of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as a JSON pointer into the inputs: `/fields/System.Title`.
    pub path: String,
    /// What is wrong, and what is wanted.
    pub message: String,
}

/// The faults of inputs as they are at run time.
pub fn validate(fields: &[Field], inputs: &Value) -> Vec<Problem> {
    let mut checker = Checker::default();
    checker.inputs(fields, inputs);
    checker.problems
}

/// The faults of inputs that may still hold expressions: a text with `{{` stands for anything.
pub fn validate_template(fields: &[Field], inputs: &Value) -> Vec<Problem> {
    let mut checker = Checker { templates: true, problems: Vec::new() };
    checker.inputs(fields, inputs);
    checker.problems
}

/// The inputs as an action reads them: each of its own type, what is null left out, what is left
/// out with its default.
///
/// # Errors
/// Every fault.
pub fn normalize(fields: &[Field], inputs: &Value) -> Result<Map<String, Value>, Vec<Problem>> {
    let mut checker = Checker::default();
    let read = checker.inputs(fields, inputs);
    if checker.problems.is_empty() { Ok(read) } else { Err(checker.problems) }
}

#[derive(Default)]
struct Checker {
    templates: bool,
    problems: Vec<Problem>,
}

impl Checker {
    fn inputs(&mut self, fields: &[Field], inputs: &Value) -> Map<String, Value> {
        match inputs {
            Value::Object(members) => self.members(fields, members, ""),
            Value::Null => self.members(fields, &Map::new(), ""),
            _ => {
                self.fault("", "the inputs must be an object");
                Map::new()
            }
        }
    }

    fn members(
        &mut self,
        fields: &[Field],
        members: &Map<String, Value>,
        path: &str,
    ) -> Map<String, Value> {
        for name in members.keys() {
            if fields.iter().all(|field| field.key != *name) {
                let known: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
                let message = format!("there is no such input; known are {}", known.join(", "));
                self.fault(&below(path, name), message);
            }
        }
        let mut read = Map::new();
        for field in fields {
            let path = below(path, &field.key);
            match members.get(&field.key).filter(|value| !is_left_out(&field.kind, value)) {
                Some(value) => {
                    let value = self.value(&field.kind, value, &path);
                    if field.required && is_blank(&value) {
                        self.fault(&path, format!("\"{}\" must not be empty", field.label));
                    }
                    read.insert(field.key.clone(), value);
                }
                None => match &field.default {
                    Some(default) => {
                        read.insert(field.key.clone(), default.clone());
                    }
                    None if field.required => {
                        self.fault(&path, format!("\"{}\" is required", field.label));
                    }
                    None => {}
                },
            }
        }
        read
    }

    fn value(&mut self, kind: &Kind, value: &Value, path: &str) -> Value {
        if self.templates && value.as_str().is_some_and(|text| text.contains("{{")) {
            return value.clone();
        }
        match kind {
            Kind::Text | Kind::LongText => self.text(value, path),
            Kind::Number => self.number(value, path),
            Kind::Integer { min, max } => self.integer(value, (*min, *max), path),
            Kind::Boolean => self.boolean(value, path),
            Kind::DateTime => self.date_time(value, path),
            Kind::Scalar => match value {
                Value::Number(_) | Value::Bool(_) => value.clone(),
                _ => self.text(value, path),
            },
            Kind::Choice { options, open } => self.choice(options, *open, value, path),
            Kind::Object(Fields::Static(fields)) => match value {
                Value::Object(members) => self.members(fields, members, path).into(),
                _ => self.wrong(value, path, "an object"),
            },
            Kind::Object(Fields::Source(_)) => self.map(&Kind::Scalar, value, path),
            Kind::Array { item, items_max } => self.array(item, *items_max, value, path),
            Kind::Map(kind) => self.map(kind, value, path),
            Kind::OneOf(variants) => self.one_of(variants, value, path),
            Kind::File => match value {
                Value::Object(file) if file.get("id").is_some_and(Value::is_string) => {
                    value.clone()
                }
                _ => self.wrong(value, path, "a file of an earlier step"),
            },
        }
    }

    fn text(&mut self, value: &Value, path: &str) -> Value {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            _ => return self.wrong(value, path, "text"),
        };
        if text.chars().count() > TEXT_CHARS_MAX {
            self.fault(path, format!("it is longer than {TEXT_CHARS_MAX} characters"));
        }
        if text.contains('\0') {
            self.fault(path, "it holds the character U+0000");
        }
        text.into()
    }

    fn number(&mut self, value: &Value, path: &str) -> Value {
        let read = match value {
            Value::Number(_) => Some(value.clone()),
            Value::String(text) => number_in(text),
            _ => None,
        };
        read.unwrap_or_else(|| self.wrong(value, path, "a number"))
    }

    fn integer(&mut self, value: &Value, (min, max): (i64, i64), path: &str) -> Value {
        let read = match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let Some(number) = read else { return self.wrong(value, path, "a whole number") };
        if number < min || number > max {
            self.fault(path, format!("it must be from {min} to {max}"));
        }
        number.into()
    }

    fn boolean(&mut self, value: &Value, path: &str) -> Value {
        match value {
            Value::Bool(_) => value.clone(),
            Value::String(text) if text.eq_ignore_ascii_case("true") => true.into(),
            Value::String(text) if text.eq_ignore_ascii_case("false") => false.into(),
            _ => self.wrong(value, path, "true or false"),
        }
    }

    fn date_time(&mut self, value: &Value, path: &str) -> Value {
        match value.as_str() {
            Some(text) if is_date(text) => value.clone(),
            _ => self.wrong(value, path, "a moment such as 2026-01-31T10:00:00Z, or a date"),
        }
    }

    fn choice(&mut self, options: &Options, open: bool, value: &Value, path: &str) -> Value {
        let read = self.text(value, path);
        let Options::Static(choices) = options else { return read };
        let known = |choice: &Choice| read.as_str() == Some(&choice.value);
        if !open && read.is_string() && !choices.iter().any(known) {
            let known: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
            self.fault(path, format!("it must be one of {}", known.join(", ")));
        }
        read
    }

    fn array(&mut self, item: &Kind, items_max: usize, value: &Value, path: &str) -> Value {
        let Value::Array(items) = value else { return self.wrong(value, path, "a list") };
        if items.len() > items_max {
            self.fault(path, format!("it holds more than {items_max} elements"));
            return value.clone();
        }
        let read = items.iter().enumerate();
        read.map(|(place, one)| self.value(item, one, &below(path, &place.to_string()))).collect()
    }

    /// Names with values; a null stays, for it can mean that something is to be emptied.
    fn map(&mut self, kind: &Kind, value: &Value, path: &str) -> Value {
        let Value::Object(members) = value else { return self.wrong(value, path, "an object") };
        if members.len() > ITEMS_MAX {
            self.fault(path, format!("it holds more than {ITEMS_MAX} members"));
            return value.clone();
        }
        let mut read = Map::new();
        for (name, value) in members {
            let path = below(path, name);
            let value = match value {
                Value::Null => Value::Null,
                _ => self.value(kind, value, &path),
            };
            read.insert(name.clone(), value);
        }
        read.into()
    }

    fn one_of(&mut self, variants: &[Variant], value: &Value, path: &str) -> Value {
        let Value::Object(members) = value else { return self.wrong(value, path, "an object") };
        let wanted = members.get("kind").and_then(Value::as_str).unwrap_or_default();
        let Some(variant) = variants.iter().find(|variant| variant.key == wanted) else {
            let known: Vec<&str> = variants.iter().map(|variant| variant.key.as_str()).collect();
            let message = format!("it must be one of {}", known.join(", "));
            self.fault(&below(path, "kind"), message);
            return value.clone();
        };
        let mut others = members.clone();
        others.remove("kind");
        let mut read = self.members(&variant.fields, &others, path);
        read.insert("kind".to_owned(), wanted.into());
        read.into()
    }

    fn wrong(&mut self, value: &Value, path: &str, wanted: &str) -> Value {
        let found = match value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        let message = if found == "text" {
            format!("it must be {wanted}, and this text is not")
        } else {
            format!("it must be {wanted}, not {found}")
        };
        self.fault(path, message);
        value.clone()
    }

    fn fault(&mut self, path: &str, message: impl Into<String>) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem { path: path.to_owned(), message: message.into() });
        }
    }
}

fn below(path: &str, name: &str) -> String {
    format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A form sends an empty text for what nobody filled in.
fn is_left_out(kind: &Kind, value: &Value) -> bool {
    let is_text = matches!(kind, Kind::Text | Kind::LongText | Kind::Scalar);
    value.is_null() || (!is_text && value.as_str().is_some_and(|text| text.trim().is_empty()))
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn number_in(text: &str) -> Option<Value> {
    let text = text.trim();
    let whole = text.parse::<i64>().ok().map(Value::from);
    whole.or_else(|| text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from))
}

/// `2026-01-31`, or that with a time and, perhaps, a zone.
fn is_date(text: &str) -> bool {
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let numbers: Vec<&str> = date.split('-').collect();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let within = |text: &str, max: u32| text.parse().is_ok_and(|n: u32| n >= 1 && n <= max);
    let is_date = matches!(&numbers[..], [year, month, day]
        if year.len() == 4 && digits(year) && within(month, 12) && within(day, 31));
    let is_time = time.is_none_or(|time| {
        let zone = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
        let (clock, _) = time.split_at(zone);
        let parts: Vec<&str> = clock.split(':').collect();
        (2..=3).contains(&parts.len()) && parts.iter().all(|part| part.parse::<f64>().is_ok())
    });
    is_date && is_time
}
