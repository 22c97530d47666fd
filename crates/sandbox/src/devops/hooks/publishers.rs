//! Publishers, the events they tell of, consumers and their actions, and the values that inputs
//! can have.

use http::StatusCode;
use serde_json::{Value, json};

use super::catalog::{
    ACTION, CONSUMER, CONSUMER_INPUTS, EVENTS, PUBLISHER, PUBLISHER_INPUTS, RESOURCE_VERSIONS,
    event, event_body, input_body,
};
use crate::devops::call::{Answer, Answered, Call};
use crate::devops::catalog::fields::FIELDS;
use crate::devops::problem::Problem;
use crate::devops::state::Organization;

fn missing(what: &str, id: &str) -> Problem {
    Problem::hooks("NotFoundException", format!("There is no {what} with the id '{id}'."))
        .with_status(StatusCode::NOT_FOUND)
}

/// Refuses a path with another id than the only one there is.
fn only(call: &Call<'_>, parameter: &str, what: &str, known: &str) -> Result<bool, Problem> {
    match call.path.get(parameter) {
        None => Ok(false),
        Some(id) if id.eq_ignore_ascii_case(known) => Ok(true),
        Some(id) => Err(missing(what, id)),
    }
}

/// `GET …/_apis/hooks/publishers` and `…/publishers/{publisherId}`.
pub fn publishers(call: &Call<'_>, _: &Organization) -> Answered {
    let events: Vec<Value> = EVENTS.iter().map(|event| event_body(call, event)).collect();
    let inputs: Vec<Value> = PUBLISHER_INPUTS.iter().map(input_body).collect();
    let body = json!({
        "id": PUBLISHER,
        "name": "Azure DevOps Services",
        "description": "Publishes what happens to work items.",
        "url": format!("{}/_apis/hooks/publishers/{PUBLISHER}", call.base()),
        "supportedEvents": events,
        "inputDescriptors": inputs,
    });
    let one = only(call, "publisherId", "publisher", PUBLISHER)?;
    Ok(if one { Answer::one(body) } else { Answer::list(vec![body]) })
}

/// `GET …/publishers/{publisherId}/eventTypes` and `…/eventTypes/{eventTypeId}`.
pub fn event_types(call: &Call<'_>, _: &Organization) -> Answered {
    only(call, "publisherId", "publisher", PUBLISHER)?;
    match call.path.get("eventTypeId") {
        None => Ok(Answer::list(EVENTS.iter().map(|event| event_body(call, event)).collect())),
        Some(id) => {
            let event = event(id).ok_or_else(|| missing("event type", id))?;
            Ok(Answer::one(event_body(call, event)))
        }
    }
}

/// `GET …/_apis/hooks/consumers` and `…/consumers/{consumerId}`.
pub fn consumers(call: &Call<'_>, _: &Organization) -> Answered {
    let body = json!({
        "id": CONSUMER,
        "name": "Web Hooks",
        "description": "Sends events to a service by HTTP.",
        "url": format!("{}/_apis/hooks/consumers/{CONSUMER}", call.base()),
        "authenticationType": "none",
        "inputDescriptors": [],
        "actions": [action(call)],
    });
    let one = only(call, "consumerId", "consumer", CONSUMER)?;
    Ok(if one { Answer::one(body) } else { Answer::list(vec![body]) })
}

/// `GET …/consumers/{consumerId}/actions` and `…/actions/{consumerActionId}`.
pub fn actions(call: &Call<'_>, _: &Organization) -> Answered {
    only(call, "consumerId", "consumer", CONSUMER)?;
    let one = only(call, "consumerActionId", "action", ACTION)?;
    Ok(if one { Answer::one(action(call)) } else { Answer::list(vec![action(call)]) })
}

fn action(call: &Call<'_>) -> Value {
    let inputs: Vec<Value> = CONSUMER_INPUTS.iter().map(input_body).collect();
    let events: Vec<&str> = EVENTS.iter().map(|event| event.id).collect();
    let versions = EVENTS.iter().map(|event| (event.id.to_owned(), json!(RESOURCE_VERSIONS)));
    json!({
        "id": ACTION,
        "consumerId": CONSUMER,
        "name": "Post via HTTP",
        "description": "Posts the event as JSON.",
        "url": format!("{}/_apis/hooks/consumers/{CONSUMER}/actions/{ACTION}", call.base()),
        "supportedEventTypes": events,
        "supportedResourceVersions": versions.collect::<serde_json::Map<_, _>>(),
        "allowResourceVersionOverride": true,
        "inputDescriptors": inputs,
    })
}

/// `POST …/publishers/{publisherId}/inputValuesQuery`: the values each named input can have.
pub fn input_values(call: &Call<'_>, organization: &Organization, body: &Value) -> Answered {
    only(call, "publisherId", "publisher", PUBLISHER)?;
    let project = body["currentValues"]["projectId"]
        .as_str()
        .or_else(|| body["resource"]["publisherInputs"]["projectId"].as_str())
        .and_then(|id| organization.project(id));
    let mut answer = body.clone();
    for asked in answer["inputValues"].as_array_mut().into_iter().flatten() {
        let pairs: Vec<(String, String)> = match asked["inputId"].as_str().unwrap_or_default() {
            "projectId" => {
                let projects = organization.projects.iter();
                projects.map(|one| (one.id.to_string(), one.name.clone())).collect()
            }
            "areaPath" => {
                let paths = project.map(|project| project.areas.all()).unwrap_or_default();
                paths.into_iter().map(|(path, _)| (path.clone(), path)).collect()
            }
            "workItemType" => {
                let types = project.map(|project| project.process().types).unwrap_or_default();
                types.iter().map(|one| (one.name.to_owned(), one.name.to_owned())).collect()
            }
            "changedFields" => {
                FIELDS.iter().map(|one| (one.reference.to_owned(), one.name.to_owned())).collect()
            }
            _ => continue,
        };
        let values = pairs
            .into_iter()
            .map(|(value, shown)| json!({ "value": value, "displayValue": shown }));
        asked["possibleValues"] = values.collect();
        asked["isLimitedToPossibleValues"] = json!(true);
    }
    Ok(Answer::one(answer))
}
