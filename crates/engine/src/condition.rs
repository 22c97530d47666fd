//! Conditions: groups of which one must hold, each of comparisons that all must hold.
//!
//! ```json
//! { "any": [ { "all": [
//!     { "left": "{{ trigger.state }}", "operator": "string_exactly_matches", "right": "Done" }
//! ] } ] }
//! ```
//!
//! Both sides are templates. A comparison never fails: values of the wrong kind make it false, or
//! true where its operator is the opposite of another. Only a template that has no value is an
//! error. `docs/reference/expressions.md` publishes what each operator does.

mod compare;
mod operator;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::definition::Problem;
use crate::expression::{Context, Place, References, RenderError, Scope, Template};

pub use operator::Operator;

/// How many comparisons one condition may have.
pub const COMPARISONS_MAX: usize = 100;

/// A compiled condition.
#[derive(Clone, Debug)]
pub struct Condition {
    any: Vec<Vec<Comparison>>,
}

#[derive(Clone, Debug)]
struct Comparison {
    path: String,
    left: Template,
    operator: Operator,
    right: Option<Template>,
}

impl Condition {
    /// Reads and compiles a condition.
    ///
    /// # Errors
    /// Every fault with its path inside the value.
    pub fn compile(value: &Value, scope: &Scope) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader { scope, problems: Vec::new() };
        let any = reader.groups(value);
        let count = any.iter().map(Vec::len).sum::<usize>();
        if count > COMPARISONS_MAX {
            let message = format!("A condition has at most {COMPARISONS_MAX} comparisons.");
            reader.problems.push(Problem::new("any", message));
        }
        if reader.problems.is_empty() { Ok(Self { any }) } else { Err(reader.problems) }
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// When a template that is looked at has no value. Comparisons that cannot change the answer
    /// any more are not looked at.
    pub fn holds(&self, context: &Context<'_, '_>) -> Result<bool, RenderError> {
        for all in &self.any {
            if all_hold(all, context)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What its templates name.
    pub fn references(&self) -> References {
        let mut references = References::default();
        for comparison in self.any.iter().flatten() {
            references.merge(comparison.left.references().clone());
            if let Some(right) = &comparison.right {
                references.merge(right.references().clone());
            }
        }
        references
    }
}

fn all_hold(all: &[Comparison], context: &Context<'_, '_>) -> Result<bool, RenderError> {
    for comparison in all {
        if !comparison.holds(context).map_err(|error| error.below(&comparison.path))? {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Comparison {
    fn holds(&self, context: &Context<'_, '_>) -> Result<bool, RenderError> {
        let left = self.left.evaluate(context).map_err(|error| error.below("left"))?;
        let right = match &self.right {
            Some(right) => right.evaluate(context).map_err(|error| error.below("right"))?,
            None => std::borrow::Cow::Owned(Value::Null),
        };
        Ok(compare::holds(self.operator, &left, &right))
    }
}

struct Reader<'x> {
    scope: &'x Scope,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn groups(&mut self, value: &Value) -> Vec<Vec<Comparison>> {
        let groups = self.list(value, "any", "").iter().enumerate();
        let groups = groups.map(|(position, group)| {
            let path = format!("any[{position}]");
            let comparisons = self.list(group, "all", &path).iter();
            let comparisons = comparisons.enumerate().filter_map(|(position, comparison)| {
                self.comparison(comparison, format!("{path}.all[{position}]"))
            });
            comparisons.collect()
        });
        groups.collect()
    }

    /// The list that is the only member of an object.
    fn list<'v>(&mut self, value: &'v Value, name: &str, path: &str) -> &'v [Value] {
        let items = value
            .as_object()
            .filter(|members| members.len() == 1)
            .and_then(|members| members.get(name)?.as_array());
        let message = match items {
            Some(items) if !items.is_empty() => return items,
            Some(_) => format!("\"{name}\" needs at least one entry."),
            None => format!("This is an object with the one member \"{name}\", a list."),
        };
        self.problem(path, message);
        &[]
    }

    fn comparison(&mut self, value: &Value, path: String) -> Option<Comparison> {
        let Some(members) = value.as_object() else {
            self.problem(&path, "A comparison is an object with left, operator and right.");
            return None;
        };
        let unknown = members.keys().find(|key| !["left", "operator", "right"].contains(&&***key));
        if let Some(unknown) = unknown {
            self.problem(
                &path,
                format!("A comparison has left, operator and right, no {unknown:?}."),
            );
        }
        let operator = self.operator(members, &path);
        let left = match members.get("left") {
            Some(left) => self.template(left, &format!("{path}.left")),
            None => {
                self.problem(&path, "A comparison needs \"left\".");
                None
            }
        };
        let right = members.get("right").filter(|right| !right.is_null());
        let right = right.map(|right| self.template(right, &format!("{path}.right")));
        let operator = operator?;
        if operator.takes_right() != right.is_some() {
            let takes = if operator.takes_right() { "needs" } else { "takes no" };
            self.problem(&path, format!("\"{operator}\" {takes} \"right\"."));
        }
        let right = match right {
            Some(right) => Some(right?),
            None => None,
        };
        Some(Comparison { path, left: left?, operator, right })
    }

    fn operator(&mut self, members: &Map<String, Value>, path: &str) -> Option<Operator> {
        let name = members.get("operator").and_then(Value::as_str).unwrap_or_default();
        let operator = Operator::named(name);
        if operator.is_none() {
            let known: Vec<_> = Operator::ALL.iter().map(|operator| operator.name()).collect();
            let known = known.join(", ");
            let path = format!("{path}.operator");
            self.problem(&path, format!("There is no operator {name:?}; known ones: {known}."));
        }
        operator
    }

    fn template(&mut self, value: &Value, path: &str) -> Option<Template> {
        Template::compile_at(path, value, self.scope, Place::Condition)
            .map_err(|problems| self.problems.extend(problems))
            .ok()
    }

    fn problem(&mut self, path: &str, message: impl Into<String>) {
        self.problems.push(Problem::new(path, message));
    }
}
