//! Reads a document part by part, so that every fault of form is named with its place, and what is
//! sound can be looked at all the same.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Definition, FORMAT_VERSION, Problem, Step, Trigger};
use crate::steps::StepKind;
use crate::steps::conditional::Conditional;
use crate::steps::delay::{Delay, Unit};
use crate::steps::fan_out::FanOut;

/// The members of a definition.
const MEMBERS: [&str; 9] =
    ["version", "key", "name", "description", "integration", "trigger", "start", "steps", "portal"];

/// A document as far as it could be read.
pub(super) struct Sketch {
    /// The definition. Where something could not be read, something that means nothing stands.
    pub definition: Definition,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Whether the trigger is the one that is written.
    pub has_trigger: bool,
}

/// Reads what can be read of a document.
pub(super) fn sketch(document: &Value) -> Sketch {
    let mut reader = Reader { members: Map::new(), problems: Vec::new() };
    match document {
        Value::Object(members) => reader.members.clone_from(members),
        _ => reader.problem("", "A definition is an object."),
    }
    let version = reader.members.remove("version");
    if let Some(version) = version.filter(|version| *version != FORMAT_VERSION) {
        let message = format!("Format {version} is unknown here; this server reads 1.");
        reader.problem("version", message);
    }
    let trigger = reader.trigger();
    let has_trigger = trigger.is_some();
    let definition = Definition {
        version: FORMAT_VERSION,
        key: reader.required("key"),
        name: reader.required("name"),
        description: reader.optional("description"),
        integration: reader.optional("integration"),
        trigger: trigger.unwrap_or(Trigger::IntegrationEnabled {}),
        start: reader.optional("start"),
        steps: reader.steps(),
        portal: reader.optional("portal"),
    };
    let members = std::mem::take(&mut reader.members);
    if document.is_object() {
        for name in members.keys() {
            let known = MEMBERS.join(", ");
            reader.problem(name, format!("There is no such member; a definition has: {known}."));
        }
    }
    Sketch { definition, problems: reader.problems, has_trigger }
}

struct Reader {
    members: Map<String, Value>,
    problems: Vec<Problem>,
}

impl Reader {
    fn problem(&mut self, path: &str, message: impl Into<String>) {
        self.problems.push(Problem::new(path, message));
    }

    fn required<T: DeserializeOwned + Default>(&mut self, name: &str) -> T {
        if !self.members.contains_key(name) {
            self.problem(name, format!("A definition needs \"{name}\"."));
        }
        self.optional(name)
    }

    fn optional<T: DeserializeOwned + Default>(&mut self, name: &str) -> T {
        let Some(value) = self.members.remove(name) else { return T::default() };
        read(value).unwrap_or_else(|fault| {
            self.problems.push(fault.below(name));
            T::default()
        })
    }

    fn trigger(&mut self) -> Option<Trigger> {
        if self.members.remove("triggers").is_some() {
            self.problem("triggers", "A workflow has exactly one \"trigger\".");
        }
        let Some(trigger) = self.members.remove("trigger") else {
            self.problem("trigger", "A definition needs \"trigger\": what starts the workflow.");
            return None;
        };
        if trigger.is_array() {
            self.problem("trigger", "A workflow has exactly one trigger, not a list of them.");
            return None;
        }
        let read = self::trigger(trigger);
        read.map_err(|fault| self.problems.push(fault.below("trigger"))).ok()
    }

    fn steps(&mut self) -> BTreeMap<String, Step> {
        let steps = match self.members.remove("steps") {
            None => Map::new(),
            Some(Value::Object(steps)) => steps,
            Some(_) => {
                self.problem("steps", "Steps are an object: a step under each key.");
                Map::new()
            }
        };
        let read = steps.into_iter().map(|(key, value)| {
            let stand_in = stand_in(&value);
            let step = step(value).unwrap_or_else(|fault| {
                self.problems.push(fault.below(&key).below("steps"));
                stand_in
            });
            (key, step)
        });
        read.collect()
    }
}

/// A part that could not be read: where in it, and why.
pub(super) struct Fault {
    path: String,
    message: String,
}

impl Fault {
    fn below(mut self, name: &str) -> Problem {
        let joint = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{name}{joint}{}", self.path);
        Problem::new(self.path, self.message)
    }
}

impl Problem {
    fn below(self, name: &str) -> Self {
        Self { path: format!("{name}.{}", self.path), ..self }
    }
}

/// Reads a part.
fn read<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        Fault { path, message: sentence(error.inner()) }
    })
}

/// Reads a step.
pub(super) fn step(value: Value) -> Result<Step, Fault> {
    let Value::Object(mut members) = value else {
        return Err(Fault { path: String::new(), message: "A step is an object.".to_owned() });
    };
    let mut shared = Map::new();
    for name in SHARED_MEMBERS {
        if let Some(value) = members.remove(name) {
            shared.insert(name.to_owned(), value);
        }
    }
    let shared: Shared = read(Value::Object(shared))?;
    let kind = members.remove("kind");
    let members = Value::Object(members);
    let kind = match kind.as_ref().and_then(Value::as_str) {
        Some("action") => StepKind::Action(read(members)?),
        Some("integration_request") => StepKind::IntegrationRequest(read(members)?),
        Some("request") => StepKind::Request(read(members)?),
        Some("function") => StepKind::Function(read(members)?),
        Some("conditional") => StepKind::Conditional(read(members)?),
        Some("fan_out") => StepKind::FanOut(read(members)?),
        Some("delay") => StepKind::Delay(read(members)?),
        Some("response") => StepKind::Response(read(members)?),
        _ => {
            let known = "action, integration_request, request, function, conditional, fan_out, \
                         delay, response";
            let message = format!("Say what the step does: \"kind\" is one of {known}.");
            return Err(Fault { path: "kind".to_owned(), message });
        }
    };
    Ok(Step {
        description: shared.description,
        kind,
        next: shared.next,
        retry: shared.retry,
        continue_on_error: shared.continue_on_error,
    })
}

/// What every kind of step has. The rest of the object belongs to the kind, which refuses members
/// that it does not know; a flattened reading could not.
#[derive(Deserialize)]
#[serde(default)]
struct Shared {
    description: String,
    next: Option<String>,
    retry: bool,
    continue_on_error: bool,
}

impl Default for Shared {
    fn default() -> Self {
        Self { description: String::new(), next: None, retry: true, continue_on_error: false }
    }
}

const SHARED_MEMBERS: [&str; 4] = ["description", "next", "retry", "continue_on_error"];

/// Something that leads where a step leads that cannot be read, so that its faults hide none of the
/// others'.
fn stand_in(value: &Value) -> Step {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let kind = match text("each") {
        Some(each) => {
            StepKind::FanOut(FanOut { items: Value::Null, each, pages_of: None, parallel: None })
        }
        None if text("when_true").is_some() || text("when_false").is_some() => {
            StepKind::Conditional(Conditional {
                condition: Value::Null,
                when_true: text("when_true"),
                when_false: text("when_false"),
            })
        }
        None => StepKind::Delay(Delay { amount: Value::from(0), unit: Unit::Seconds }),
    };
    let (description, next) = (String::new(), text("next"));
    Step { description, kind, next, retry: true, continue_on_error: false }
}

/// Reads a trigger.
fn trigger(value: Value) -> Result<Trigger, Fault> {
    let kind = value.get("kind").and_then(Value::as_str).map(str::to_owned);
    let own = |mut value: Value| {
        value.as_object_mut().map(|members| members.remove("kind"));
        value
    };
    match kind.as_deref() {
        Some("scheduler") => read(own(value)).map(Trigger::Scheduler),
        Some("request") => read(own(value)).map(Trigger::Request),
        Some("webhook") => read(own(value)).map(Trigger::Webhook),
        Some("app_event" | "integration" | "integration_enabled") => read(value),
        _ => {
            let known = "scheduler, app_event, request, integration, integration_enabled, webhook";
            let message = format!("Say what starts the workflow: \"kind\" is one of {known}.");
            Err(Fault { path: "kind".to_owned(), message })
        }
    }
}

/// What the reader says, as a sentence.
fn sentence(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let mut letters = said.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.message),
            path => write!(f, "{path}: {}", self.message),
        }
    }
}
