//! Filters of times: texts in RFC 3339, or dates such as `2026-01-31`.

use std::borrow::Cow;

use base::Timestamp;
use serde_json::Value;

use super::super::budget::{Budget, Fault};
use super::super::moment;
use super::{needs, text_argument};

/// The time that a text writes; `None` for null.
fn time(input: &Value) -> Result<Option<Timestamp>, Fault> {
    match input {
        Value::Null => Ok(None),
        Value::String(text) => moment::read(text).map(Some).ok_or_else(|| {
            "needs a time such as 2026-01-31T10:00:00Z or 2026-01-31, and this text is none".into()
        }),
        other => Err(needs("a time as text", other)),
    }
}

pub(super) fn date<'v>(
    input: Cow<'v, Value>,
    arguments: &[Cow<'v, Value>],
    budget: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    let pattern = text_argument(arguments, 0, "%Y-%m-%dT%H:%M:%S.%LZ")?;
    // The longest thing a letter stands for is the name of a month or weekday, or the seconds.
    budget.spend(pattern.len().saturating_mul(8))?;
    let write = |time| {
        moment::format(time, &pattern).map_err(|letter| {
            format!("does not know %{letter} in its pattern; %Y-%m-%d %H:%M:%S is one")
        })
    };
    write(Timestamp::default())?;
    let written = time(&input)?.map(write).transpose()?;
    Ok(Cow::Owned(written.into()))
}

pub(super) fn date_add<'v>(
    input: Cow<'v, Value>,
    arguments: &[Cow<'v, Value>],
    _: &mut Budget,
) -> Result<Cow<'v, Value>, Fault> {
    let unit = text_argument(arguments, 1, "")?;
    let unit_secs = moment::unit_secs(&unit).ok_or_else(|| {
        Fault::from("knows the units \"seconds\", \"minutes\", \"hours\", \"days\" and \"weeks\"")
    })?;
    let count = match arguments.first().map(|count| &**count) {
        None | Some(Value::Null) => return Ok(Cow::Owned(Value::Null)),
        Some(count) => count.as_i64().ok_or_else(|| needs("a whole number", count))?,
    };
    let Some(time) = time(&input)? else { return Ok(input) };
    let sum = moment::add(time, count, unit_secs).ok_or("leads out of the years 0 to 9999")?;
    Ok(Cow::Owned(sum.to_rfc3339().into()))
}
