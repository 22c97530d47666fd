//! Filters of lists and objects.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::super::budget::{Budget, Fault};
use super::super::evaluate::{field, item};
use super::{needs, text, text_argument};

fn list(input: &Value) -> Result<&[Value], Fault> {
    input.as_array().map(Vec::as_slice).ok_or_else(|| needs("a list", input))
}

fn object(input: &Value) -> Result<&serde_json::Map<String, Value>, Fault> {
    input.as_object().ok_or_else(|| needs("an object", input))
}

pub(super) fn first<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    _: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    if input.is_null() {
        return Ok(input);
    }
    list(&input)?;
    Ok(item(input, 0))
}

pub(super) fn last<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    _: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    if input.is_null() {
        return Ok(input);
    }
    list(&input)?;
    Ok(item(input, -1))
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
    if input.is_null() {
        return Ok(input);
    }
    let mut joined = String::new();
    for (position, item) in list(&input)?.iter().enumerate() {
        budget.spend_value(item)?;
        if position > 0 {
            budget.spend(separator.len())?;
            joined.push_str(&separator);
        }
        text::append(&mut joined, item);
    }
    Ok(Cow::Owned(joined.into()))
}

pub(super) fn map<'v>(
    input: Cow<'v, Value>,
    arguments: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    let name = text_argument(arguments, 0, "")?;
    if input.is_null() {
        return Ok(input);
    }
    let fields = list(&input)?.iter().map(|item| {
        let value = field(Cow::Borrowed(item), &name);
        budget.spend_value(&value)?;
        Ok(value.into_owned())
    });
    let fields = fields.collect::<Result<Vec<_>, Fault>>()?;
    Ok(Cow::Owned(fields.into()))
}

pub(super) fn keys<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    if input.is_null() {
        return Ok(input);
    }
    let keys = object(&input)?.keys().map(|key| {
        budget.spend(key.len() + size_of::<Value>())?;
        Ok(Value::from(key.as_str()))
    });
    let keys = keys.collect::<Result<Vec<_>, Fault>>()?;
    Ok(Cow::Owned(keys.into()))
}

pub(super) fn values<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    if input.is_null() {
        return Ok(input);
    }
    budget.spend_value(&input)?;
    let values: Vec<_> = object(&input)?.values().cloned().collect();
    Ok(Cow::Owned(values.into()))
}

pub(super) fn items<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    if input.is_null() {
        return Ok(input);
    }
    budget.spend_value(&input)?;
    let items = object(&input)?.iter().map(|(key, value)| {
        budget.spend(4 * size_of::<Value>())?;
        Ok(json!({ "key": key, "value": value }))
    });
    let items = items.collect::<Result<Vec<_>, Fault>>()?;
    Ok(Cow::Owned(items.into()))
}
