//! Inputs as a table of the documentation.

use std::fmt::Write as _;

use super::{Field, Fields, Kind, Options};

/// The inputs as a table in Markdown. Those within another are indented by its name: `links[].url`.
pub fn page(fields: &[Field]) -> String {
    let mut text = String::from("| Input | Holds | What it is |\n|---|---|---|\n");
    rows(&mut text, "", fields);
    text
}

fn rows(text: &mut String, before: &str, fields: &[Field]) {
    for field in fields {
        let name = format!("{before}{}", field.key);
        let required = if field.required { ", required" } else { "" };
        let mut what = format!("{}.", field.label);
        if !field.hint.is_empty() {
            let _ = write!(what, " {}", field.hint);
        }
        if let Some(default) = &field.default {
            let default = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
            let _ = write!(what, " Default: `{default}`.");
        }
        let what = what.replace('|', "\\|");
        let _ = writeln!(text, "| `{name}` | {}{required} | {what} |", kind(&field.kind));
        within(text, &name, &field.kind);
    }
}

fn within(text: &mut String, name: &str, kind: &Kind) {
    match kind {
        Kind::Object(Fields::Static(fields)) => rows(text, &format!("{name}."), fields),
        Kind::Array { item, .. } => within(text, &format!("{name}[]"), item),
        Kind::Map(value) => within(text, &format!("{name}.*"), value),
        Kind::OneOf(variants) => {
            for variant in variants {
                let _ = writeln!(
                    text,
                    "| `{name}.kind` | `{}` | {} |",
                    variant.key,
                    variant.label.replace('|', "\\|")
                );
                rows(text, &format!("{name}."), &variant.fields);
            }
        }
        _ => {}
    }
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::LongText => "long text".to_owned(),
        Kind::Number => "number".to_owned(),
        Kind::Integer { min, max } => format!("{min} to {max}"),
        Kind::Boolean => "yes or no".to_owned(),
        Kind::DateTime => "date and time".to_owned(),
        Kind::Scalar => "text, number, or yes or no".to_owned(),
        Kind::Choice { options: Options::Static(choices), open } => {
            let values: Vec<String> =
                choices.iter().map(|choice| format!("`{}`", choice.value)).collect();
            let other = if *open { " or another" } else { "" };
            format!("{}{other}", values.join(", ").replace('|', "\\|"))
        }
        Kind::Choice { options: Options::Source(_), .. } => "text, picked from a list".to_owned(),
        Kind::Object(Fields::Static(_)) => "object".to_owned(),
        Kind::Object(Fields::Source(_)) => "object, its members from the provider".to_owned(),
        Kind::Array { items_max, item } => format!("up to {items_max} × {}", self::kind(item)),
        Kind::Map(value) => format!("names with {}", self::kind(value)),
        Kind::OneOf(_) => "one of several objects, told apart by `kind`".to_owned(),
        Kind::File => "file".to_owned(),
    }
}
