//! Finds the fields of a query, checks its operators by their types, and makes its values ready.

use base::Timestamp;
use uuid::Uuid;

use super::ast::{Condition, Name, Node, Operator, Term};
use super::dates;
use super::groups;
use super::held::Held;
use super::lens::Lens;
use super::macros::{self, Meaning};
use super::probe::{Check, Comparison, Probe, Test};
use super::refused;
use super::words;
use crate::devops::catalog::fields::{self, Field, Kind};
use crate::devops::identity;
use crate::devops::problem::Problem;
use crate::devops::state::{Project, Team};

/// Where a query is asked.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// What it looks through.
    pub lens: Lens<'a>,
    /// The project in its address.
    pub project: Option<&'a Project>,
    /// The team in its address.
    pub team: Option<&'a Team>,
    /// Whether dates are compared by the second.
    pub time_precision: bool,
}

/// The field of a name.
pub fn field(name: &Name) -> Result<&'static Field, Problem> {
    fields::find(&name.name).ok_or_else(|| {
        refused(
            "TF51005: The query references a field that does not exist.",
            &format!("[{}]", name.name),
        )
    })
}

/// The moment after `ASOF`, where a time of day is always allowed.
pub fn as_of(text: &str) -> Result<Timestamp, Problem> {
    dates::literal(text, true)
}

/// Makes a condition ready.
pub fn test(context: &Context<'_>, node: &Node) -> Result<Test, Problem> {
    let all = |nodes: &[Node]| {
        nodes.iter().map(|node| test(context, node)).collect::<Result<Vec<Test>, Problem>>()
    };
    Ok(match node {
        Node::And(nodes) => Test::All(all(nodes)?),
        Node::Or(nodes) => Test::Any(all(nodes)?),
        Node::Not(node) => Test::Not(Box::new(test(context, node)?)),
        Node::Condition(condition) => Test::Check(check(context, condition)?),
    })
}

fn check(context: &Context<'_>, condition: &Condition) -> Result<Check, Problem> {
    let field = field(&condition.field)?;
    let (operator, negated) = condition.operator.positive();
    check_operator(field, condition)?;
    let probe = match operator {
        Operator::IsEmpty => Probe::Empty,
        Operator::In => Probe::OneOf(values(context, field, &condition.terms)?),
        Operator::InGroup => group(context, field, text_of(condition)?)?,
        Operator::Contains => Probe::Contains(text_of(condition)?.to_lowercase()),
        Operator::ContainsWords => Probe::Words(words::of_search(text_of(condition)?)),
        Operator::Under => under(context, field, condition)?,
        _ => compare(context, field, operator, condition)?,
    };
    let by_day = field.kind == Kind::DateTime && !context.time_precision;
    Ok(Check { field, probe, negated, ever: condition.ever, by_day })
}

/// Whether the field's type has the operator.
fn check_operator(field: &Field, condition: &Condition) -> Result<(), Problem> {
    let (shown, wanted) = condition.operator.names();
    let has = |name: &str| field.kind.operations().iter().any(|(one, _)| *one == name);
    // Tags are a long text that is compared word by word, titles a short one that is indexed.
    let extra = match field.reference {
        "System.Tags" => ["SupportedOperations.Contains", "SupportedOperations.NotContains"],
        "System.Title" => {
            ["SupportedOperations.ContainsWords", "SupportedOperations.NotContainsWords"]
        }
        _ => ["", ""],
    };
    let allowed = has(wanted) || extra.contains(&wanted);
    if allowed && (!condition.ever || has("SupportedOperations.Ever")) {
        return Ok(());
    }
    let operator = if allowed { "Was Ever" } else { shown };
    Err(refused(
        &format!("The operator {operator} cannot be used with the field {}.", field.reference),
        &condition.field.to_string(),
    ))
}

fn text_of(condition: &Condition) -> Result<&str, Problem> {
    match condition.terms.first() {
        Some(Term::Text(text)) => Ok(text),
        _ => Err(refused("Expecting a text in quotes.", &condition.field.to_string())),
    }
}

fn compare(
    context: &Context<'_>,
    field: &'static Field,
    operator: Operator,
    condition: &Condition,
) -> Result<Probe, Problem> {
    let comparison = match operator {
        Operator::Greater => Comparison::Greater,
        Operator::Less => Comparison::Less,
        Operator::GreaterOrEqual => Comparison::GreaterOrEqual,
        Operator::LessOrEqual => Comparison::LessOrEqual,
        _ => Comparison::Equal,
    };
    let Some(term) = condition.terms.first() else { return Ok(Probe::Anything) };
    match term {
        Term::Any => Ok(Probe::Anything),
        Term::Field(name) => {
            let other = self::field(name)?;
            if other.kind != field.kind || name.side != condition.field.side {
                return Err(refused("These fields cannot be compared.", &name.to_string()));
            }
            Ok(Probe::CompareField(comparison, other))
        }
        Term::Macro(one) => match macros::resolve(context, one, field)? {
            Meaning::Trees(roots) => Ok(Probe::Under(roots)),
            Meaning::Values(values) => Ok(match <[Held; 1]>::try_from(values) {
                Ok([value]) => Probe::Compare(comparison, value),
                Err(values) => Probe::OneOf(values),
            }),
        },
        term => Ok(Probe::Compare(comparison, value(context, field, term)?)),
    }
}

fn under(context: &Context<'_>, field: &Field, condition: &Condition) -> Result<Probe, Problem> {
    let mut roots = Vec::new();
    for term in &condition.terms {
        let found = match term {
            Term::Macro(one) => match macros::resolve(context, one, field)? {
                Meaning::Trees(trees) => {
                    roots.extend(trees);
                    continue;
                }
                Meaning::Values(values) => values,
            },
            term => vec![value(context, field, term)?],
        };
        roots.extend(found.into_iter().filter_map(|held| match held {
            Held::Text(path) => Some(path),
            _ => None,
        }));
    }
    Ok(Probe::Under(roots))
}

fn group(context: &Context<'_>, field: &Field, name: &str) -> Result<Probe, Problem> {
    let organization = context.lens.organization;
    let found = if field.kind == Kind::Identity {
        groups::members(organization, name).map(Probe::Member)
    } else if field.reference == "System.WorkItemType" {
        groups::types(organization, name)
            .map(|types| Probe::OneOf(types.into_iter().map(Held::Text).collect()))
    } else {
        None
    };
    found.ok_or_else(|| {
        refused("The query references a group that does not exist.", &format!("'{name}'"))
    })
}

fn values(context: &Context<'_>, field: &Field, terms: &[Term]) -> Result<Vec<Held>, Problem> {
    let mut values = Vec::new();
    for term in terms {
        match term {
            Term::Macro(one) => match macros::resolve(context, one, field)? {
                Meaning::Values(found) => values.extend(found),
                Meaning::Trees(_) => {
                    return Err(refused("The macro cannot be in a list.", &one.to_string()));
                }
            },
            Term::Field(name) => {
                return Err(refused("A field cannot be in a list.", &name.to_string()));
            }
            term => values.push(value(context, field, term)?),
        }
    }
    Ok(values)
}

/// The value that a text, a number or a switch is for a field.
fn value(context: &Context<'_>, field: &Field, term: &Term) -> Result<Held, Problem> {
    let wrong = || {
        refused(
            &format!("The value is not of the type of the field {}.", field.reference),
            &term.to_string(),
        )
    };
    let text = match term {
        Term::Text(text) => text.clone(),
        Term::Number(_) | Term::Boolean(_) => term.to_string(),
        Term::Any | Term::Field(_) | Term::Macro(_) => return Err(wrong()),
    };
    if text.is_empty() {
        return Ok(Held::Nothing);
    }
    Ok(match field.kind {
        Kind::Integer | Kind::Double => Held::Number(text.trim().parse().map_err(|_| wrong())?),
        Kind::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Held::Flag(true),
            "false" | "0" => Held::Flag(false),
            _ => return Err(wrong()),
        },
        Kind::DateTime => Held::Moment(dates::literal(&text, context.time_precision)?),
        Kind::Identity => person(context, &text),
        Kind::TreePath => {
            check_path(context, field, &text)?;
            Held::text(&text)
        }
        Kind::Text | Kind::PlainText | Kind::Html | Kind::History => Held::text(&text),
    })
}

/// Someone of that name; a name that nobody has is somebody who is never found.
fn person(context: &Context<'_>, text: &str) -> Held {
    let lens = &context.lens;
    let found = identity::resolve(lens.call.directory, lens.organization, &text.into());
    match found {
        Some(account) => Held::person(lens, account),
        None => Held::Person(Uuid::nil(), text.to_lowercase()),
    }
}

fn check_path(context: &Context<'_>, field: &Field, path: &str) -> Result<(), Problem> {
    let is_area = field.reference == "System.AreaPath";
    let exists = context.lens.organization.projects.iter().any(|project| {
        let tree = if is_area { &project.areas } else { &project.iterations };
        tree.walk(path).is_some()
    });
    if exists {
        return Ok(());
    }
    let what = if is_area { "area" } else { "iteration" };
    let message = format!("TF51011: The specified {what} path does not exist.");
    Err(refused(&message, &format!("'{path}'")))
}
