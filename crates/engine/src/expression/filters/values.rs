//! Filters that turn one kind of value into another.

use std::borrow::Cow;

use serde_json::Value;

use super::super::budget::{Budget, Fault};
use super::super::numeric::Numeric;
use super::needs;

pub(super) fn default<'v>(
    input: Cow<'v, Value>,
    arguments: &[Cow<'v, Value>],
    _: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    if !input.is_null() {
        return Ok(input);
    }
    Ok(arguments.first().cloned().unwrap_or(input))
}

pub(super) fn json<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    budget.spend_value(&input)?;
    Ok(Cow::Owned(input.to_string().into()))
}

pub(super) fn text<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    if matches!(&*input, Value::Null | Value::String(_)) {
        return Ok(input);
    }
    json(input, &[], budget)
}

pub(super) fn parse_json<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    let text = match &*input {
        Value::Null => return Ok(input),
        Value::String(text) => text,
        other => return Err(needs("a text", other)),
    };
    // `[0,0,…` becomes sixteen times its own size in memory; most texts become about four times.
    budget.spend(text.len().saturating_mul(4))?;
    let value = serde_json::from_str::<Value>(text)
        .map_err(|_| Fault::from("needs a text that is JSON, and this one is not"))?;
    Ok(Cow::Owned(value))
}

pub(super) fn number<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    let text = match &*input {
        Value::Null | Value::Number(_) => return Ok(input),
        Value::String(text) => text,
        other => return Err(needs("a text", other)),
    };
    budget.spend(text.len())?;
    let number = Numeric::read(text).and_then(Numeric::to_value);
    let number = number.ok_or("needs a text such as 12.5, and this one is not a number")?;
    Ok(Cow::Owned(number))
}
