//! Filters of texts. A number or boolean is taken as it is written.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::super::budget::{Budget, Fault};
use super::{needs, text, text_argument};

/// What RFC 3986 lets stand anywhere.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Applies `change` to the text of `input`, and null to null.
fn changed<'v>(
    input: &Value,
    budget: &mut Budget,
    change: impl FnOnce(&str, &mut Budget) -> Result<Value, Fault>,
) -> Result<Cow<'v, Value>, Fault> {
    if input.is_null() {
        return Ok(Cow::Owned(Value::Null));
    }
    let text = text::plain(input).ok_or_else(|| needs("a text", input))?;
    budget.spend(text.len())?;
    change(&text, budget).map(Cow::Owned)
}

pub(super) fn upper<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    changed(&input, budget, |text, _| Ok(text.to_uppercase().into()))
}

pub(super) fn lower<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    changed(&input, budget, |text, _| Ok(text.to_lowercase().into()))
}

pub(super) fn trim<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    changed(&input, budget, |text, _| Ok(text.trim().into()))
}

pub(super) fn url_encode<'v>(
    input: Cow<'v, Value>,
    _: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    changed(&input, budget, |text, budget| {
        budget.spend(text.len() * 3)?;
        Ok(utf8_percent_encode(text, UNRESERVED).to_string().into())
    })
}

pub(super) fn replace<'v>(
    input: Cow<'v, Value>,
    arguments: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    let (from, to) = (text_argument(arguments, 0, "")?, text_argument(arguments, 1, "")?);
    if from.is_empty() {
        return Err("needs something to replace; the first text is empty".into());
    }
    changed(&input, budget, |text, budget| {
        budget.spend(text.matches(&*from).count().saturating_mul(to.len()))?;
        Ok(text.replace(&*from, &to).into())
    })
}

pub(super) fn split<'v>(
    input: Cow<'v, Value>,
    arguments: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    let separator = text_argument(arguments, 0, ",")?;
    if separator.is_empty() {
        return Err("needs a separator that is not empty".into());
    }
    changed(&input, budget, |text, budget| {
        let parts = text.split(&*separator).map(|part| {
            budget.spend(size_of::<Value>())?;
            Ok(Value::from(part))
        });
        parts.collect::<Result<_, Fault>>().map(Value::Array)
    })
}
