//! A definition made ready to run: its templates compiled, its graph known.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Value, json};

use super::{Definition, Graph, Problem, Step};
use crate::address::Address;
use crate::condition::Condition;
use crate::expression::{Context, Names, Place, RenderError, Root, Scope, Template};
use crate::journal::{State, StepError};
use crate::steps::StepKind;
use crate::steps::request::Pagination;

/// How many items of a list a test works on.
pub const TEST_ITEMS_MAX: usize = 20;

/// A definition that can run.
#[derive(Debug)]
pub struct Plan {
    definition: Definition,
    steps: HashMap<String, PlannedStep>,
    is_test: bool,
}

/// A step that can run.
#[derive(Debug)]
pub struct PlannedStep {
    /// Its key.
    pub key: String,
    /// As it is written.
    pub step: Step,
    template: Template,
    /// Of a conditional; of a paginated request, the one under which a page is the last.
    condition: Option<Condition>,
}

impl Plan {
    /// Compiles a definition.
    ///
    /// # Errors
    /// Every fault of its graph and its templates.
    pub fn compile(definition: Definition, is_test: bool) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let graph = Graph::of(&definition, &mut problems);
        let mut steps = HashMap::new();
        for (key, step) in &definition.steps {
            let scope = scope(&graph, key);
            match PlannedStep::compile(key, step, &scope) {
                Ok(step) => {
                    steps.insert(key.clone(), step);
                }
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(Self { definition, steps, is_test }) } else { Err(problems) }
    }

    /// The definition.
    pub const fn definition(&self) -> &Definition {
        &self.definition
    }

    /// The first step.
    pub fn start(&self) -> Option<&str> {
        self.definition.start.as_deref()
    }

    /// The step with this key.
    pub fn step(&self, key: &str) -> Option<&PlannedStep> {
        self.steps.get(key)
    }

    /// Whether executions of this plan are tests: their lists are cut and nothing is tried again.
    pub const fn is_test(&self) -> bool {
        self.is_test
    }

    /// A list as a fan out takes it.
    pub fn cut(&self, mut items: Vec<Value>) -> Vec<Value> {
        if self.is_test {
            items.truncate(TEST_ITEMS_MAX);
        }
        items
    }
}

/// What the templates of a step may name.
pub(crate) fn scope(graph: &Graph, key: &str) -> Scope {
    Scope {
        steps: graph.before.get(key).cloned().unwrap_or_default(),
        settings: Names::Any,
        secrets: Names::Any,
        trigger: true,
        user: true,
        account: true,
        fan_out: graph.bodies.get(key).is_some_and(|bodies| !bodies.is_empty()),
        pagination: false,
    }
}

/// The templates of a step as one value, and what they are for.
fn written(step: &Step) -> (Value, Place) {
    match &step.kind {
        StepKind::Action(action) => (json!(action.input), Place::Action),
        StepKind::IntegrationRequest(request) => (unpaged(json!(request)), Place::Request),
        StepKind::Request(request) => (unpaged(json!(request)), Place::Request),
        StepKind::Function(function) => (json!(function.params), Place::Function),
        StepKind::Conditional(_) => (Value::Null, Place::Condition),
        StepKind::FanOut(fan_out) => (fan_out.items.clone(), Place::Output),
        StepKind::Delay(delay) => (delay.amount.clone(), Place::Output),
        StepKind::Response(response) => (json!(response), Place::Output),
    }
}

/// A request without how its pages are read, which is not part of what is sent.
fn unpaged(mut request: Value) -> Value {
    if let Some(members) = request.as_object_mut() {
        members.remove("pagination");
    }
    request
}

/// How a step reads further pages.
const fn pagination(kind: &StepKind) -> Option<&Pagination> {
    match kind {
        StepKind::IntegrationRequest(request) => request.pagination.as_ref(),
        StepKind::Request(request) => request.pagination.as_ref(),
        _ => None,
    }
}

/// The condition of a step, and where it stands.
const fn written_condition(kind: &StepKind) -> Option<(&'static str, &Value)> {
    match (kind, pagination(kind)) {
        (StepKind::Conditional(conditional), _) => Some((".condition", &conditional.condition)),
        (_, Some(Pagination::Custom { stop_when: Some(condition), .. })) => {
            Some((".pagination.stop_when", condition))
        }
        _ => None,
    }
}

/// Where in the step the templates of [`written`] stand.
const fn place(kind: &StepKind) -> &'static str {
    match kind {
        StepKind::Action(_) => ".input",
        StepKind::Function(_) => ".params",
        StepKind::FanOut(_) => ".items",
        StepKind::Delay(_) => ".amount",
        _ => "",
    }
}

impl PlannedStep {
    fn compile(key: &str, step: &Step, scope: &Scope) -> Result<Self, Vec<Problem>> {
        let paged = Scope { pagination: pagination(&step.kind).is_some(), ..scope.clone() };
        let mut problems = Vec::new();
        let condition = written_condition(&step.kind).and_then(|(place, condition)| {
            let found = Condition::compile(condition, &paged);
            let placed = |problem| below(&format!("steps.{key}{place}"), problem);
            found.map_err(|found| problems.extend(found.into_iter().map(placed))).ok()
        });
        let (value, use_of) = written(step);
        let place = format!("steps.{key}{}", place(&step.kind));
        match Template::compile_at(&place, &value, &paged, use_of) {
            Ok(template) if problems.is_empty() => {
                Ok(Self { key: key.to_owned(), step: step.clone(), template, condition })
            }
            Ok(_) => Err(problems),
            Err(found) => {
                problems.extend(found);
                Err(problems)
            }
        }
    }

    /// Whether it reads further pages.
    pub const fn is_paged(&self) -> bool {
        pagination(&self.step.kind).is_some()
    }

    /// What the step is given at an address. `page` is what is known of the page before, for a
    /// paginated request: `self` in expressions.
    ///
    /// # Errors
    /// When an expression cannot be evaluated with these values.
    pub fn render(
        &self,
        state: &State,
        at: &Address,
        page: Option<&Value>,
    ) -> Result<Value, StepError> {
        let find = |root: Root<'_>| find(state, at, page, root);
        self.template.render(&Context::new(&find)).map_err(|error| failed(&error))
    }

    /// What the step is given, looked at where it stands as far as that is possible: for lists that
    /// are larger than what a request or a function may be given.
    ///
    /// # Errors
    /// When an expression cannot be evaluated with these values.
    pub fn evaluate<'s>(
        &'s self,
        state: &'s State,
        at: &Address,
    ) -> Result<Cow<'s, Value>, StepError> {
        let find = |root: Root<'_>| find(state, at, None, root);
        self.template.evaluate(&Context::new(&find)).map_err(|error| failed(&error))
    }

    /// Whether the step's condition holds; false where it has none.
    ///
    /// # Errors
    /// When an expression cannot be evaluated with these values.
    pub fn holds(
        &self,
        state: &State,
        at: &Address,
        page: Option<&Value>,
    ) -> Result<bool, StepError> {
        let Some(condition) = &self.condition else { return Ok(false) };
        let find = |root: Root<'_>| find(state, at, page, root);
        condition.holds(&Context::new(&find)).map_err(|error| failed(&error))
    }
}

fn failed(error: &RenderError) -> StepError {
    StepError::new("expression_failed", error.to_string())
}

/// A problem as it stands in the whole.
fn below(place: &str, problem: Problem) -> Problem {
    match problem.path.as_str() {
        "" => Problem::new(place, problem.message),
        path => Problem::new(format!("{place}.{path}"), problem.message),
    }
}

/// What an expression at an address finds under a root.
fn find<'s>(
    state: &'s State,
    at: &Address,
    page: Option<&'s Value>,
    root: Root<'_>,
) -> Option<&'s Value> {
    let snapshot = state.snapshot.as_ref()?;
    match root {
        Root::Step(key) => state.output(at, key),
        Root::Trigger => Some(&state.trigger),
        Root::Settings => Some(&snapshot.settings),
        Root::User => Some(&snapshot.user),
        Root::Account => Some(&snapshot.account),
        Root::Item => state.item(at).map(|(item, _)| item),
        Root::Index => state.item(at).map(|(_, index)| index),
        Root::Page => page,
    }
}
