//! Turns what a request sends for a field into what the field holds.

use serde_json::{Number, Value, json};

use super::rules::{Flag, Violation};
use crate::devops::call::Call;
use crate::devops::catalog::fields::{Field, Kind};
use crate::devops::identity;
use crate::devops::state::Organization;
use crate::devops::time;

/// The longest text of one line.
const MAX_TEXT_CHARS: usize = 255;
/// The longest text of many lines.
const MAX_LONG_TEXT_CHARS: usize = 1_000_000;

/// The value to hold; `None` when it is empty, which is the same as none.
pub fn read(
    call: &Call<'_>,
    organization: &Organization,
    field: &Field,
    given: &Value,
) -> Result<Option<Value>, Violation> {
    let empty = match given {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    if empty {
        return Ok(None);
    }
    let wrong_type = || Violation::new(field, &[Flag::InvalidType]);
    let value = match field.kind {
        Kind::Integer => json!(integer(given).ok_or_else(wrong_type)?),
        Kind::Double => Value::Number(double(given).ok_or_else(wrong_type)?),
        Kind::Boolean => json!(boolean(given).ok_or_else(wrong_type)?),
        Kind::DateTime => {
            let moment = given.as_str().and_then(time::parse);
            json!(moment.ok_or_else(|| Violation::new(field, &[Flag::InvalidDate]))?.to_rfc3339())
        }
        Kind::Identity => {
            let account = identity::resolve(call.directory, organization, given);
            json!(account.ok_or_else(|| Violation::unknown_identity(field, given))?)
        }
        Kind::Text | Kind::TreePath => Value::String(text(field, given, MAX_TEXT_CHARS)?),
        Kind::PlainText | Kind::Html | Kind::History => {
            Value::String(text(field, given, MAX_LONG_TEXT_CHARS)?)
        }
    };
    Ok(Some(value))
}

fn integer(given: &Value) -> Option<i64> {
    match given {
        Value::Number(number) => {
            let whole = number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() < 9e15);
            number.as_i64().or(whole.map(|value| value as i64))
        }
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|value| i32::try_from(*value).is_ok())
}

/// A whole number stays one, as the service writes `5` for 5.
fn double(given: &Value) -> Option<Number> {
    let value = match given {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}

fn boolean(given: &Value) -> Option<bool> {
    match given {
        Value::Bool(value) => Some(*value),
        Value::Number(number) => match number.as_i64()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
        Value::String(text) => text.to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

fn text(field: &Field, given: &Value, limit_chars: usize) -> Result<String, Violation> {
    let text = match given {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        _ => return Err(Violation::new(field, &[Flag::InvalidType])),
    };
    if text.chars().count() > limit_chars {
        return Err(Violation::new(field, &[Flag::InvalidTooLong]));
    }
    Ok(text)
}
