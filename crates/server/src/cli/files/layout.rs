//! The order in which a file reads well. Only the order: nothing is left out and nothing added.

use serde_json::{Map, Value};

use super::yaml::Shown;

/// The members of a definition.
const DEFINITION: &[&str] = &[
    "version",
    "key",
    "name",
    "description",
    "integration",
    "trigger",
    "start",
    "steps",
    "portal",
];
/// The members of steps of all kinds.
const STEP: &[&str] = &[
    "kind",
    "description",
    "action",
    "method",
    "path",
    "url",
    "query",
    "headers",
    "authorization",
    "body",
    "pagination",
    "input",
    "source",
    "params",
    "condition",
    "items",
    "each",
    "parallel",
    "amount",
    "unit",
    "status",
    "when_true",
    "when_false",
    "next",
    "retry",
    "continue_on_error",
];
/// The members of triggers of all kinds.
const TRIGGER: &[&str] = &[
    "kind",
    "event",
    "cron",
    "timezone",
    "catch_up",
    "trigger",
    "input",
    "level",
    "proof",
    "account_path",
    "headers",
    "params",
    "body",
];
/// The members of a portal, a workflow's or an integration's.
const PORTAL: &[&str] = &[
    "description",
    "overview",
    "accent_color",
    "hidden",
    "default_enabled",
    "order",
    "info",
    "inputs",
    "permissions",
];
/// The members of an input.
const INPUT: &[&str] = &["id", "type", "title", "required"];
/// The members of a comparison, and of whatever names its kind.
const COMPARISON: &[&str] = &["left", "operator", "right"];
const TAGGED: &[&str] = &["kind", "preset", "type", "content"];

/// How a part of a document is laid out.
type Layout = fn(&str, &Value) -> Shown;

/// A workflow's definition.
pub fn workflow(document: &Value) -> Shown {
    let steps = engine::definition::reading_order(document);
    ordered(document, DEFINITION, &|name, value| match (name, value) {
        ("steps", Value::Object(members)) => {
            let keys: Vec<&str> = steps.iter().map(String::as_str).collect();
            members_of(members, &keys, &|_, step| ordered(step, STEP, &part_of_step))
        }
        ("trigger", _) => ordered(value, TRIGGER, &part_of_step),
        ("portal", _) => integration(value),
        _ => Shown::of(value),
    })
}

/// An integration's portal settings.
pub fn integration(document: &Value) -> Shown {
    let inputs: Layout = |_, one| ordered(one, INPUT, &|_, value| Shown::of(value));
    ordered(document, PORTAL, &|name, value| match (name, value) {
        ("inputs", Value::Array(items)) => {
            Shown::List(items.iter().map(|one| inputs(name, one)).collect())
        }
        ("permissions", _) => condition(value),
        _ => Shown::of(value),
    })
}

fn part_of_step(name: &str, value: &Value) -> Shown {
    match name {
        "condition" => condition(value),
        "body" | "authorization" | "pagination" | "proof" => {
            ordered(value, TAGGED, &|name, value| match name {
                "stop_when" => condition(value),
                _ => Shown::of(value),
            })
        }
        _ => Shown::of(value),
    }
}

/// A condition: comparisons read from left to right.
fn condition(value: &Value) -> Shown {
    match value {
        Value::Array(items) => Shown::List(items.iter().map(condition).collect()),
        Value::Object(members) if members.contains_key("operator") => {
            members_of(members, COMPARISON, &|_, value| Shown::of(value))
        }
        Value::Object(members) => members_of(members, &[], &|_, value| condition(value)),
        scalar => Shown::of(scalar),
    }
}

/// An object with its members in this order, others after them by name. What is no object stays.
fn ordered(value: &Value, order: &[&str], part: &dyn Fn(&str, &Value) -> Shown) -> Shown {
    match value {
        Value::Object(members) => members_of(members, order, part),
        other => Shown::of(other),
    }
}

fn members_of(
    members: &Map<String, Value>,
    order: &[&str],
    part: &dyn Fn(&str, &Value) -> Shown,
) -> Shown {
    let place = |name: &str| order.iter().position(|one| *one == name).unwrap_or(order.len());
    let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
    sorted.sort_by_key(|(name, _)| (place(name), *name));
    let shown = sorted.into_iter().map(|(name, value)| (name.clone(), part(name, value)));
    Shown::Members(shown.collect())
}
