//! Judges what a write would make of an item, and says everything that is wrong at once.

use serde_json::{Value, json};

use crate::devops::catalog::fields::{self, Field};
use crate::devops::catalog::{ItemType, Rule};
use crate::devops::problem::Problem;
use crate::devops::state::{Fields, text};

/// One trait of a field that a rule gives it, or one way in which its value is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// It must have a value.
    Required,
    /// Only the service writes it.
    ReadOnly,
    /// There is a list of values.
    HasValues,
    /// No other value is taken.
    LimitedToValues,
    /// The value it had may stay.
    AllowsOldValue,
    /// It has none.
    InvalidEmpty,
    /// It has one that is not in the list.
    InvalidListValue,
    /// It is no moment in time.
    InvalidDate,
    /// It is longer than the field holds.
    InvalidTooLong,
    /// It is of another type.
    InvalidType,
}

impl Flag {
    /// Its name in messages.
    const fn name(self) -> &'static str {
        match self {
            Self::Required => "Required",
            Self::ReadOnly => "ReadOnly",
            Self::HasValues => "HasValues",
            Self::LimitedToValues => "LimitedToValues",
            Self::AllowsOldValue => "AllowsOldValue",
            Self::InvalidEmpty => "InvalidEmpty",
            Self::InvalidListValue => "InvalidListValue",
            Self::InvalidDate => "InvalidDate",
            Self::InvalidTooLong => "InvalidTooLong",
            Self::InvalidType => "InvalidType",
        }
    }

    /// Its bit in the status code.
    const fn bit(self) -> u32 {
        match self {
            Self::Required => 0x1,
            Self::ReadOnly => 0x2,
            Self::HasValues => 0x4,
            Self::LimitedToValues => 0x8,
            Self::AllowsOldValue => 0x40,
            Self::InvalidEmpty => 0x8_0000,
            Self::InvalidListValue => 0x20_0000,
            Self::InvalidDate => 0x1000_0000,
            Self::InvalidTooLong => 0x2000_0000,
            Self::InvalidType => 0x4000_0000,
        }
    }
}

/// What is wrong with one field.
#[derive(Clone, Debug)]
pub struct Violation {
    field: &'static str,
    flags: Vec<Flag>,
    message: String,
}

impl Violation {
    /// The field's value breaks its rules in these ways.
    pub fn new(field: &Field, flags: &[Flag]) -> Self {
        let names: Vec<&str> = flags.iter().map(|flag| flag.name()).collect();
        let message = format!(
            "TF401320: Rule Error for field {}. Error code: {}.",
            field.name,
            names.join(", ")
        );
        Self { field: field.reference, flags: flags.to_vec(), message }
    }

    /// The caller wrote a field that only the service writes.
    pub fn read_only(field: &Field) -> Self {
        let message =
            format!("TF401326: Invalid field status 'ReadOnly' for field '{}'.", field.reference);
        Self { field: field.reference, flags: vec![Flag::ReadOnly], message }
    }

    /// The value names nobody whom the organization admits.
    pub fn unknown_identity(field: &Field, given: &Value) -> Self {
        let given = given.as_str().map_or_else(|| given.to_string(), str::to_owned);
        let message = format!(
            "The identity value '{given}' for field '{}' is an unknown identity.",
            field.name
        );
        Self { field: field.reference, flags: vec![Flag::InvalidListValue], message }
    }

    fn body(&self) -> Value {
        let names: Vec<String> = self.flags.iter().map(|flag| camel(flag.name())).collect();
        json!({
            "fieldReferenceName": self.field,
            "fieldStatusFlags": names.join(", "),
            "errorMessage": self.message,
            "fieldStatusCode": self.flags.iter().fold(0, |code, flag| code | flag.bit()),
            "ruleValidationErrors": null,
        })
    }
}

fn camel(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_ascii_lowercase())
}

/// All that is wrong, as one refusal; fine when nothing is.
pub fn refuse(violations: &[Violation]) -> Result<(), Problem> {
    let Some(first) = violations.first() else { return Ok(()) };
    let message = match violations.len() - 1 {
        0 => first.message.clone(),
        more => format!(
            "{} {more} additional errors occurred during validation of the work item.",
            first.message
        ),
    };
    let details: Vec<Value> = violations.iter().map(Violation::body).collect();
    Err(Problem::tracking("RuleValidationException", message.clone()).with_custom_properties(
        json!({
            "FieldReferenceName": null,
            "FieldStatusFlags": "none",
            "ErrorMessage": message,
            "FieldStatusCode": 0,
            "RuleValidationErrors": details,
        }),
    ))
}

/// Checks every rule of the type. `before` is what the item was; empty for a new one.
pub fn check(item_type: &ItemType, before: &Fields, after: &Fields) -> Vec<Violation> {
    let mut violations: Vec<Violation> =
        item_type.all_rules().filter_map(|rule| check_rule(rule, before, after)).collect();
    violations.extend(check_state(item_type, before, after));
    violations
}

fn check_rule(rule: &Rule, before: &Fields, after: &Fields) -> Option<Violation> {
    let field = fields::find(rule.field)?;
    let mut flags = Vec::new();
    if rule.required {
        flags.push(Flag::Required);
    }
    if !rule.allowed.is_empty() {
        flags.extend([Flag::HasValues, Flag::LimitedToValues]);
    }
    let Some(value) = after.get(rule.field) else {
        flags.push(Flag::InvalidEmpty);
        return rule.required.then(|| Violation::new(field, &flags));
    };
    let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let listed = rule.allowed.is_empty() || rule.allowed.contains(&written.as_str());
    if listed || before.get(rule.field) == Some(value) {
        return None;
    }
    flags.push(Flag::InvalidListValue);
    Some(Violation::new(field, &flags))
}

/// A state must exist, and be one that may follow the one before.
fn check_state(item_type: &ItemType, before: &Fields, after: &Fields) -> Option<Violation> {
    let field = fields::find("System.State")?;
    let (old, new) = (text(before, "System.State"), text(after, "System.State"));
    let may_follow = match item_type.state(old) {
        // A new item, or one whose type had other states.
        None if old.is_empty() => item_type.states.first().is_some_and(|first| first.name == new),
        None => item_type.state(new).is_some(),
        Some(state) => state.name == new || state.next.contains(&new),
    };
    if new.is_empty() || may_follow {
        return None;
    }
    let flags =
        [Flag::HasValues, Flag::LimitedToValues, Flag::AllowsOldValue, Flag::InvalidListValue];
    Some(Violation::new(field, &flags))
}
