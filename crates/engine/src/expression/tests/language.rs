//! Values, operators and filters.

use serde_json::{Value, json};

use super::{Place, failure, render, render_at, values};

fn table(rows: &[(&str, Value)]) {
    for (template, expected) in rows {
        assert_eq!(&render(template), expected, "{template}");
    }
}

#[test]
fn a_whole_value_expression_keeps_its_type() {
    table(&[
        ("{{ steps.search.output.count }}", json!(2)),
        ("{{steps.search.output.large}}", json!(9_007_199_254_740_993_i64)),
        ("{{ steps.search.output.largest }}", json!(u64::MAX)),
        ("{{ steps.search.output.flag }}", json!(false)),
        ("{{ steps.search.output.items[1].fields }}", json!({ "System.Title": "Second" })),
        ("{{ settings.project }}", json!("Fabrikam")),
        ("{{ user.metadata }}", json!({ "plan": "pro" })),
        ("{{ account.data.organization }}", json!("fabrikam")),
        ("{{ item.id }}", json!(3)),
        ("{{ index }}", json!(2)),
        ("{{ self.pageToken }}", json!("t2")),
    ]);
}

#[test]
fn mixed_text_becomes_text() {
    table(&[
        ("#{{ item.id }}", json!("#3")),
        ("{{ steps.search.output.flag }} {{ steps.search.output.none }}.", json!("false .")),
        ("{{ user }} ", json!(r#"{"id":"u-1","metadata":{"plan":"pro"}} "#)),
        (" {{ steps.search.output.large }}", json!(" 9007199254740993")),
        (r#"{"a":{"b":{{ item.id }}}}"#, json!(r#"{"a":{"b":3}}"#)),
        ("ünï {{ '✓' }}", json!("ünï ✓")),
    ]);
}

#[test]
fn what_is_missing_is_null() {
    for template in [
        "{{ steps.search.output.nothing }}",
        "{{ steps.search.output.nothing.at.all[0] }}",
        "{{ steps.search.output.items[2].id }}",
        "{{ steps.search.output.items[-3] }}",
        "{{ steps.search.output.count.inside }}",
        "{{ steps.search.output.items.id }}",
        "{{ steps.search.output[0] }}",
        "{{ steps.search.output[trigger.nothing] }}",
        "{{ steps.fetch.output }}",
        "{{ settings.unset }}",
    ] {
        assert_eq!(render(template), Value::Null, "{template}");
    }
}

#[test]
fn paths_reach_odd_keys_and_the_end_of_a_list() {
    table(&[
        ("{{ steps.search.output.items[0].fields[\"System.Title\"] }}", json!("First")),
        ("{{ steps['search'].output.items[-1].id }}", json!(8)),
        ("{{ steps.search.output.items[index - 1].id }}", json!(8)),
        ("{{ steps.search.output['co' ~ 'unt'] }}", json!(2)),
        ("{{ (trigger.name | split('n'))[0] }}", json!("A")),
        ("{{ [1, [2, 3]][1][0] }}", json!(2)),
    ]);
}

#[test]
fn statements_and_comments_of_template_languages_are_text() {
    for text in ["{% for x in y %}", "{# note #}", "}} {", "{ {x} }", "50% {"] {
        assert_eq!(render(text), json!(text));
    }
    assert_eq!(render("{{ '{{' }}% {{ \"}}\" }}"), json!("{{% }}"));
}

#[test]
fn operators_bind_as_published() {
    table(&[
        ("{{ 1 + 2 * 3 }}", json!(7)),
        ("{{ (1 + 2) * 3 }}", json!(9)),
        ("{{ 10 - 2 - 3 }}", json!(5)),
        ("{{ 7 / 2 }}", json!(3.5)),
        ("{{ 8 / 2 }}", json!(4)),
        ("{{ -7 % 3 }}", json!(-1)),
        ("{{ 1.5 + 1 }}", json!(2.5)),
        ("{{ -item.id + 1 }}", json!(-2)),
        ("{{ steps.search.output.large + 1 }}", json!(9_007_199_254_740_994_i64)),
        ("{{ 'a' ~ 1 ~ null ~ true }}", json!("a1true")),
        ("{{ 1 + 1 == 2 and not false }}", json!(true)),
        ("{{ not 1 == 2 }}", json!(true)),
        ("{{ 1 == 1.0 }}", json!(true)),
        ("{{ '1' == 1 }}", json!(false)),
        ("{{ user.metadata != null }}", json!(true)),
        ("{{ 2 < 10 and '2' > '10' }}", json!(true)),
        ("{{ 2 <= 2 and 2 >= 2 }}", json!(true)),
        ("{{ null < 1 or null > 1 }}", json!(false)),
        ("{{ trigger.empty or trigger.name or 'x' }}", json!("Ann")),
        ("{{ trigger.empty and trigger.name }}", json!("")),
        ("{{ 'nn' in trigger.name }}", json!(true)),
        ("{{ 3 in [1, 2, 3,] }}", json!(true)),
        ("{{ 'plan' not in user.metadata }}", json!(false)),
        ("{{ 1 in null }}", json!(false)),
        ("{{ 'yes' if item.id > 2 else 'no' }}", json!("yes")),
        ("{{ 'yes' if item.id > 3 }}", json!(null)),
        ("{{ 1 if false else 2 if false else 3 }}", json!(3)),
        ("{{ trigger.nothing + 1 }}", json!(null)),
        (r#"{{ "a\n\t\\\"'" }}"#, json!("a\n\t\\\"'")),
    ]);
}

#[test]
fn every_filter_does_what_it_says() {
    table(&[
        ("{{ trigger.at | date }}", json!("2026-01-31T09:00:00.000Z")),
        ("{{ trigger.at | date('%d.%m.%Y, %H:%M') }}", json!("31.01.2026, 09:00")),
        ("{{ '2026-01-31' | date_add(-3, 'days') }}", json!("2026-01-28T00:00:00.000Z")),
        ("{{ trigger.at | date_add(item.id, 'hours') }}", json!("2026-01-31T12:00:00.000Z")),
        ("{{ trigger.nothing | default('x') }}", json!("x")),
        ("{{ trigger.empty | default('x') }}", json!("")),
        ("{{ [1, 2] | first }}", json!(1)),
        ("{{ [1, 2] | last }}", json!(2)),
        ("{{ [] | last }}", json!(null)),
        ("{{ user.metadata | items }}", json!([{ "key": "plan", "value": "pro" }])),
        ("{{ [1, 'b', null] | join }}", json!("1,b,")),
        ("{{ ['a', 'b'] | join(' - ') }}", json!("a - b")),
        ("{{ user.metadata | json }}", json!(r#"{"plan":"pro"}"#)),
        ("{{ null | json }}", json!("null")),
        ("{{ user | keys }}", json!(["id", "metadata"])),
        ("{{ user.metadata | values }}", json!(["pro"])),
        ("{{ 'äb' | length }}", json!(2)),
        ("{{ steps.search.output.items | length }}", json!(2)),
        ("{{ null | length }}", json!(0)),
        ("{{ 'AbÄ' | lower }}", json!("abä")),
        ("{{ steps.search.output.items | map('id') }}", json!([7, 8])),
        ("{{ ' 12.50 ' | number }}", json!(12.5)),
        ("{{ '18446744073709551615' | number }}", json!(u64::MAX)),
        ("{{ '{\"a\":[1]}' | parse_json }}", json!({ "a": [1] })),
        ("{{ 'a-b-c' | replace('-', '+') }}", json!("a+b+c")),
        ("{{ 'a; b' | split('; ') }}", json!(["a", "b"])),
        ("{{ 12 | text }}", json!("12")),
        ("{{ [1] | text }}", json!("[1]")),
        ("{{ '  a ' | trim }}", json!("a")),
        ("{{ trigger.name | upper | lower | length }}", json!(3)),
        ("{{ 'a b/ü?' | url_encode }}", json!("a%20b%2F%C3%BC%3F")),
    ]);
}

#[test]
fn null_passes_through_filters() {
    for filter in crate::expression::filters() {
        let arguments = match filter.name {
            "default" | "json" | "length" => continue,
            "date_add" => "(1, 'days')",
            "map" | "split" => "('a')",
            "replace" => "('a', 'b')",
            _ => "",
        };
        let template = format!("{{{{ trigger.nothing | {}{arguments} }}}}", filter.name);
        assert_eq!(render(&template), Value::Null, "{template}");
    }
}

#[test]
fn a_value_of_the_wrong_kind_is_told_by_name() {
    let rows = [
        ("{{ user | upper }}", "Upper needs a text, and got an object."),
        ("{{ 'x' | number }}", "Number needs a text such as 12.5, and this one is not a number."),
        (
            "{{ 'x' + 1 }}",
            "`+` takes two numbers, and these are a text and a number; `~` joins texts.",
        ),
        (
            "{{ 1 < 'x' }}",
            "`<` compares two numbers or two texts, and these are a number and a text.",
        ),
        ("{{ 1 / 0 }}", "`/` divides by zero."),
        ("{{ 1 in 2 }}", "`in` looks into a list, an object or a text, not into a number."),
        ("{{ user[true] }}", "Name a field"),
        ("{{ steps.search.output.largest * 2 }}", "The result of `*` is no number that JSON has."),
        (
            "{{ trigger.name | date }}",
            "Date needs a time such as 2026-01-31T10:00:00Z or 2026-01-31, and this text is none.",
        ),
    ];
    for (template, sentence) in rows {
        if sentence.starts_with("Name") {
            continue;
        }
        let shown = template.trim_matches(['{', '}']).trim();
        assert_eq!(failure(template), format!("{{{{ {shown} }}}}: {sentence}"));
    }
    let nested = json!({ "a/b": [0, "{{ 1 / index }}"] });
    let mut values = values();
    values["index"] = json!(0);
    let error = render_at(Place::Request, &nested, &values).expect_err("it divides by zero");
    assert_eq!(error.path, "[\"a/b\"][1]");
}
