//! The operators, by both of their names.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How a comparison compares. "The opposite" is true for every pair of values for which the other
/// is false, values of the wrong kind included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// The left text has the right one in it. Texts are compared letter by letter, upper and
    /// lower case are different; numbers and booleans are taken as they are written.
    StringContains,
    /// The opposite of [`Operator::StringContains`].
    StringDoesNotContain,
    /// Both texts are the same.
    StringExactlyMatches,
    /// The opposite of [`Operator::StringExactlyMatches`].
    StringDoesNotExactlyMatch,
    /// The left text is one of a list, or of a text with commas between.
    StringIsIn,
    /// The opposite of [`Operator::StringIsIn`].
    StringIsNotIn,
    /// The left text begins with the right one.
    StringStartsWith,
    /// The opposite of [`Operator::StringStartsWith`].
    StringDoesNotStartWith,
    /// The left text ends with the right one.
    StringEndsWith,
    /// The opposite of [`Operator::StringEndsWith`].
    StringDoesNotEndWith,
    /// The left text comes after the right one in the order of Unicode.
    StringGreaterThan,
    /// The left text comes before the right one in the order of Unicode.
    StringLessThan,
    /// The left number is larger. Texts that write a number count as one.
    NumberGreaterThan,
    /// The left number is smaller.
    NumberLessThan,
    /// Both numbers are the same; `1` and `1.0` are.
    NumberEquals,
    /// The opposite of [`Operator::NumberEquals`].
    NumberDoesNotEqual,
    /// The left number is smaller or the same.
    NumberLessThanOrEqualTo,
    /// The left number is larger or the same.
    NumberGreaterThanOrEqualTo,
    /// The left time is later. Times are texts in RFC 3339, or a date alone, which is its first
    /// moment; without a zone they are UTC.
    DateTimeAfter,
    /// The left time is earlier.
    DateTimeBefore,
    /// Both are the same moment.
    DateTimeEquals,
    /// The left value is true, or the text "true" in any case.
    BooleanTrue,
    /// The left value is false, or the text "false" in any case. What is missing is neither.
    BooleanFalse,
    /// The left value is not null. What is missing is null.
    IsNotNull,
    /// The opposite of [`Operator::IsNotNull`].
    IsNull,
    /// The same as [`Operator::IsNotNull`].
    Exists,
    /// The same as [`Operator::IsNull`].
    DoesNotExist,
    /// The right value is a list with the left value in it.
    ArrayIsIn,
    /// The opposite of [`Operator::ArrayIsIn`].
    ArrayIsNotIn,
    /// The left value is a list without items, or null.
    ArrayIsEmpty,
    /// The left value is a list with items.
    ArrayIsNotEmpty,
    /// Holds always: a comparison for which nothing was chosen yet.
    None,
}

use Operator as O;

/// Every operator with the name we write and the name that the vendor's documents use.
const NAMES: [(Operator, &str, &str); 32] = [
    (O::StringContains, "string_contains", "$stringContains"),
    (O::StringDoesNotContain, "string_does_not_contain", "$stringDoesNotContain"),
    (O::StringExactlyMatches, "string_exactly_matches", "$stringExactlyMatches"),
    (O::StringDoesNotExactlyMatch, "string_does_not_exactly_match", "$stringDoesNotExactlyMatch"),
    (O::StringIsIn, "string_is_in", "$stringIsIn"),
    (O::StringIsNotIn, "string_is_not_in", "$stringIsNotIn"),
    (O::StringStartsWith, "string_starts_with", "$stringStartsWith"),
    (O::StringDoesNotStartWith, "string_does_not_start_with", "$stringDoesNotStartWith"),
    (O::StringEndsWith, "string_ends_with", "$stringEndsWith"),
    (O::StringDoesNotEndWith, "string_does_not_end_with", "$stringDoesNotEndWith"),
    (O::StringGreaterThan, "string_greater_than", "$stringGreaterThan"),
    (O::StringLessThan, "string_less_than", "$stringLessThan"),
    (O::NumberGreaterThan, "number_greater_than", "$numberGreaterThan"),
    (O::NumberLessThan, "number_less_than", "$numberLessThan"),
    (O::NumberEquals, "number_equals", "$numberEquals"),
    (O::NumberDoesNotEqual, "number_does_not_equal", "$numberDoesNotEqual"),
    (O::NumberLessThanOrEqualTo, "number_less_than_or_equal_to", "$numberLessThanOrEqualTo"),
    (
        O::NumberGreaterThanOrEqualTo,
        "number_greater_than_or_equal_to",
        "$numberGreaterThanOrEqualTo",
    ),
    (O::DateTimeAfter, "date_time_after", "$dateTimeAfter"),
    (O::DateTimeBefore, "date_time_before", "$dateTimeBefore"),
    (O::DateTimeEquals, "date_time_equals", "$dateTimeEquals"),
    (O::BooleanTrue, "boolean_true", "$booleanTrue"),
    (O::BooleanFalse, "boolean_false", "$booleanFalse"),
    (O::IsNotNull, "is_not_null", "$exists"),
    (O::IsNull, "is_null", "$doesNotExist"),
    (O::Exists, "exists", "$isNotUndefinedOrNull"),
    (O::DoesNotExist, "does_not_exist", "$isUndefinedOrNull"),
    (O::ArrayIsIn, "array_is_in", "$arrayIsIn"),
    (O::ArrayIsNotIn, "array_is_not_in", "$arrayIsNotIn"),
    (O::ArrayIsEmpty, "array_is_empty", "$arrayIsEmpty"),
    (O::ArrayIsNotEmpty, "array_is_not_empty", "$arrayIsNotEmpty"),
    (O::None, "none", "$none"),
];

impl Operator {
    /// Every operator, in the order of the vendor's list.
    pub const ALL: [Self; NAMES.len()] = {
        let mut all = [Self::None; NAMES.len()];
        let mut position = 0;
        while position < NAMES.len() {
            all[position] = NAMES[position].0;
            position += 1;
        }
        all
    };

    /// The operator of that name, ours or the vendor's.
    pub fn named(name: &str) -> Option<Self> {
        let entry = NAMES.iter().find(|(_, ours, vendors)| name == *ours || name == *vendors);
        entry.map(|(operator, ..)| *operator)
    }

    /// Its name in documents.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(operator, ..)| *operator == self).map_or("none", |(_, name, _)| name)
    }

    /// Whether it compares with a right side.
    pub const fn takes_right(self) -> bool {
        !matches!(
            self,
            Self::BooleanTrue
                | Self::BooleanFalse
                | Self::IsNotNull
                | Self::IsNull
                | Self::Exists
                | Self::DoesNotExist
                | Self::ArrayIsEmpty
                | Self::ArrayIsNotEmpty
                | Self::None
        )
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Operator {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Operator {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name)
            .ok_or_else(|| serde::de::Error::custom(format!("there is no operator {name:?}")))
    }
}
