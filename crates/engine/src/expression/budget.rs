//! How much a render may still do.

use std::borrow::Cow;

use serde_json::Value;

use super::WORK_UNITS_MAX;

/// Why an expression has no value: a sentence without its beginning, the expression.
pub(super) type Fault = Cow<'static, str>;

/// Work left, in the units of [`WORK_UNITS_MAX`].
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    pub(super) const fn full() -> Self {
        Self { left: WORK_UNITS_MAX }
    }

    /// Takes `units`, before the work is done.
    pub(super) fn spend(&mut self, units: usize) -> Result<(), Fault> {
        match self.left.checked_sub(units) {
            Some(left) => self.left = left,
            None => return Err(exhausted()),
        }
        Ok(())
    }

    /// Takes what copying, comparing or printing `value` costs, about its bytes as JSON.
    pub(super) fn spend_value(&mut self, value: &Value) -> Result<(), Fault> {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => self.spend(8),
            Value::String(text) => self.spend(text.len() + 3),
            Value::Array(items) => {
                self.spend(2)?;
                items.iter().try_for_each(|item| self.spend_value(item))
            }
            Value::Object(fields) => {
                self.spend(2)?;
                fields.iter().try_for_each(|(key, value)| {
                    self.spend(key.len() + 4)?;
                    self.spend_value(value)
                })
            }
        }
    }
}

fn exhausted() -> Fault {
    format!("it takes more than the {WORK_UNITS_MAX} units of work that one step's fields may; let a function step do this")
        .into()
}
