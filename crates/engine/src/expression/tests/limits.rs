//! Bounds, each of which ends a render or a deploy in a sentence.

use serde_json::{Value, json};

use super::super::*;
use super::{failure, problems, render_at, values};

#[test]
fn a_rendered_value_is_bounded() {
    let mut values = values();
    values["trigger"] = json!("x".repeat(RENDERED_BYTES_MAX - 2));
    let whole = json!("{{ trigger }}");
    assert_eq!(render_at(Place::Output, &whole, &values).as_ref(), Ok(&values["trigger"]));
    values["trigger"] = json!("x".repeat(RENDERED_BYTES_MAX - 1));
    for template in [whole, json!("{{ trigger }}{{ trigger }}"), json!(["{{ [trigger] }}"])] {
        let error = render_at(Place::Output, &template, &values).expect_err("it is too large");
        assert_eq!(error.message, "The value becomes larger than 1048576 bytes.");
    }
}

#[test]
fn a_small_use_of_a_large_value_is_fine() {
    let mut values = values();
    values["trigger"] = json!({ "large": "x".repeat(20 * RENDERED_BYTES_MAX), "id": 1 });
    assert_eq!(render_at(Place::Output, &json!("{{ trigger.id }}"), &values), Ok(json!(1)));
}

#[test]
fn work_that_grows_is_stopped() {
    let mut grown = "'aaaaaaaaaaaaaaaa'".to_owned();
    for _ in 0..10 {
        grown.push_str(" | replace('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')");
    }
    for expression in [grown, "' ' | replace(' ', trigger)".to_owned() + &" ~ trigger".repeat(2)] {
        let mut values = values();
        values["trigger"] = json!("x".repeat(WORK_UNITS_MAX / 2));
        let template = json!(format!("{{{{ {expression} }}}}"));
        let error = render_at(Place::Output, &template, &values).expect_err("too much");
        assert!(error.message.contains("units of work"), "{error}");
    }
    assert!(failure("{{ '{' ~ ('[' | replace('[', '[[[[')) | parse_json }}").contains("is not"));
}

#[test]
fn a_value_may_not_nest_so_deep_that_it_cannot_be_read_back() {
    let nested = |depth| (0..depth).fold(Value::Null, |inner, _| json!([inner]));
    let mut values = values();
    values["trigger"] = nested(RENDERED_DEPTH_MAX);
    assert!(render_at(Place::Output, &json!("{{ trigger }}"), &values).is_ok());
    let error = render_at(Place::Output, &json!(["{{ trigger }}"]), &values).expect_err("too deep");
    assert_eq!(
        (error.path.as_str(), error.message.as_str()),
        ("[0]", "The value nests deeper than 100 levels.")
    );
    assert_eq!(problems(&nested(TEMPLATE_DEPTH_MAX)), []);
    assert!(problems(&nested(TEMPLATE_DEPTH_MAX + 1))[0].message.contains("64 levels"));
}

#[test]
fn an_expression_is_bounded_in_parts_and_depth() {
    let sum = |parts: usize| json!(format!("{{{{ 1{} }}}}", " + 1".repeat(parts / 2)));
    assert_eq!(problems(&sum(EXPRESSION_PARTS_MAX - 2)), []);
    assert!(problems(&sum(EXPRESSION_PARTS_MAX))[0].message.contains("more than 256 parts"));
    let brackets =
        |depth: usize| json!(format!("{{{{ {}1{} }}}}", "(".repeat(depth), ")".repeat(depth)));
    assert_eq!(problems(&brackets(EXPRESSION_DEPTH_MAX - 1)), []);
    for depth in [EXPRESSION_DEPTH_MAX, 100_000] {
        assert!(problems(&brackets(depth))[0].message.contains("deeper than 32 levels"));
    }
    for prefix in ["[", "-", "not ", "1 if ", "1 ~ (", "a[", "1 | join(", "1 if 1 else "] {
        assert_eq!(
            problems(&json!(format!("{{{{ {}", prefix.repeat(10_000)))).len(),
            1,
            "{prefix}"
        );
    }
}
