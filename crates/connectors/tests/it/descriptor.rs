//! Inputs as trees: one definition checks, draws, describes.

use connectors::descriptor::{self, Choice, Field, Kind, Options, Problem, Variant};
use serde_json::{Value, json};

/// One input of every kind.
fn every_kind() -> Vec<Field> {
    let colours = vec![Choice::new("red", "Red"), Choice::new("blue", "Blue")];
    let colour = Kind::Choice { options: Options::Static(colours), open: false };
    vec![
        Field::text("name", "Name").required().hint("Who it is."),
        Field::long_text("note", "Note"),
        Field::new("weight", "Weight", Kind::Number),
        Field::integer("count", "Count", 1, 9).default(3),
        Field::boolean("fast", "Fast"),
        Field::new("when", "When", Kind::DateTime),
        Field::new("any", "Anything", Kind::Scalar),
        Field::new("colour", "Colour", colour.clone()),
        Field::picked("project", "Project", "projects", &["organization"]),
        Field::object("size", "Size", vec![Field::integer("width", "Width", 0, 10).required()]),
        Field::loaded("more", "More", "fields", &["project"]),
        Field::array("tags", "Tags", Kind::Text, 2),
        Field::new("colours", "Colours", Kind::Map(Box::new(colour))),
        Field::new(
            "shape",
            "Shape",
            Kind::OneOf(vec![
                Variant::new("circle", "Circle", vec![Field::integer("radius", "Radius", 1, 9)]),
                Variant::new("text", "Text", vec![Field::text("font", "Font").required()]),
            ]),
        ),
        Field::new("file", "File", Kind::File),
    ]
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> =
        problems.iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect();
    lines.join("\n")
}

#[test]
fn every_fault_is_told_at_once_with_its_place() {
    let inputs = json!({
        "name": " ", "note": [], "weight": "heavy", "count": 10, "fast": "yes", "when": "tomorrow",
        "any": {}, "colour": "green", "project": 7, "size": { "depth": 1 }, "more": [],
        "tags": ["a", "b", "c"], "colours": { "a/b": "green", "c": "red" },
        "shape": { "kind": "text", "radius": 1 }, "file": "report.pdf", "other": 1,
    });
    insta::assert_snapshot!(lines(&descriptor::validate(&every_kind(), &inputs)));
    let not_an_object = descriptor::validate(&every_kind(), &json!([]));
    assert_eq!(lines(&not_an_object), ": the inputs must be an object");
}

#[test]
fn an_expression_stands_for_anything_before_it_is_evaluated() {
    let mut inputs = serde_json::Map::new();
    for field in every_kind() {
        inputs.insert(field.key, "{{ trigger.value }}".into());
    }
    let whole = Value::Object(inputs);
    assert_eq!(descriptor::validate_template(&every_kind(), &whole), []);
    let parts = json!({
        "name": "to {{ a }}", "size": { "width": "{{ b }}" }, "tags": ["{{ c }}"],
        "colours": { "x": "{{ d }}" }, "shape": { "kind": "circle", "radius": "{{ e }}" },
    });
    assert_eq!(descriptor::validate_template(&every_kind(), &parts), []);
    let wrong = json!({ "count": "many", "nothing": "{{ a }}" });
    assert_eq!(descriptor::validate_template(&every_kind(), &wrong).len(), 3);
    assert!(!descriptor::validate(&every_kind(), &whole).is_empty());
}

#[test]
fn inputs_are_read_as_what_they_are_to_be() {
    let inputs = json!({
        "name": 7, "weight": "1.5", "fast": "TRUE", "when": "2026-01-31", "any": true,
        "note": null, "colour": "", "file": " ", "more": { "Custom.Risk": "High", "Custom.Cost": 3, "Custom.Gone": null },
        "project": 12, "tags": [1, "two"], "shape": { "kind": "circle", "radius": "2" },
    });
    assert_eq!(
        Value::Object(descriptor::normalize(&every_kind(), &inputs).unwrap()),
        json!({
            "name": "7", "weight": 1.5, "count": 3, "fast": true, "when": "2026-01-31", "any": true,
            "more": { "Custom.Risk": "High", "Custom.Cost": 3, "Custom.Gone": null },
            "project": "12", "tags": ["1", "two"], "shape": { "kind": "circle", "radius": 2 },
        })
    );
    let exact = json!({ "name": "x", "weight": 9_007_199_254_740_993_i64 });
    let read = descriptor::normalize(&every_kind(), &exact).unwrap();
    assert_eq!(read["weight"], 9_007_199_254_740_993_i64);
}

#[test]
fn moments_are_told_from_other_texts() {
    let fields = [Field::new("when", "When", Kind::DateTime)];
    for moment in [
        "2026-01-31",
        "2026-01-31T10:00Z",
        "2026-01-31T10:00:00.123Z",
        "2026-01-31T10:00:00+01:00",
        "2026-01-31 10:00",
    ] {
        assert_eq!(descriptor::validate(&fields, &json!({ "when": moment })), [], "{moment}");
    }
    for other in ["2026", "31.01.2026", "2026-13-01", "2026-01-31T", "2026-01-31Tten", "x-01-01"] {
        assert_eq!(descriptor::validate(&fields, &json!({ "when": other })).len(), 1, "{other}");
    }
}

#[test]
fn one_definition_is_a_schema_a_form_and_a_page() {
    insta::assert_json_snapshot!("schema", descriptor::json_schema(&every_kind()));
    insta::assert_json_snapshot!("form", descriptor::form(&every_kind()));
    insta::assert_snapshot!("page", descriptor::page(&every_kind()));
}
