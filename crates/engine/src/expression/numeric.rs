//! Numbers that keep every digit of whole ones.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// A number as JSON has them: whole ones exact, others as 64-bit floating point.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Numeric {
    /// Within `i64` or `u64` when it comes from JSON.
    Whole(i128),
    /// Finite.
    Real(f64),
}

/// From here on every `f64` is a whole number outside of what [`Numeric::Whole`] has from JSON.
const REAL_EXACT_BOUND: f64 = 1e30;

impl Numeric {
    /// The number that a JSON number is.
    pub(crate) fn of(number: &Number) -> Option<Self> {
        if let Some(whole) = number.as_i128() {
            return Some(Self::Whole(whole));
        }
        number.as_f64().filter(|real| real.is_finite()).map(Self::Real)
    }

    /// The number that a text writes: decimal, maybe with a sign, a fraction or an exponent, and
    /// with space around it.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('+').unwrap_or(text);
        if let Ok(whole) = text.parse::<i128>()
            && (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&whole)
        {
            return Some(Self::Whole(whole));
        }
        let is_decimal = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
        let real = text.parse::<f64>().ok().filter(|real| real.is_finite() && is_decimal)?;
        Some(Self::Real(real))
    }

    /// As JSON; `None` outside of its range.
    pub(crate) fn to_value(self) -> Option<Value> {
        match self {
            Self::Whole(whole) => i64::try_from(whole)
                .map(Number::from)
                .or_else(|_| u64::try_from(whole).map(Number::from))
                .ok()
                .map(Value::Number),
            Self::Real(real) => Number::from_f64(real).map(Value::Number),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "meeting a fraction makes a whole number one")]
    const fn real(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Real(real) => real,
        }
    }

    /// With the other sign.
    pub(crate) fn negated(self) -> Self {
        Self::Whole(0).combine(self, i128::checked_sub, |_, real| -real)
    }

    /// Applies `whole` to two whole numbers, `real` otherwise or when `whole` has no answer.
    pub(crate) fn combine(
        self,
        other: Self,
        whole: impl Fn(i128, i128) -> Option<i128>,
        real: impl Fn(f64, f64) -> f64,
    ) -> Self {
        if let (Self::Whole(left), Self::Whole(right)) = (self, other)
            && let Some(result) = whole(left, right)
        {
            return Self::Whole(result);
        }
        Self::Real(real(self.real(), other.real()))
    }

    /// Which is larger, exactly.
    #[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
    pub(crate) fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(left), Self::Whole(right)) => left.cmp(&right),
            (Self::Real(left), Self::Real(right)) => {
                left.partial_cmp(&right).unwrap_or(Ordering::Equal)
            }
            (Self::Whole(left), Self::Real(right)) if right.abs() < REAL_EXACT_BOUND => {
                let beyond = 0.0.partial_cmp(&right.fract()).unwrap_or(Ordering::Equal);
                left.cmp(&(right.trunc() as i128)).then(beyond)
            }
            (Self::Whole(_), Self::Real(right)) => {
                if right > 0.0 {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (Self::Real(_), Self::Whole(_)) => other.compare(self).reverse(),
        }
    }
}

/// Whether two values are the same. Numbers are by what they say: `1` is `1.0`.
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            match (Numeric::of(left), Numeric::of(right)) {
                (Some(left), Some(right)) => left.compare(right).is_eq(),
                _ => left == right,
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| equal(l, r))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, l)| right.get(key).is_some_and(|r| equal(l, r)))
        }
        (left, right) => left == right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_and_fractions_compare_exactly() {
        let whole = Numeric::Whole(9_007_199_254_740_993);
        assert_eq!(whole.compare(Numeric::Real(9_007_199_254_740_992.0)), Ordering::Greater);
        assert_eq!(Numeric::Whole(2).compare(Numeric::Real(2.0)), Ordering::Equal);
        assert_eq!(Numeric::Whole(2).compare(Numeric::Real(2.5)), Ordering::Less);
        assert_eq!(Numeric::Whole(-2).compare(Numeric::Real(-2.5)), Ordering::Greater);
        assert_eq!(Numeric::Real(1e300).compare(Numeric::Whole(5)), Ordering::Greater);
        assert_eq!(Numeric::Whole(5).compare(Numeric::Real(-1e300)), Ordering::Greater);
    }

    #[test]
    fn a_text_is_a_number_only_if_it_is_decimal() {
        let value = |text| Numeric::read(text).and_then(Numeric::to_value).map(|v| v.to_string());
        assert_eq!(value(" 42 ").as_deref(), Some("42"));
        assert_eq!(value("-1.5e2").as_deref(), Some("-150.0"));
        assert_eq!(value("18446744073709551615").as_deref(), Some("18446744073709551615"));
        for text in ["", " ", "0x10", "inf", "NaN", "1,5", "1 2", "twelve", "1e999"] {
            assert_eq!(value(text), None, "{text}");
        }
    }
}
