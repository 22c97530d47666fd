//! Reads the inputs of a subscription and refuses those that make no sense.

use serde_json::Value;
use uuid::Uuid;

use super::catalog::{
    ACTION, CONSUMER, CONSUMER_INPUTS, EventType, Input, PUBLISHER, PUBLISHER_INPUTS,
    RESOURCE_VERSIONS, event,
};
use super::state::Inputs;
use super::target;
use crate::devops::call::Call;
use crate::devops::catalog::fields;
use crate::devops::problem::Problem;
use crate::devops::state::Organization;

/// What answers show in place of a confidential value.
pub const MASK: &str = "********";
/// The longest value of an input.
const MAX_VALUE_CHARS: usize = 8_192;
/// The longest pattern that a comment must have.
const MAX_PATTERN_CHARS: usize = 1_024;
/// Inputs that the service itself adds to those of a publisher.
const OWN_INPUTS: [&str; 3] = ["hostId", "tfsSubscriptionId", "subscriberId"];

/// What is wished, by whom and by which means.
pub struct Wish {
    /// Of what to tell.
    pub event: &'static EventType,
    /// In which form.
    pub resource_version: String,
    /// What the event must be like.
    pub publisher_inputs: Inputs,
    /// Where to send it.
    pub consumer_inputs: Inputs,
}

fn invalid(message: impl Into<String>) -> Problem {
    Problem::hooks("SubscriptionInputException", message)
}

/// Reads a wish; `before` has the confidential values that a new one may leave masked.
pub fn read(
    call: &Call<'_>,
    organization: &Organization,
    body: &Value,
    before: Option<&Inputs>,
) -> Result<Wish, Problem> {
    let word = |name: &str| body[name].as_str().unwrap_or_default();
    for (name, known) in
        [("publisherId", PUBLISHER), ("consumerId", CONSUMER), ("consumerActionId", ACTION)]
    {
        if !word(name).eq_ignore_ascii_case(known) {
            return Err(invalid(format!("The {name} '{}' is not supported.", word(name))));
        }
    }
    let event = event(word("eventType")).ok_or_else(|| {
        invalid(format!("The event type '{}' is not supported.", word("eventType")))
    })?;
    let resource_version = match word("resourceVersion") {
        "" | "latest" => RESOURCE_VERSIONS[0].to_owned(),
        known if RESOURCE_VERSIONS.contains(&known) => known.to_owned(),
        other => return Err(invalid(format!("The resource version '{other}' is not supported."))),
    };
    let known = PUBLISHER_INPUTS.iter().chain(event.inputs);
    let mut publisher_inputs = inputs(&body["publisherInputs"], known, &OWN_INPUTS)?;
    publisher_inputs
        .retain(|name, value| !OWN_INPUTS.contains(&name.as_str()) && !value.is_empty());
    check_filters(organization, &publisher_inputs)?;
    let mut consumer_inputs = inputs(&body["consumerInputs"], CONSUMER_INPUTS.iter(), &[])?;
    for input in CONSUMER_INPUTS.iter().filter(|input| input.is_confidential) {
        let Some(value) = consumer_inputs.get_mut(input.id).filter(|value| *value == MASK) else {
            continue;
        };
        *value = before.and_then(|before| before.get(input.id)).cloned().unwrap_or_default();
    }
    let has_password = ["basicAuthUsername", "basicAuthPassword"]
        .iter()
        .any(|name| consumer_inputs.get(*name).is_some_and(|value| !value.is_empty()));
    let url = consumer_inputs.get("url").map(String::as_str).unwrap_or_default();
    target::check(url, has_password, call.hooks.targets).map_err(invalid)?;
    check_headers(&consumer_inputs)?;
    Ok(Wish { event, resource_version, publisher_inputs, consumer_inputs })
}

fn inputs<'i>(
    given: &Value,
    known: impl Iterator<Item = &'i Input> + Clone,
    beside: &[&str],
) -> Result<Inputs, Problem> {
    let mut inputs = Inputs::new();
    for (name, value) in given.as_object().into_iter().flatten() {
        let value = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            _ => return Err(invalid(format!("The input '{name}' must be a text."))),
        };
        if value.chars().count() > MAX_VALUE_CHARS {
            return Err(invalid(format!("The input '{name}' is too long.")));
        }
        if beside.contains(&name.as_str()) {
            continue;
        }
        let input = known.clone().find(|input| input.id.eq_ignore_ascii_case(name));
        let input =
            input.ok_or_else(|| invalid(format!("The input '{name}' is not supported.")))?;
        let allowed = input.values.iter().any(|one| one.eq_ignore_ascii_case(&value));
        if !input.values.is_empty() && !value.is_empty() && !allowed {
            return Err(invalid(format!(
                "The value '{value}' of the input '{name}' is not valid."
            )));
        }
        inputs.insert(input.id.to_owned(), value);
    }
    for input in known.filter(|input| input.is_required) {
        if inputs.get(input.id).is_none_or(String::is_empty) {
            return Err(invalid(format!("The input '{}' is required.", input.id)));
        }
    }
    Ok(inputs)
}

/// Whether project, area, type and field of a filter exist.
fn check_filters(organization: &Organization, inputs: &Inputs) -> Result<(), Problem> {
    let get = |name: &str| inputs.get(name).map(String::as_str);
    let project = match get("projectId") {
        None => None,
        Some(id) => {
            let found = Uuid::try_parse(id).ok().and_then(|_| organization.project(id));
            Some(found.ok_or_else(|| invalid(format!("There is no project with the id '{id}'.")))?)
        }
    };
    let projects =
        || organization.projects.iter().filter(|one| project.is_none_or(|p| p.id == one.id));
    if let Some(path) = get("areaPath")
        && !projects().any(|one| one.areas.walk(path).is_some())
    {
        return Err(invalid(format!("The area path '{path}' does not exist.")));
    }
    if let Some(name) = get("workItemType")
        && !projects().any(|one| one.item_type(name).is_some())
    {
        return Err(invalid(format!("The work item type '{name}' does not exist.")));
    }
    for name in get("changedFields").into_iter().flat_map(|names| names.split(',')) {
        if fields::find(name.trim()).is_none() {
            return Err(invalid(format!("The field '{name}' does not exist.")));
        }
    }
    if let Some(pattern) = get("commentPattern")
        && (pattern.chars().count() > MAX_PATTERN_CHARS
            || pattern.contains(['&', '<', '>', '"', '\'']))
    {
        return Err(invalid("The comment pattern has characters that are not allowed."));
    }
    Ok(())
}

fn check_headers(inputs: &Inputs) -> Result<(), Problem> {
    for line in inputs.get("httpHeaders").into_iter().flat_map(|lines| header_lines(lines)) {
        let valid = line.split_once(':').is_some_and(|(name, value)| {
            http::HeaderName::try_from(name.trim()).is_ok()
                && http::HeaderValue::try_from(value.trim()).is_ok()
        });
        if !valid {
            return Err(invalid(
                "The HTTP headers must have the form Name:value, one on each line.",
            ));
        }
    }
    Ok(())
}

/// The lines of the headers that are to be sent.
pub fn header_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}
