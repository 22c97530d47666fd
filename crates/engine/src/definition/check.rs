//! From a document to a definition that can be deployed: every fault is named with its place, all at
//! once.

mod portal;
mod step;
mod trigger;

use std::collections::BTreeMap;

use connectors::Connector;
use serde_json::Value;

use super::reading::{self, Sketch};
use super::{DEFINITION_BYTES_MAX, Definition, Graph, Plan, Problem, STEPS_MAX, UserInput, is_key};

/// How many faults are told at most.
const PROBLEMS_MAX: usize = 200;
/// How long names may be.
const NAME_CHARS_MAX: usize = 200;
/// How long descriptions and other texts for people may be.
const TEXT_CHARS_MAX: usize = 10_000;

/// What a definition is checked against.
#[derive(Default)]
pub struct Surroundings<'s> {
    /// The project's integrations, by slug.
    pub integrations: BTreeMap<&'s str, Offered<'s>>,
}

/// An integration of the project.
pub struct Offered<'s> {
    /// Its connector.
    pub connector: &'s Connector,
    /// What people set for all of its workflows.
    pub inputs: Vec<UserInput>,
}

/// Checks a document.
///
/// # Errors
/// Every fault that can be told at once; a step that cannot be read hides none of the others'.
pub fn check(document: &Value, around: &Surroundings<'_>) -> Result<Definition, Vec<Problem>> {
    if let Some(problem) = too_large(document) {
        return Err(vec![problem]);
    }
    let Sketch { definition, mut problems, has_trigger } = reading::sketch(document);
    if definition.steps.len() > STEPS_MAX {
        problems.push(Problem::new("steps", format!("A workflow has at most {STEPS_MAX} steps.")));
        return Err(problems);
    }
    let unread: Vec<String> = problems.iter().map(|problem| problem.path.clone()).collect();
    let mut checker = Checker { definition: &definition, around, problems };
    checker.head();
    if has_trigger {
        checker.trigger();
    }
    // A step that could not be read is told already.
    let is_read = |key: &str| !unread.iter().any(|path| covers(&format!("steps.{key}"), path));
    let compiled = Plan::compile(definition.clone(), false).err().unwrap_or_default();
    let is_own = |one: &Problem| {
        let of_step = |key: &String| covers(&format!("steps.{key}"), &one.path);
        !definition.steps.keys().any(|key| of_step(key) && !is_read(key)) || is_of_order(one)
    };
    checker.problems.extend(compiled.into_iter().filter(is_own));
    for (key, step) in &definition.steps {
        if !is_key(key) {
            checker.problem(format!("steps.{key}"), KEY_RULE);
        }
        if is_read(key) {
            checker.step(key, step);
        }
    }
    checker.portal();
    let mut problems = checker.problems;
    if problems.is_empty() {
        return Ok(definition);
    }
    problems.sort_by(|a, b| a.path.cmp(&b.path));
    problems.dedup();
    problems.truncate(PROBLEMS_MAX);
    Err(problems)
}

const KEY_RULE: &str =
    "A key is a letter, then letters, digits and underscores, all lower-case, at most 64.";

/// Whether a problem is about where a step stands and leads, which is known of every step.
fn is_of_order(problem: &Problem) -> bool {
    let parts: Vec<&str> = problem.path.split('.').collect();
    matches!(parts[..], [_, _] | [_, _, "next" | "when_true" | "when_false" | "each"])
}

/// Whether a path is a place or lies below it.
fn covers(place: &str, path: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn too_large(document: &Value) -> Option<Problem> {
    let size = document.to_string().len();
    (size > DEFINITION_BYTES_MAX).then(|| {
        let message =
            format!("The definition has {size} bytes as JSON; {DEFINITION_BYTES_MAX} are allowed.");
        Problem::new("", message)
    })
}

/// The keys of a document's steps in the order in which people read them; steps that nothing leads
/// to come last.
pub fn reading_order(document: &Value) -> Vec<String> {
    let Sketch { definition, .. } = reading::sketch(document);
    if definition.steps.len() > STEPS_MAX {
        return definition.steps.into_keys().collect();
    }
    let mut order = Graph::of(&definition, &mut Vec::new()).order;
    let lost: Vec<_> = definition.steps.into_keys().filter(|key| !order.contains(key)).collect();
    order.extend(lost);
    order
}

/// What a document must have even while it is being edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The workflow's key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The slug of its integration.
    pub integration: Option<String>,
}

impl Head {
    /// Reads it, whatever else may be wrong with the document.
    ///
    /// # Errors
    /// What is wrong with these alone, or that the document is too large.
    pub fn read(document: &Value) -> Result<Self, Vec<Problem>> {
        if let Some(problem) = too_large(document) {
            return Err(vec![problem]);
        }
        let Sketch { definition, problems, .. } = reading::sketch(document);
        let around = Surroundings::default();
        let mut checker = Checker { definition: &definition, around: &around, problems };
        checker.names();
        let of_head = |one: &Problem| ["", "key", "name", "integration"].contains(&&*one.path);
        let problems: Vec<_> = checker.problems.into_iter().filter(of_head).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let Definition { key, name, integration, .. } = definition;
        Ok(Self { key, name, integration })
    }
}

struct Checker<'c> {
    definition: &'c Definition,
    around: &'c Surroundings<'c>,
    problems: Vec<Problem>,
}

impl<'c> Checker<'c> {
    fn problem(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem::new(path, message));
    }

    /// A text for people, within bounds.
    fn text(&mut self, path: &str, text: &str, chars_max: usize) {
        if text.chars().count() > chars_max {
            self.problem(path, format!("This is longer than {chars_max} characters."));
        }
    }

    fn names(&mut self) {
        let definition = self.definition;
        let named = |problems: &[Problem], path: &str| problems.iter().any(|one| one.path == path);
        if !is_key(&definition.key) && !named(&self.problems, "key") {
            self.problem("key", KEY_RULE);
        }
        if definition.name.trim().is_empty() && !named(&self.problems, "name") {
            self.problem("name", "A workflow needs a name that people read.");
        }
        self.text("name", &definition.name, NAME_CHARS_MAX);
    }

    fn head(&mut self) {
        self.names();
        let definition = self.definition;
        self.text("description", &definition.description, TEXT_CHARS_MAX);
        if let Some(slug) = &definition.integration
            && !self.around.integrations.contains_key(slug.as_str())
        {
            let known: Vec<&str> = self.around.integrations.keys().copied().collect();
            let message = format!(
                "The project has no integration \"{slug}\"; it has: {}.",
                if known.is_empty() { "none".to_owned() } else { known.join(", ") }
            );
            self.problem("integration", message);
        }
    }

    fn offered(&self) -> Option<&'c Offered<'c>> {
        self.around.integrations.get(self.definition.integration.as_deref()?)
    }

    /// The integration that something at `path` works with. That there is none is told here; that it
    /// is unknown, elsewhere.
    fn needs_integration(&mut self, path: &str) -> Option<&'c Offered<'c>> {
        if self.definition.integration.is_none() {
            let message = "This works with an account: name the \"integration\" of the workflow.";
            self.problem(path, message);
        }
        self.offered()
    }
}
