//! Whether a comparison holds. Total: every pair of values has an answer.

use std::borrow::Cow;
use std::cmp::Ordering;

use base::Timestamp;
use serde_json::Value;

use super::Operator;
use crate::expression::numeric::{Numeric, equal};
use crate::expression::{moment, text};

/// Whether `left operator right`.
pub(super) fn holds(operator: Operator, left: &Value, right: &Value) -> bool {
    use Operator as O;
    let number = |accepts: fn(Ordering) -> bool| {
        both(number, left, right).is_some_and(|(left, right)| accepts(left.compare(right)))
    };
    let time = |accepts: fn(Ordering) -> bool| {
        both(time, left, right).is_some_and(|(left, right)| accepts(left.cmp(&right)))
    };
    let text = |accepts: fn(&str, &str) -> bool| {
        both(text::plain, left, right).is_some_and(|(left, right)| accepts(&left, &right))
    };
    match operator {
        O::StringContains => text(|left, right| left.contains(right)),
        O::StringDoesNotContain => !holds(O::StringContains, left, right),
        O::StringExactlyMatches => text(|left, right| left == right),
        O::StringDoesNotExactlyMatch => !holds(O::StringExactlyMatches, left, right),
        O::StringIsIn => is_one_of(left, right),
        O::StringIsNotIn => !is_one_of(left, right),
        O::StringStartsWith => text(|left, right| left.starts_with(right)),
        O::StringDoesNotStartWith => !holds(O::StringStartsWith, left, right),
        O::StringEndsWith => text(|left, right| left.ends_with(right)),
        O::StringDoesNotEndWith => !holds(O::StringEndsWith, left, right),
        O::StringGreaterThan => text(|left, right| left > right),
        O::StringLessThan => text(|left, right| left < right),
        O::NumberGreaterThan => number(Ordering::is_gt),
        O::NumberLessThan => number(Ordering::is_lt),
        O::NumberEquals => number(Ordering::is_eq),
        O::NumberDoesNotEqual => !number(Ordering::is_eq),
        O::NumberLessThanOrEqualTo => number(Ordering::is_le),
        O::NumberGreaterThanOrEqualTo => number(Ordering::is_ge),
        O::DateTimeAfter => time(Ordering::is_gt),
        O::DateTimeBefore => time(Ordering::is_lt),
        O::DateTimeEquals => time(Ordering::is_eq),
        O::BooleanTrue => is_boolean(left, true),
        O::BooleanFalse => is_boolean(left, false),
        O::IsNotNull | O::Exists => !left.is_null(),
        O::IsNull | O::DoesNotExist => left.is_null(),
        O::ArrayIsIn => contains(right, left),
        O::ArrayIsNotIn => !contains(right, left),
        O::ArrayIsEmpty => left.is_null() || left.as_array().is_some_and(Vec::is_empty),
        O::ArrayIsNotEmpty => left.as_array().is_some_and(|items| !items.is_empty()),
        O::None => true,
    }
}

/// Both values read the same way, if both can be.
fn both<'v, T>(
    read: impl Fn(&'v Value) -> Option<T>,
    left: &'v Value,
    right: &'v Value,
) -> Option<(T, T)> {
    read(left).zip(read(right))
}

fn number(value: &Value) -> Option<Numeric> {
    match value {
        Value::Number(number) => Numeric::of(number),
        Value::String(text) => Numeric::read(text),
        _ => None,
    }
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str().and_then(moment::read)
}

fn is_boolean(value: &Value, wanted: bool) -> bool {
    match value {
        Value::Bool(value) => *value == wanted,
        Value::String(text) => {
            text.trim().eq_ignore_ascii_case(if wanted { "true" } else { "false" })
        }
        _ => false,
    }
}

/// Whether the text is an item of a list, or of a text with commas between its items.
fn is_one_of(text: &Value, list: &Value) -> bool {
    let Some(text) = text::plain(text) else { return false };
    match list {
        Value::Array(items) => items.iter().filter_map(text::plain).any(|item| item == text),
        list => text::plain(list).is_some_and(|list: Cow<'_, str>| {
            list.split(',').any(|item| item.trim() == text.trim())
        }),
    }
}

fn contains(list: &Value, value: &Value) -> bool {
    list.as_array().is_some_and(|items| items.iter().any(|item| equal(item, value)))
}
