//! A step that waits.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The longest delay: a year of 366 days.
pub const DELAY_MAX: Duration = Duration::from_secs(366 * 86_400);

/// Waits for a time. It has no output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delay {
    /// How many of the unit: a number, or a template of one.
    pub amount: Value,
    /// What is counted.
    #[serde(default)]
    pub unit: Unit,
}

/// What a delay counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Minutes.
    #[default]
    Minutes,
    /// Hours.
    Hours,
    /// Days of 24 hours.
    Days,
}

impl Delay {
    /// How long the delay is, given its rendered amount; none when that is no number from 0 on, or
    /// longer than [`DELAY_MAX`].
    pub fn duration(&self, amount: &Value) -> Option<Duration> {
        let amount = match amount {
            Value::Number(number) => number.as_f64()?,
            Value::String(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        let unit_secs = match self.unit {
            Unit::Seconds => 1.0,
            Unit::Minutes => 60.0,
            Unit::Hours => 3_600.0,
            Unit::Days => 86_400.0,
        };
        Duration::try_from_secs_f64(amount * unit_secs).ok().filter(|length| *length <= DELAY_MAX)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_delay_is_at_most_a_year_and_never_negative() {
        let days = Delay { amount: json!(1), unit: Unit::Days };
        assert_eq!(days.duration(&json!(1)), Some(Duration::from_secs(86_400)));
        assert_eq!(days.duration(&json!("0.5")), Some(Duration::from_secs(43_200)));
        assert_eq!(days.duration(&json!(366)), Some(DELAY_MAX));
        for wrong in [json!(367), json!(-1), json!("soon"), json!(null), json!(1e300)] {
            assert_eq!(days.duration(&wrong), None, "{wrong}");
        }
    }
}
