//! What holds for every text and every value.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::reference::{Reference, references_in, resolve};
use super::super::{Context, Place, Template, find_in};
use super::{scope, values};

const PLACES: [Place; 5] =
    [Place::Request, Place::Action, Place::Function, Place::Condition, Place::Output];

/// Keys of which some are reserved.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("$reference".to_owned()),
        Just("$template".to_owned()),
        Just("$$reference".to_owned()),
        Just("kind".to_owned()),
        Just("name".to_owned()),
        "[a-z$]{0,4}",
    ]
}

/// Any JSON value whose texts have no `{{`.
fn data() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(Value::from("secret")),
        Just(Value::from("KEY")),
        any::<String>().prop_map(|text| text.replace('{', "{ ").into()),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key(), inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Text that is often nearly an expression.
fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "{{",
        "}}",
        "{%",
        "{",
        "}",
        " ",
        "steps.search.output",
        "trigger",
        "settings.x",
        "user",
        "account.data",
        "account.token",
        "secrets.KEY",
        "item",
        "index",
        "self",
        ".items",
        "[0]",
        "[-1]",
        "[",
        "]",
        "(",
        ")",
        "|",
        "upper",
        "join(',')",
        "map('id')",
        "default(1)",
        "date",
        "date_add(1,'days')",
        "parse_json",
        "json",
        "length",
        "number",
        "split('')",
        "replace('a','b')",
        "~",
        "+",
        "-",
        "*",
        "/",
        "%",
        "==",
        "<",
        "in",
        "not",
        "and",
        "or",
        "if",
        "else",
        "1",
        "0.5",
        "9223372036854775808",
        "'a'",
        "\"",
        "\\",
        "é",
        "null",
        "true",
        ",",
        ".",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..14)
        .prop_map(|pieces| pieces.concat())
}

fn render(template: &Value, place: Place, values: &Value) -> Option<Value> {
    let template = Template::compile(template, &scope(), place).ok()?;
    let find = find_in(values);
    template.render(&Context::new(&find)).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_text_makes_compiling_or_rendering_panic(text in prop_oneof![text(), any::<String>()]) {
        let template = json!({ "a": [text, format!("{{{{ {text} }}}}")] });
        for place in PLACES {
            render(&template, place, &values());
        }
    }

    #[test]
    fn a_template_without_expressions_renders_to_itself(value in data()) {
        prop_assert_eq!(render(&value, Place::Output, &values()), Some(value.clone()));
        let rendered = render(&value, Place::Request, &values()).expect("it renders");
        let resolved = resolve(&rendered, &mut |_| Err(())).expect("it holds no reference");
        prop_assert_eq!(resolved, value);
    }

    #[test]
    fn a_path_gives_the_value_as_it_is(value in data()) {
        let mut values = values();
        values["trigger"] = json!({ "x": [value] });
        let rendered = render(&json!(["{{ trigger.x[0] }}"]), Place::Function, &values);
        prop_assert_eq!(rendered.as_ref().map(|list| &list[0]), Some(&values["trigger"]["x"][0]));
    }

    #[test]
    fn no_data_becomes_a_reference(
        data in data(), literal in data(), expression in prop::sample::select(vec![
            "trigger", "trigger | json | parse_json", "[trigger]", "trigger if true",
            "[trigger, 1] | first", "trigger or trigger", "[[trigger]] | first",
        ]),
    ) {
        let mut values = values();
        values["trigger"] = data;
        let template = json!({
            "data": format!("{{{{ {expression} }}}}"),
            "text": "{{ trigger }} and {{ secrets.REAL }}",
            "literal": literal,
        });
        let rendered = render(&template, Place::Request, &values).expect("it renders");
        let real = Reference::Secret { name: "REAL".to_owned() };
        prop_assert_eq!(references_in(&rendered), vec![real]);
        let resolved = resolve(&rendered, &mut |_| Ok::<_, ()>("plain".to_owned()));
        let resolved = resolved.expect("the one reference is known");
        prop_assert_eq!(&resolved["literal"], &literal);
        let plain = render(&template["data"], Place::Output, &values);
        prop_assert_eq!(Some(&resolved["data"]), plain.as_ref());
    }
}
