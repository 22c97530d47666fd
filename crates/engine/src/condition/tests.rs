//! Every operator both ways, and what compiling refuses.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::compare::holds;
use super::{Condition, Operator};
use crate::definition::Problem;
use crate::expression::{Context, Scope, find_in};

/// Left, operator, right, whether it holds.
fn table() -> Vec<(Value, &'static str, Value, bool)> {
    let mut rows = vec![];
    rows.extend(texts());
    rows.extend(numbers_and_times());
    rows.extend(others());
    rows
}

fn texts() -> Vec<(Value, &'static str, Value, bool)> {
    vec![
        (json!("The login page"), "string_contains", json!("login"), true),
        (json!("The login page"), "string_contains", json!("Login"), false),
        (json!(4711), "string_contains", json!(71), true),
        (json!(null), "string_contains", json!(""), false),
        (json!(["login"]), "string_contains", json!("login"), false),
        (json!("abc"), "string_does_not_contain", json!("d"), true),
        (json!("abc"), "string_does_not_contain", json!("b"), false),
        (json!(null), "string_does_not_contain", json!("b"), true),
        (json!("a"), "string_exactly_matches", json!("a"), true),
        (json!("a"), "string_exactly_matches", json!("a "), false),
        (json!(1), "string_exactly_matches", json!("1"), true),
        (json!(null), "string_exactly_matches", json!(""), false),
        (json!("a"), "string_does_not_exactly_match", json!("b"), true),
        (json!("a"), "string_does_not_exactly_match", json!("a"), false),
        (json!("b"), "string_is_in", json!(["a", "b"]), true),
        (json!("b"), "string_is_in", json!("a, b"), true),
        (json!("b"), "string_is_in", json!("ab"), false),
        (json!(1), "string_is_in", json!(["1", null]), true),
        (json!(null), "string_is_in", json!([null]), false),
        (json!("c"), "string_is_not_in", json!(["a", "b"]), true),
        (json!("a"), "string_is_not_in", json!(["a", "b"]), false),
        (json!("abc"), "string_starts_with", json!("ab"), true),
        (json!("abc"), "string_starts_with", json!("bc"), false),
        (json!("abc"), "string_does_not_start_with", json!("bc"), true),
        (json!("abc"), "string_does_not_start_with", json!("ab"), false),
        (json!("abc"), "string_ends_with", json!("bc"), true),
        (json!("abc"), "string_ends_with", json!("ab"), false),
        (json!("abc"), "string_does_not_end_with", json!("ab"), true),
        (json!("abc"), "string_does_not_end_with", json!("bc"), false),
        (json!("b"), "string_greater_than", json!("a"), true),
        (json!("10"), "string_greater_than", json!("9"), false),
        (json!(null), "string_greater_than", json!("a"), false),
        (json!("a"), "string_less_than", json!("b"), true),
        (json!("a"), "string_less_than", json!("a"), false),
    ]
}

fn numbers_and_times() -> Vec<(Value, &'static str, Value, bool)> {
    let large = 9_007_199_254_740_993_u64;
    let ten = "2026-01-31T10:00:00Z";
    vec![
        (json!(10), "number_greater_than", json!("9"), true),
        (json!(9), "number_greater_than", json!(9), false),
        (json!("ten"), "number_greater_than", json!(9), false),
        (json!(large), "number_greater_than", json!(large - 1), true),
        (json!(true), "number_greater_than", json!(0), false),
        (json!(" 8.5 "), "number_less_than", json!(9), true),
        (json!(9), "number_less_than", json!(8), false),
        (json!(null), "number_less_than", json!(8), false),
        (json!("1.0"), "number_equals", json!(1), true),
        (json!(large), "number_equals", json!(large - 1), false),
        (json!(1), "number_does_not_equal", json!(2), true),
        (json!(1), "number_does_not_equal", json!(1.0), false),
        (json!("x"), "number_does_not_equal", json!(1), true),
        (json!(1), "number_less_than_or_equal_to", json!(1), true),
        (json!(2), "number_less_than_or_equal_to", json!(1), false),
        (json!(1), "number_greater_than_or_equal_to", json!(1), true),
        (json!(0), "number_greater_than_or_equal_to", json!(1), false),
        (json!(ten), "date_time_after", json!("2026-01-31"), true),
        (json!(ten), "date_time_after", json!("2026-01-31T09:30:00-01:00"), false),
        (json!("soon"), "date_time_after", json!("2026-01-31"), false),
        (json!("2026-01-30"), "date_time_before", json!(ten), true),
        (json!(ten), "date_time_before", json!(ten), false),
        (json!(null), "date_time_before", json!(ten), false),
        (json!(ten), "date_time_equals", json!("2026-01-31T12:00:00+02:00"), true),
        (json!(ten), "date_time_equals", json!("2026-01-31T10:00:00"), true),
        (json!(ten), "date_time_equals", json!("2026-01-31"), false),
        (json!(1_769_817_600), "date_time_equals", json!(1_769_817_600), false),
    ]
}

fn others() -> Vec<(Value, &'static str, Value, bool)> {
    let none = || Value::Null;
    vec![
        (json!(true), "boolean_true", none(), true),
        (json!("True"), "boolean_true", none(), true),
        (json!(1), "boolean_true", none(), false),
        (json!(null), "boolean_true", none(), false),
        (json!(false), "boolean_false", none(), true),
        (json!("false"), "boolean_false", none(), true),
        (json!(null), "boolean_false", none(), false),
        (json!(""), "is_not_null", none(), true),
        (json!(null), "is_not_null", none(), false),
        (json!(null), "is_null", none(), true),
        (json!(0), "is_null", none(), false),
        (json!(false), "exists", none(), true),
        (json!(null), "exists", none(), false),
        (json!(null), "does_not_exist", none(), true),
        (json!([]), "does_not_exist", none(), false),
        (json!(1), "array_is_in", json!([2, 1.0]), true),
        (json!({ "a": 1 }), "array_is_in", json!([{ "a": 1 }]), true),
        (json!("1"), "array_is_in", json!([1]), false),
        (json!(null), "array_is_in", json!(null), false),
        (json!(3), "array_is_not_in", json!([1, 2]), true),
        (json!(3), "array_is_not_in", json!("3"), true),
        (json!(1), "array_is_not_in", json!([1]), false),
        (json!([]), "array_is_empty", none(), true),
        (json!(null), "array_is_empty", none(), true),
        (json!([0]), "array_is_empty", none(), false),
        (json!(""), "array_is_empty", none(), false),
        (json!([0]), "array_is_not_empty", none(), true),
        (json!([]), "array_is_not_empty", none(), false),
        (json!("x"), "array_is_not_empty", none(), false),
        (json!(null), "none", none(), true),
    ]
}

fn compile(value: &Value) -> Result<Condition, Vec<Problem>> {
    let scope = Scope { trigger: true, ..Scope::default() };
    Condition::compile(value, &scope)
}

fn is_met(condition: &Value, trigger: Value) -> bool {
    let values = json!({ "trigger": trigger });
    let find = find_in(&values);
    let condition = compile(condition).expect("it compiles");
    condition.holds(&Context::new(&find)).expect("every template has a value")
}

#[test]
fn every_operator_compares_as_published() {
    let (mut held, mut failed) = (BTreeSet::new(), BTreeSet::new());
    for (left, name, right, expected) in table() {
        let row = format!("{left} {name} {right}");
        let operator = Operator::named(name).unwrap_or_else(|| panic!("{row}: no such operator"));
        let mut comparison = json!({ "left": "{{ trigger.left }}", "operator": name });
        if operator.takes_right() {
            comparison["right"] = json!("{{ trigger.right }}");
        }
        let condition = json!({ "any": [{ "all": [comparison] }] });
        let values = json!({ "left": left, "right": right });
        assert_eq!(is_met(&condition, values), expected, "{row}");
        if expected {
            held.insert(name)
        } else {
            failed.insert(name)
        };
    }
    let all: BTreeSet<_> = Operator::ALL.iter().map(|operator| operator.name()).collect();
    assert_eq!(held, all);
    failed.insert("none");
    assert_eq!(failed, all);
}

#[test]
fn an_operator_is_known_by_the_vendors_name_too() {
    let vendors = [
        "$stringContains",
        "$stringDoesNotContain",
        "$stringExactlyMatches",
        "$stringDoesNotExactlyMatch",
        "$stringIsIn",
        "$stringIsNotIn",
        "$stringStartsWith",
        "$stringDoesNotStartWith",
        "$stringEndsWith",
        "$stringDoesNotEndWith",
        "$stringGreaterThan",
        "$stringLessThan",
        "$numberGreaterThan",
        "$numberLessThan",
        "$numberEquals",
        "$numberDoesNotEqual",
        "$numberLessThanOrEqualTo",
        "$numberGreaterThanOrEqualTo",
        "$dateTimeAfter",
        "$dateTimeBefore",
        "$dateTimeEquals",
        "$booleanTrue",
        "$booleanFalse",
        "$exists",
        "$doesNotExist",
        "$isNotUndefinedOrNull",
        "$isUndefinedOrNull",
        "$arrayIsIn",
        "$arrayIsNotIn",
        "$arrayIsEmpty",
        "$arrayIsNotEmpty",
        "$none",
    ];
    assert_eq!(vendors.map(|name| Operator::named(name).expect(name)), Operator::ALL);
    for operator in Operator::ALL {
        let written = serde_json::to_value(operator).expect("a text");
        assert_eq!(serde_json::from_value::<Operator>(written).ok(), Some(operator));
    }
    let read = serde_json::from_value::<Operator>(json!("$numberEquals"));
    assert_eq!(read.ok(), Some(Operator::NumberEquals));
}

#[test]
fn one_group_must_hold_with_all_of_its_comparisons() {
    let equals = |field: &str, right: Value| json!({ "left": format!("{{{{ trigger.{field} }}}}"), "operator": "number_equals", "right": right });
    let condition = json!({ "any": [
        { "all": [equals("a", json!(1)), equals("b", json!("{{ trigger.c }}"))] },
        { "all": [equals("a", json!(2))] },
    ] });
    assert!(is_met(&condition, json!({ "a": 1, "b": 5, "c": 5 })));
    assert!(!is_met(&condition, json!({ "a": 1, "b": 5, "c": 6 })));
    assert!(is_met(&condition, json!({ "a": 2 })));
    assert!(!is_met(&condition, json!({})));
}

#[test]
fn a_large_value_is_looked_at_without_being_copied() {
    let condition = json!({ "any": [{ "all": [
        { "left": "{{ trigger }}", "operator": "array_is_not_empty" }
    ] }] });
    assert!(is_met(&condition, json!(["x".repeat(2 * crate::expression::RENDERED_BYTES_MAX)])));
}

#[test]
fn a_template_without_a_value_is_an_error_with_its_place() {
    let condition = json!({ "any": [{ "all": [
        { "left": 1, "operator": "number_equals", "right": "{{ 1 / trigger.zero }}" }
    ] }] });
    let values = json!({ "trigger": { "zero": 0 } });
    let find = find_in(&values);
    let condition = compile(&condition).expect("it compiles");
    let error = condition.holds(&Context::new(&find)).expect_err("it divides by zero");
    assert_eq!(
        error.to_string(),
        "any[0].all[0].right: {{ 1 / trigger.zero }}: `/` divides by zero."
    );
}

#[test]
fn every_fault_of_a_condition_is_told_with_its_path() {
    let conditions = [
        json!({}),
        json!({ "any": [] }),
        json!({ "any": [{ "all": [] }, { "or": [] }, 5] }),
        json!({ "any": [{ "all": [
            5,
            { "operator": "exists" },
            { "left": 1, "operator": "is_like" },
            { "left": "{{ tigger }}", "operator": "number_equals", "right": "{{ 1 + }}" },
            { "left": 1, "operator": "number_equals" },
            { "left": 1, "operator": "exists", "right": 1 },
            { "left": "{{ secrets.KEY }}", "operator": "exists", "more": 1 },
        ] }] }),
        json!({ "any": [{ "all": vec![json!({ "left": 1, "operator": "exists" }); 101] }] }),
    ];
    let lines = conditions.map(|condition| {
        let problems = compile(&condition).expect_err("it is wrong");
        let lines = problems.iter().map(|found| format!("{}: {}", found.path, found.message));
        lines.collect::<Vec<_>>().join("\n")
    });
    insta::assert_snapshot!(lines.join("\n\n"), @r#"
: This is an object with the one member "any", a list.

: "any" needs at least one entry.

any[0]: "all" needs at least one entry.
any[1]: This is an object with the one member "all", a list.
any[2]: This is an object with the one member "all", a list.

any[0].all[0]: A comparison is an object with left, operator and right.
any[0].all[1]: A comparison needs "left".
any[0].all[2].operator: There is no operator "is_like"; known ones: string_contains, string_does_not_contain, string_exactly_matches, string_does_not_exactly_match, string_is_in, string_is_not_in, string_starts_with, string_does_not_start_with, string_ends_with, string_does_not_end_with, string_greater_than, string_less_than, number_greater_than, number_less_than, number_equals, number_does_not_equal, number_less_than_or_equal_to, number_greater_than_or_equal_to, date_time_after, date_time_before, date_time_equals, boolean_true, boolean_false, is_not_null, is_null, exists, does_not_exist, array_is_in, array_is_not_in, array_is_empty, array_is_not_empty, none.
any[0].all[3].left: In `{{ tigger }}`: There is no "tigger"; known here: steps, trigger, settings.
any[0].all[3].right: In `{{ 1 + }}`: It ends too early.
any[0].all[4]: "number_equals" needs "right".
any[0].all[5]: "exists" takes no "right".
any[0].all[6]: A comparison has left, operator and right, no "more".
any[0].all[6].left: In `{{ secrets.KEY }}`: secrets.KEY cannot be used in a condition: it may stand only in the address, headers, query, body and authorization of a request.

any: A condition has at most 100 comparisons.
"#);
}

#[test]
fn a_condition_tells_what_it_names() {
    let condition = compile(&json!({ "any": [{ "all": [
        { "left": "{{ settings.a }}", "operator": "string_contains", "right": "{{ settings.b }}" }
    ] }] }));
    let references = condition.expect("it compiles").references();
    assert_eq!(references.settings, ["a".to_owned(), "b".to_owned()].into());
}

proptest! {
    #[test]
    fn an_opposite_is_true_exactly_where_the_other_is_false(
        left in value(), right in value(), position in 0..Operator::ALL.len(),
    ) {
        let operator = Operator::ALL[position];
        let holds_here = holds(operator, &left, &right);
        let positive = operator.name().replace("_does_not_equal", "_equals")
            .replace("does_not_contain", "contains")
            .replace("does_not_exactly_match", "exactly_matches")
            .replace("does_not_start_with", "starts_with")
            .replace("does_not_end_with", "ends_with")
            .replace("does_not_exist", "exists")
            .replace("is_not_in", "is_in")
            .replace("is_null", "is_not_null");
        if positive != operator.name() {
            let positive = Operator::named(&positive).expect("the other exists");
            prop_assert_ne!(holds_here, holds(positive, &left, &right));
        }
    }
}

fn value() -> impl Strategy<Value = Value> {
    let texts = ["", "a", "ab", "1", "1.0", "true", "2026-01-31", "a,b"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2..3_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(texts.to_vec()).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::from))
}
