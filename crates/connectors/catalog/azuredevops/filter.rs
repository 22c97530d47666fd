//! The filter that people build: groups of conditions, of which one group must hold as a whole.

use base::{Error, Result};
use serde_json::Value;

use super::api::{self, Place};
use super::wiql::quote;
use super::{filter_value, paths};
use crate::action::Inputs;
use crate::context::{ActionContext, Call, encode};
use crate::descriptor::{Field, Fields, Kind};
use crate::input;

/// The most groups, and conditions in a group.
const GROUPS_MAX: usize = 50;
/// The most values that one condition compares with.
const VALUES_MAX: usize = 500;

/// What a condition can say: its name, what people read, how the query language writes it, and
/// what it compares with.
const OPERATORS: [(&str, &str, &str, Wants); 19] = [
    ("=", "is", "=", Wants::One),
    ("<>", "is not", "<>", Wants::One),
    (">", "is greater than", ">", Wants::One),
    ("<", "is less than", "<", Wants::One),
    (">=", "is at least", ">=", Wants::One),
    ("<=", "is at most", "<=", Wants::One),
    ("in", "is one of", "IN", Wants::Many),
    ("not in", "is none of", "NOT IN", Wants::Many),
    ("contains", "contains", "CONTAINS", Wants::One),
    ("not contains", "does not contain", "NOT CONTAINS", Wants::One),
    ("contains words", "contains the words", "CONTAINS WORDS", Wants::One),
    ("not contains words", "does not contain the words", "NOT CONTAINS WORDS", Wants::One),
    ("under", "is or lies below", "UNDER", Wants::One),
    ("not under", "does not lie below", "NOT UNDER", Wants::One),
    ("in group", "is in the group", "IN GROUP", Wants::One),
    ("not in group", "is not in the group", "NOT IN GROUP", Wants::One),
    ("was ever", "was ever", "EVER", Wants::One),
    ("is empty", "is empty", "IS EMPTY", Wants::Nothing),
    ("is not empty", "is not empty", "IS NOT EMPTY", Wants::Nothing),
];

/// Types of fields that hold long texts.
const LONG_TEXTS: [&str; 3] = ["html", "plainText", "history"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    One,
    Many,
    Nothing,
}

/// The inputs of a filter.
pub fn fields() -> Vec<Field> {
    let operators: Vec<(&str, &str)> =
        OPERATORS.iter().map(|(name, label, _, _)| (*name, *label)).collect();
    let condition = vec![
        Field::picked("field", "Field", "queryable_fields", &["organization", "project"])
            .required()
            .hint("Its reference name, such as System.State."),
        Field::choice("operator", "Condition", &operators).default("="),
        Field::new("value", "Value", Kind::Scalar)
            .hint("Text, a number, a date, or a macro such as @Me or @Today - 7."),
        Field::array("values", "Values", Kind::Scalar, VALUES_MAX).hint("For is one of."),
    ];
    let condition = Kind::Object(Fields::Static(condition));
    let group = vec![
        Field::array("conditions", "All of", condition, GROUPS_MAX)
            .required()
            .hint("Each of these must hold."),
    ];
    let order = vec![
        Field::picked("field", "Field", "queryable_fields", &["organization", "project"])
            .required(),
        Field::boolean("descending", "Descending"),
    ];
    vec![
        Field::array("groups", "Any of", Kind::Object(Fields::Static(group)), GROUPS_MAX)
            .hint("One of these groups must hold. Without any, all work items are found."),
        Field::array("order", "Order", Kind::Object(Fields::Static(order)), 10)
            .hint("Left out, items come in the order of their ids, as many as there are."),
    ]
}

/// The condition that a filter means, within the project.
pub async fn condition(
    context: &ActionContext,
    place: Place<'_>,
    filter: &Inputs,
) -> Result<String> {
    let mut groups = Vec::new();
    for group in input::objects(filter, "groups") {
        let mut conditions = Vec::new();
        for one in input::objects(group, "conditions") {
            conditions.push(written(context, place, one).await?);
        }
        groups.push(format!("({})", conditions.join(" AND ")));
    }
    let any = groups.join(" OR ");
    Ok(match (place.project, groups.len()) {
        (None, _) => any,
        (Some(_), 0) => "[System.TeamProject] = @project".to_owned(),
        (Some(_), 1) => format!("[System.TeamProject] = @project AND {any}"),
        (Some(_), _) => format!("[System.TeamProject] = @project AND ({any})"),
    })
}

/// The order that a filter wants.
pub fn order(filter: &Inputs) -> Result<String> {
    let one = |order: &Inputs| {
        let field = name(input::text(order, "field").unwrap_or_default())?;
        Ok(if input::is_true(order, "descending") { format!("{field} DESC") } else { field })
    };
    let fields: Result<Vec<String>> = input::objects(filter, "order").map(one).collect();
    Ok(fields?.join(", "))
}

async fn written(context: &ActionContext, place: Place<'_>, one: &Inputs) -> Result<String> {
    let field = input::text(one, "field").unwrap_or_default();
    let operator = input::text(one, "operator").unwrap_or("=");
    let known = OPERATORS.iter().find(|(name, ..)| *name == operator);
    let Some((_, _, word, wants)) = known else {
        let message = format!("There is no condition \"{operator}\".");
        return Err(Error::invalid("invalid_filter", message));
    };
    let value = one.get("value").filter(|value| !value.is_null());
    let values: Vec<&Value> = input::list(one, "values").iter().chain(value).collect();
    let name = name(field)?;
    let organization = place.organization_name(context)?;
    let literal = |value: &Value| literal(field, value, place.project, &organization);
    match (wants, values.as_slice()) {
        (Wants::Nothing, _) if is_long(context, place, field).await? => {
            Ok(format!("{name} {word}"))
        }
        (Wants::Nothing, _) if *word == "IS EMPTY" => Ok(format!("{name} = ''")),
        (Wants::Nothing, _) => Ok(format!("{name} <> ''")),
        (_, []) => {
            let message = format!("The condition on {field} has no value to compare with.");
            Err(Error::invalid("invalid_filter", message))
        }
        (Wants::One, [value]) => Ok(format!("{name} {word} {}", literal(value))),
        (Wants::One, _) => {
            let message = format!(
                "The condition on {field} compares with one value; use \"in\" for several."
            );
            Err(Error::invalid("invalid_filter", message))
        }
        (Wants::Many, values) => {
            let values: Vec<String> = values.iter().map(|value| literal(value)).collect();
            Ok(format!("{name} {word} ({})", values.join(", ")))
        }
    }
}

/// A field's name in brackets. A bracket within would end it early.
fn name(field: &str) -> Result<String> {
    if field.is_empty() || field.contains(['[', ']', '\'', '"']) || field.contains(char::is_control)
    {
        let message = format!("\"{field}\" is not the name of a field.");
        return Err(Error::invalid("invalid_filter", message));
    }
    Ok(format!("[{field}]"))
}

fn literal(field: &str, value: &Value, project: Option<&str>, organization: &str) -> String {
    match value {
        Value::String(text) if filter_value::is_macro(text) => text.trim().to_owned(),
        Value::String(text) => {
            let level = match field.to_lowercase().as_str() {
                "system.areapath" | "area path" => "Area",
                "system.iterationpath" | "iteration path" => "Iteration",
                _ => return quote(text),
            };
            quote(&paths::normalize(text, level, project, organization))
        }
        other => other.to_string(),
    }
}

/// Whether the field holds long texts, which alone can be asked whether they are empty.
async fn is_long(context: &ActionContext, place: Place<'_>, field: &str) -> Result<bool> {
    let path = place.outside_of_project().path(&format!("wit/fields/{}", encode(field)));
    let found = api::ask(context, place, Call::get(path)).await?;
    Ok(found["type"].as_str().is_some_and(|kind| LONG_TEXTS.contains(&kind)))
}
