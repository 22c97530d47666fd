//! The published page says what is.

use serde_json::Value;

use super::super::*;
use super::{Place, render_at};
use crate::condition::{COMPARISONS_MAX, Operator};

const PAGE: &str = include_str!("../../../../../docs/reference/expressions.md");

#[test]
fn every_example_gives_what_the_page_says() {
    let (_, values) = PAGE.split_once("```json\n").expect("the page begins with its values");
    let (values, examples) = values.split_once("```").expect("the values end");
    let values: Value = serde_json::from_str(values).expect("the values are JSON");
    let examples: Vec<_> = examples.lines().filter_map(|line| line.split_once(" → ")).collect();
    assert!(examples.len() > 25, "the examples were found");
    for (template, expected) in examples {
        let rendered = render_at(Place::Output, &Value::from(template), &values);
        let expected = serde_json::from_str(expected).unwrap_or_else(|e| panic!("{expected}: {e}"));
        assert_eq!(rendered, Ok::<Value, _>(expected), "{template}");
    }
}

#[test]
fn every_filter_operator_and_limit_stands_on_the_page() {
    for filter in filters() {
        let written = format!("`{}{}`", filter.name, filter.arguments);
        assert!(PAGE.contains(&written), "{written} is missing");
    }
    for operator in Operator::ALL {
        assert!(PAGE.contains(&format!("`{operator}`")), "{operator} is missing");
    }
    let sentences = [
        format!("1,048,576 bytes, {RENDERED_DEPTH_MAX} levels deep"),
        format!("{TEMPLATE_DEPTH_MAX} levels deep"),
        format!("{EXPRESSION_PARTS_MAX} parts, {EXPRESSION_DEPTH_MAX} brackets"),
        format!("{COMPARISONS_MAX} comparisons"),
    ];
    for sentence in sentences {
        assert!(PAGE.contains(&sentence), "{sentence} is missing");
    }
    assert_eq!((RENDERED_BYTES_MAX, WORK_UNITS_MAX), (1_048_576, 8_388_608));
}
