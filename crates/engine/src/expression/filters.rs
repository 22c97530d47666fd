//! The published list of filters: `input | name(arguments)`.
//!
//! Null passes through every filter but `default`, `length` and `json`, because services leave
//! empty fields out. Each looks at its arguments before its input, so that written-out arguments
//! are checked at deploy.

use std::borrow::Cow;

use serde_json::Value;

use super::budget::{Budget, Fault};
use super::text;

mod lists;
mod texts;
mod times;
mod values;

type Apply =
    for<'v> fn(Cow<'v, Value>, &[Cow<'v, Value>], &mut Budget) -> Result<Cow<'v, Value>, Fault>;

/// One filter, as the editor's menu shows it.
pub struct Filter {
    /// Its name in expressions.
    pub name: &'static str,
    /// What stands in its parentheses, `(from, to)`; square brackets around what may be left out.
    pub arguments: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    counts: (usize, usize),
    apply: Apply,
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

const fn filter(
    name: &'static str,
    (arguments, counts): (&'static str, (usize, usize)),
    summary: &'static str,
    apply: Apply,
) -> Filter {
    Filter { name, arguments, summary, counts, apply }
}

const NONE: (&str, (usize, usize)) = ("", (0, 0));

static FILTERS: [Filter; 21] = [
    filter(
        "date",
        ("([pattern])", (0, 1)),
        "Writes a time as the pattern says, in UTC.",
        times::date,
    ),
    filter(
        "date_add",
        ("(count, unit)", (2, 2)),
        "Moves a time by a number of seconds, minutes, hours, days or weeks.",
        times::date_add,
    ),
    filter(
        "default",
        ("(value)", (1, 1)),
        "Gives the value where the input is null.",
        values::default,
    ),
    filter("first", NONE, "Gives the first item of a list.", lists::first),
    filter("items", NONE, "Turns an object into a list of `{key, value}`.", lists::items),
    filter(
        "join",
        ("([separator])", (0, 1)),
        "Joins the items of a list to a text; the separator is a comma if none is given.",
        lists::join,
    ),
    filter("json", NONE, "Writes any value as JSON text.", values::json),
    filter("keys", NONE, "Lists the keys of an object.", lists::keys),
    filter("last", NONE, "Gives the last item of a list.", lists::last),
    filter(
        "length",
        NONE,
        "Counts the letters of a text, the items of a list or the fields of an object.",
        lists::length,
    ),
    filter("lower", NONE, "Writes a text in lower case.", texts::lower),
    filter("map", ("(field)", (1, 1)), "Takes one field of every item of a list.", lists::map),
    filter("number", NONE, "Reads a text as a number.", values::number),
    filter("parse_json", NONE, "Reads a text as JSON.", values::parse_json),
    filter(
        "replace",
        ("(from, to)", (2, 2)),
        "Replaces every occurrence in a text.",
        texts::replace,
    ),
    filter("split", ("(separator)", (1, 1)), "Cuts a text into a list.", texts::split),
    filter("text", NONE, "Writes any value as it looks within a text.", values::text),
    filter("trim", NONE, "Takes the space around a text away.", texts::trim),
    filter("upper", NONE, "Writes a text in upper case.", texts::upper),
    filter("url_encode", NONE, "Escapes a text for a part of an address.", texts::url_encode),
    filter("values", NONE, "Lists the values of an object.", lists::values),
];

/// Every filter, by name.
pub fn filters() -> &'static [Filter] {
    &FILTERS
}

/// The filter of that name, or a sentence.
pub(super) fn find(name: &str) -> Result<&'static Filter, String> {
    FILTERS.iter().find(|filter| filter.name == name).ok_or_else(|| {
        let known: Vec<_> = FILTERS.iter().map(|filter| filter.name).collect();
        format!("There is no filter \"{name}\"; known filters: {}.", known.join(", "))
    })
}

impl Filter {
    pub(super) fn check_count(&self, count: usize) -> Result<(), String> {
        let (least, most) = self.counts;
        if (least..=most).contains(&count) {
            return Ok(());
        }
        let form = format!("`{}{}`", self.name, self.arguments);
        Err(format!("The filter {form} does not take {count} arguments."))
    }

    /// Applies it; the number of arguments is right.
    pub(super) fn apply<'v>(
        &self,
        input: Cow<'v, Value>,
        arguments: &[Cow<'v, Value>],
        budget: &mut Budget,
    ) -> Result<Cow<'v, Value>, Fault> {
        (self.apply)(input, arguments, budget)
            .map_err(|fault| format!("{} {fault}", self.name).into())
    }
}

/// What a filter says to an input or argument it cannot take.
fn needs(wanted: &str, found: &Value) -> Fault {
    format!("needs {wanted}, and got {}", text::kind(found)).into()
}

/// The argument at `position` as text, or `otherwise` if it is left out; null is empty.
fn text_argument<'a>(
    arguments: &'a [Cow<'_, Value>],
    position: usize,
    otherwise: &'static str,
) -> Result<Cow<'a, str>, Fault> {
    match arguments.get(position) {
        None => Ok(Cow::Borrowed(otherwise)),
        Some(value) if value.is_null() => Ok(Cow::Borrowed("")),
        Some(value) => text::plain(value).ok_or_else(|| needs("texts in its parentheses", value)),
    }
}
