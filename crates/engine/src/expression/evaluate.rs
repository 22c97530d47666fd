//! What an expression is worth. Values are borrowed from the context as long as possible.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;

use super::budget::{Budget, Fault};
use super::context::{Context, Root};
use super::numeric::{Numeric, equal};
use super::reference::Reference;
use super::syntax::{Binary, Expression, Segment};
use super::text;

static NULL: Value = Value::Null;

/// What a whole expression is worth.
pub(super) enum Outcome<'v> {
    Value(Cow<'v, Value>),
    Reference(&'v Reference),
}

/// What evaluation reads and spends.
pub(super) struct Evaluation<'r, 'f, 'c> {
    pub(super) context: Context<'f, 'c>,
    pub(super) budget: &'r mut Budget,
}

impl<'c> Evaluation<'_, '_, 'c> {
    /// The worth of a whole expression, where a secret or token may stand.
    pub(super) fn outcome<'v>(&mut self, expression: &'v Expression) -> Result<Outcome<'v>, Fault>
    where
        'c: 'v,
    {
        match expression {
            Expression::Reference(reference) => Ok(Outcome::Reference(reference)),
            Expression::Choice { condition, then, otherwise } => {
                let holds = is_true(&*self.value(condition)?);
                self.outcome(if holds { then } else { otherwise })
            }
            expression => self.value(expression).map(Outcome::Value),
        }
    }

    fn value<'v>(&mut self, expression: &'v Expression) -> Result<Cow<'v, Value>, Fault>
    where
        'c: 'v,
    {
        self.budget.spend(1)?;
        match expression {
            Expression::Literal(value) => Ok(Cow::Borrowed(value)),
            Expression::List(items) => {
                let items = items.iter().map(|item| {
                    let item = self.value(item)?;
                    self.budget.spend_value(&item)?;
                    Ok(item.into_owned())
                });
                items.collect::<Result<_, Fault>>().map(|items| Cow::Owned(Value::Array(items)))
            }
            Expression::Step(key) => Ok(self.root(Root::Step(key))),
            Expression::Root(root) => Ok(self.root(*root)),
            Expression::Path(base, segments) => {
                let mut value = self.value(base)?;
                for segment in segments {
                    value = self.inside(value, segment)?;
                }
                Ok(value)
            }
            Expression::Filtered { input, filter, arguments } => {
                let input = self.value(input)?;
                let arguments = arguments.iter().map(|argument| self.value(argument));
                let arguments = arguments.collect::<Result<Vec<_>, Fault>>()?;
                filter.apply(input, &arguments, self.budget)
            }
            Expression::Not(inner) => {
                let holds = is_true(&*self.value(inner)?);
                Ok(Cow::Owned(Value::Bool(!holds)))
            }
            Expression::Negated(inner) => {
                let value = self.value(inner)?;
                arithmetic(Binary::Subtract, &Value::from(0), &value).map(Cow::Owned)
            }
            Expression::Binary(operator, left, right) => self.binary(*operator, left, right),
            Expression::Choice { condition, then, otherwise } => {
                let holds = is_true(&*self.value(condition)?);
                self.value(if holds { then } else { otherwise })
            }
            Expression::Reference(reference) => {
                Err(format!("the value of {} is not known here", reference.written()).into())
            }
        }
    }

    fn root<'v>(&self, root: Root<'_>) -> Cow<'v, Value>
    where
        'c: 'v,
    {
        Cow::Borrowed(self.context.find(root).unwrap_or(&NULL))
    }

    fn inside<'v>(
        &mut self,
        value: Cow<'v, Value>,
        segment: &'v Segment,
    ) -> Result<Cow<'v, Value>, Fault>
    where
        'c: 'v,
    {
        let computed = match segment {
            Segment::Key(key) => return Ok(field(value, key)),
            Segment::Index(index) => return Ok(item(value, *index)),
            Segment::Computed(expression) => self.value(expression)?,
        };
        match (&*computed, &*value) {
            (_, Value::Null) | (Value::Null, _) => Ok(Cow::Borrowed(&NULL)),
            (Value::String(key), _) => Ok(field(value, key)),
            (Value::Number(index), _) => Ok(match index.as_i64() {
                Some(index) => item(value, index),
                None => Cow::Borrowed(&NULL),
            }),
            (other, _) => {
                let kind = text::kind(other);
                Err(format!("an index is a text or a whole number, and this one is {kind}").into())
            }
        }
    }

    fn binary<'v>(
        &mut self,
        operator: Binary,
        left: &'v Expression,
        right: &'v Expression,
    ) -> Result<Cow<'v, Value>, Fault>
    where
        'c: 'v,
    {
        let left = self.value(left)?;
        match operator {
            Binary::Or if is_true(&left) => return Ok(left),
            Binary::And if !is_true(&left) => return Ok(left),
            Binary::Or | Binary::And => return self.value(right),
            _ => {}
        }
        let right = self.value(right)?;
        let (left, right) = (&*left, &*right);
        let value = match operator {
            Binary::Equal | Binary::Unequal => {
                // Comparing ends with the smaller of the two; paying for the left is close enough.
                self.budget.spend_value(left)?;
                Value::Bool(equal(left, right) == (operator == Binary::Equal))
            }
            Binary::In | Binary::NotIn => {
                self.budget.spend_value(right)?;
                Value::Bool(contains(right, left)? == (operator == Binary::In))
            }
            Binary::Less | Binary::AtMost | Binary::Greater | Binary::AtLeast => {
                Value::Bool(ordered(operator, left, right)?)
            }
            Binary::Join => {
                self.budget.spend_value(left)?;
                self.budget.spend_value(right)?;
                let mut joined = String::new();
                text::append(&mut joined, left);
                text::append(&mut joined, right);
                Value::String(joined)
            }
            operator => arithmetic(operator, left, right)?,
        };
        Ok(Cow::Owned(value))
    }
}

/// Everything is true but false, null, 0 and what is empty.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// The field of an object; null of anything else.
pub(super) fn field<'v>(value: Cow<'v, Value>, key: &str) -> Cow<'v, Value> {
    match value {
        Cow::Borrowed(value) => Cow::Borrowed(value.get(key).unwrap_or(&NULL)),
        Cow::Owned(Value::Object(mut fields)) => Cow::Owned(fields.remove(key).unwrap_or_default()),
        Cow::Owned(_) => Cow::Borrowed(&NULL),
    }
}

/// The item of a list, counted from its end when negative; null of anything else.
pub(super) fn item(value: Cow<'_, Value>, index: i64) -> Cow<'_, Value> {
    let Some(items) = value.as_array() else { return Cow::Borrowed(&NULL) };
    let from_begin = usize::try_from(index).ok();
    let from_end = usize::try_from(index.unsigned_abs()).ok();
    let position = from_begin.or_else(|| items.len().checked_sub(from_end?));
    let Some(position) = position.filter(|position| *position < items.len()) else {
        return Cow::Borrowed(&NULL);
    };
    match value {
        Cow::Borrowed(value) => Cow::Borrowed(&value[position]),
        Cow::Owned(mut value) => Cow::Owned(value[position].take()),
    }
}

fn contains(whole: &Value, part: &Value) -> Result<bool, Fault> {
    match whole {
        Value::Null => Ok(false),
        Value::Array(items) => Ok(items.iter().any(|item| equal(item, part))),
        Value::Object(fields) => Ok(part.as_str().is_some_and(|key| fields.contains_key(key))),
        Value::String(whole) => {
            Ok(text::plain(part).is_some_and(|part| whole.contains(part.as_ref())))
        }
        other => {
            let kind = text::kind(other);
            Err(format!("`in` looks into a list, an object or a text, not into {kind}").into())
        }
    }
}

fn ordered(operator: Binary, left: &Value, right: &Value) -> Result<bool, Fault> {
    let ordering = match (left, right) {
        (Value::Null, _) | (_, Value::Null) => return Ok(false),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => {
            Numeric::of(left).zip(Numeric::of(right)).map(|(left, right)| left.compare(right))
        }
        _ => None,
    };
    let ordering = ordering.ok_or_else(|| {
        let (left, right) = (text::kind(left), text::kind(right));
        let symbol = operator.symbol();
        format!("`{symbol}` compares two numbers or two texts, and these are {left} and {right}")
    })?;
    Ok(match operator {
        Binary::Less => ordering == Ordering::Less,
        Binary::AtMost => ordering != Ordering::Greater,
        Binary::Greater => ordering == Ordering::Greater,
        _ => ordering != Ordering::Less,
    })
}

fn arithmetic(operator: Binary, left: &Value, right: &Value) -> Result<Value, Fault> {
    let symbol = operator.symbol();
    let (left, right) = match (left, right) {
        (Value::Null, _) | (_, Value::Null) => return Ok(Value::Null),
        (Value::Number(left), Value::Number(right)) => (Numeric::of(left), Numeric::of(right)),
        (left, right) => {
            let (left, right) = (text::kind(left), text::kind(right));
            let hint = if operator == Binary::Add { "; `~` joins texts" } else { "" };
            return Err(format!(
                "`{symbol}` takes two numbers, and these are {left} and {right}{hint}"
            )
            .into());
        }
    };
    let out_of_range =
        || Fault::from(format!("the result of `{symbol}` is no number that JSON has"));
    let (left, right) = left.zip(right).ok_or_else(out_of_range)?;
    let is_zero = right.compare(Numeric::Whole(0)).is_eq();
    if is_zero && matches!(operator, Binary::Divide | Binary::Remainder) {
        return Err(format!("`{symbol}` divides by zero").into());
    }
    let result = match operator {
        Binary::Add => left.combine(right, i128::checked_add, |l, r| l + r),
        Binary::Subtract => left.combine(right, i128::checked_sub, |l, r| l - r),
        Binary::Multiply => left.combine(right, i128::checked_mul, |l, r| l * r),
        Binary::Remainder => left.combine(right, i128::checked_rem, |l, r| l % r),
        _ => left.combine(right, |l, r| (l % r == 0).then_some(l / r), |l, r| l / r),
    };
    result.to_value().ok_or_else(out_of_range)
}
