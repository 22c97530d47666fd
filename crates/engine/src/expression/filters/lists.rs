//! Filters of lists and objects.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::super::budget::{Budget, Fault};
use super::super::evaluate::{field, item};
use super::{needs, text, text_argument};

/// The item of a list at a position, from its end where that is negative; null of null.
fn at(input: Cow<'_, Value>, position: i64) -> Result<Cow<'_, Value>, Fault> {
    if !input.is_null() && !input.is_array() {
        return Err(needs("a list", &input));
    }
    Ok(item(input, position))
}

/// What `make` makes of the items of a list; null of null.
fn of_list<'v>(
    input: &Value,
    make: impl FnOnce(&[Value]) -> Result<Value, Fault>,
) -> Result<Cow<'v, Value>, Fault> {
    let made = match input {
        Value::Null => Value::Null,
        Value::Array(items) => make(items)?,
        other => return Err(needs("a list", other)),
    };
    Ok(Cow::Owned(made))
}

/// What `make` makes of the fields of an object; null of null.
fn of_object<'v>(
    input: &Value,
    make: impl FnOnce(&Map<String, Value>) -> Result<Value, Fault>,
) -> Result<Cow<'v, Value>, Fault> {
    let made = match input {
        Value::Null => Value::Null,
        Value::Object(fields) => make(fields)?,
        other => return Err(needs("an object", other)),
    };
    Ok(Cow::Owned(made))
}

pub(super) fn first<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    _: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    at(input, 0)
}

pub(super) fn last<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    _: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    at(input, -1)
}

pub(super) fn length<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    let length = match &*input {
        Value::Null => 0,
        Value::String(text) => {
            budget.spend(text.len())?;
            text.chars().count()
        }
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        other => return Err(needs("a text, a list or an object", other)),
    };
    Ok(Cow::Owned(length.into()))
}

pub(super) fn join<'v>(
    input: Cow<'v, Value>,
    arguments: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    let separator = text_argument(arguments, 0, ",")?;
    of_list(&input, |items| {
        let mut joined = String::new();
        for (position, item) in items.iter().enumerate() {
            budget.spend_value(item)?;
            if position > 0 {
                budget.spend(separator.len())?;
                joined.push_str(&separator);
            }
            text::append(&mut joined, item);
        }
        Ok(joined.into())
    })
}

pub(super) fn map<'v>(
    input: Cow<'v, Value>,
    arguments: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    let name = text_argument(arguments, 0, "")?;
    of_list(&input, |items| {
        let fields = items.iter().map(|item| {
            let value = field(Cow::Borrowed(item), &name);
            budget.spend_value(&value)?;
            Ok(value.into_owned())
        });
        fields.collect()
    })
}

pub(super) fn keys<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    of_object(&input, |fields| {
        let keys = fields.keys().map(|key| {
            budget.spend(key.len() + size_of::<Value>())?;
            Ok(Value::from(key.as_str()))
        });
        keys.collect()
    })
}

pub(super) fn values<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    of_object(&input, |fields| {
        budget.spend_value(&input)?;
        Ok(fields.values().cloned().collect())
    })
}

pub(super) fn items<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    of_object(&input, |fields| {
        budget.spend_value(&input)?;
        let items = fields.iter().map(|(key, value)| {
            budget.spend(4 * size_of::<Value>())?;
            Ok(json!({ "key": key, "value": value }))
        });
        items.collect()
    })
}
