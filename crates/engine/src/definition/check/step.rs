//! What is wrong with a step, beyond its form and its place.

use serde_json::{Map, Value};

use super::Checker;
use crate::definition::{Step, Trigger};
use crate::steps::StepKind;
use crate::steps::action::Action;
use crate::steps::delay::DELAY_MAX;
use crate::steps::fan_out::{ITEMS_MAX, PARALLEL_MAX};
use crate::steps::request::{Authorization, PAGES_MAX, Pagination, Request};

/// How many rows one page may be asked for.
const PAGE_ROWS_MAX: u32 = 10_000;
/// How long a function's source may be.
const SOURCE_BYTES_MAX: usize = 256 * 1024;

/// Whether a text holds an expression, so that what it will be is not known yet.
fn is_template(text: &str) -> bool {
    text.contains("{{")
}

impl Checker<'_> {
    pub(super) fn step(&mut self, key: &str, step: &Step) {
        let at = |member: &str| format!("steps.{key}.{member}");
        self.text(&at("description"), &step.description, super::TEXT_CHARS_MAX);
        match &step.kind {
            StepKind::Action(action) => self.action(key, action),
            StepKind::IntegrationRequest(request) => {
                self.needs_integration(&format!("steps.{key}"));
                if request.path.trim().is_empty() {
                    self.problem(at("path"), "Name the path to call, such as /projects.");
                }
                self.headers(&at("headers"), &request.headers);
                self.pagination(&at("pagination"), request.pagination.as_ref());
            }
            StepKind::Request(request) => self.request(key, request),
            StepKind::Function(function) => {
                if function.source.trim().is_empty() {
                    let message = "A function needs a source: export default async function \
                                   (params) { … }.";
                    self.problem(at("source"), message);
                }
                if function.source.len() > SOURCE_BYTES_MAX {
                    let message = format!("A source has at most {SOURCE_BYTES_MAX} bytes.");
                    self.problem(at("source"), message);
                }
            }
            StepKind::Conditional(_) => {}
            StepKind::FanOut(fan_out) => {
                self.items(&at("items"), &fan_out.items);
                if fan_out.parallel.is_some_and(|many| !(1..=PARALLEL_MAX).contains(&many)) {
                    let message = format!("From 1 to {PARALLEL_MAX} items are worked on at once.");
                    self.problem(at("parallel"), message);
                }
                let source = fan_out.pages_of.as_ref().map(|key| self.definition.steps.get(key));
                let is_action = |step: &Step| matches!(step.kind, StepKind::Action(_));
                if source.is_some_and(|source| !source.is_some_and(is_action)) {
                    let message = "Name an action step whose answer is the first page of items.";
                    self.problem(at("pages_of"), message);
                }
            }
            StepKind::Delay(delay) => {
                let is_known = !delay.amount.as_str().is_some_and(is_template);
                if is_known && delay.duration(&delay.amount).is_none() {
                    let days = DELAY_MAX.as_secs() / 86_400;
                    let message = format!("A delay is a number from 0 on, at most {days} days.");
                    self.problem(at("amount"), message);
                }
            }
            StepKind::Response(response) => {
                if !matches!(self.definition.trigger, Trigger::Request(_)) {
                    let message = "Nobody waits for a response: only a workflow that a request \
                                   starts can answer one.";
                    self.problem(format!("steps.{key}"), message);
                }
                self.status(&at("status"), &response.status);
                self.headers(&at("headers"), &response.headers);
            }
        }
    }

    fn action(&mut self, key: &str, action: &Action) {
        let Some(offered) = self.needs_integration(&format!("steps.{key}")) else { return };
        let path = format!("steps.{key}.action");
        let Some(known) = offered.connector.action(&action.action) else {
            let keys: Vec<&str> = offered.connector.actions().iter().map(|one| one.key).collect();
            let known = if keys.is_empty() { "none".to_owned() } else { keys.join(", ") };
            let message =
                format!("There is no action \"{}\"; known actions: {known}.", action.action);
            return self.problem(path, message);
        };
        let inputs = Value::Object(action.input.clone());
        for fault in connectors::descriptor::validate_template(&known.inputs, &inputs) {
            let place = format!("steps.{key}.input{}", dotted(&fault.path));
            self.problem(place, sentence(&fault.message));
        }
    }

    fn request(&mut self, key: &str, request: &Request) {
        let at = |member: &str| format!("steps.{key}.{member}");
        let url = request.url.trim();
        let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        let has_scheme = matches!(scheme.as_deref(), Some("http" | "https"));
        if !has_scheme && !url.starts_with("{{") {
            let message = "Name the whole address, beginning with https:// or http://.";
            self.problem(at("url"), message);
        }
        self.headers(&at("headers"), &request.headers);
        self.pagination(&at("pagination"), request.pagination.as_ref());
        let needed: &[(&str, &str)] = match &request.authorization {
            Authorization::None => &[],
            Authorization::Bearer { token } => &[("token", token)],
            Authorization::Basic { username, .. } => &[("username", username)],
            Authorization::ClientCredentials { token_url, client_id, client_secret, .. } => &[
                ("token_url", token_url),
                ("client_id", client_id),
                ("client_secret", client_secret),
            ],
        };
        for (name, _) in needed.iter().filter(|(_, text)| text.trim().is_empty()) {
            self.problem(at(&format!("authorization.{name}")), "This must not be empty.");
        }
    }

    fn headers(&mut self, path: &str, headers: &Map<String, Value>) {
        let is_name = |name: &str| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
        };
        for (name, value) in headers {
            let place = format!("{path}.{name}");
            if !is_name(name) {
                self.problem(&place, "This cannot be the name of a header.");
            }
            if value.is_object() || value.is_array() {
                self.problem(&place, "A header's value is text.");
            }
        }
    }

    fn pagination(&mut self, path: &str, pagination: Option<&Pagination>) {
        let (pages, limit) = match pagination {
            None => return,
            Some(Pagination::AzureDevops { limit, pages_max }) => (*pages_max, Some(*limit)),
            Some(Pagination::Custom { output, page_token, pages_max, .. }) => {
                for (name, text) in [("output", output), ("page_token", page_token)] {
                    if text.trim().is_empty() {
                        let message = "Say where in the answer this stands, such as body.value.";
                        self.problem(format!("{path}.{name}"), message);
                    }
                }
                (*pages_max, None)
            }
        };
        if !(1..=PAGES_MAX).contains(&pages) {
            let message = format!("From 1 to {PAGES_MAX} pages are read.");
            self.problem(format!("{path}.pages_max"), message);
        }
        if limit.is_some_and(|limit| !(1..=PAGE_ROWS_MAX).contains(&limit)) {
            let message = format!("A page has from 1 to {PAGE_ROWS_MAX} rows.");
            self.problem(format!("{path}.limit"), message);
        }
    }

    fn items(&mut self, path: &str, items: &Value) {
        match items {
            Value::String(text) if is_template(text) => {}
            Value::Array(items) if items.len() <= ITEMS_MAX => {}
            Value::Array(_) => {
                self.problem(path, format!("A fan out has at most {ITEMS_MAX} items."));
            }
            _ => self.problem(path, "The items are a list, or an expression that gives one."),
        }
    }

    fn status(&mut self, path: &str, status: &Value) {
        let number = match status {
            Value::String(text) if is_template(text) => return,
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_u64(),
        };
        if !number.is_some_and(|number: u64| (200..=599).contains(&number)) {
            self.problem(path, "A status is a number from 200 to 599.");
        }
    }
}

/// A JSON pointer as the rest of a path: `/fields/0/name` is `.fields[0].name`.
pub(super) fn dotted(pointer: &str) -> String {
    let parts = pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    parts.fold(String::new(), |path, part| match part.parse::<usize>() {
        Ok(position) => format!("{path}[{position}]"),
        Err(_) => format!("{path}.{part}"),
    })
}

/// A descriptor's half sentence as a whole one.
pub(super) fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}
