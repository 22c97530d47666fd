//! Subscriptions: made, read, replaced and taken away by those who may.

use http::StatusCode;
use serde_json::{Value, json};
use uuid::{Builder, Uuid};

use super::catalog::{ACTION, CONSUMER, CONSUMER_INPUTS, PUBLISHER, event};
use super::inputs::{self, MASK};
use super::rights;
use super::state::{Inputs, MAX_SUBSCRIPTIONS, Status, Subscription};
use crate::devops::call::{Answer, Answered, Call};
use crate::devops::identity;
use crate::devops::problem::Problem;
use crate::devops::state::{Organization, derived_id};

const VIEW: &str = "View subscriptions";
const EDIT: &str = "Edit subscriptions";

/// `GET …/_apis/hooks/subscriptions` and `…/subscriptions/{subscriptionId}`: a list has those
/// that the caller may see.
pub fn get_or_list(call: &Call<'_>, organization: &Organization) -> Answered {
    if call.path.get("subscriptionId").is_some() {
        let subscription = found(call, organization, VIEW)?;
        return Ok(Answer::one(body(call, organization, subscription)));
    }
    let query = |name: &str, known: &str| {
        call.query.get(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(known))
    };
    let shown = visible(call, organization).filter(|one| {
        query("publisherId", PUBLISHER)
            && query("consumerId", CONSUMER)
            && query("consumerActionId", ACTION)
            && query("eventType", &one.event_type)
    });
    Ok(Answer::list(shown.map(|one| body(call, organization, one)).collect()))
}

fn visible<'o>(
    call: &Call<'_>,
    organization: &'o Organization,
) -> impl Iterator<Item = &'o Subscription> {
    organization
        .hooks
        .subscriptions
        .values()
        .filter(|one| rights::require(call, organization, rights::project_of(one), VIEW).is_ok())
}

/// `POST …/_apis/hooks/subscriptionsQuery`: the question comes back with its answer in it.
pub fn query(call: &Call<'_>, organization: &Organization, asked: &Value) -> Answered {
    let word = |name: &str, known: &str| {
        asked[name].as_str().is_none_or(|wanted| wanted.eq_ignore_ascii_case(known))
    };
    let shown = visible(call, organization).filter(|one| {
        word("publisherId", PUBLISHER)
            && word("consumerId", CONSUMER)
            && word("consumerActionId", ACTION)
            && word("eventType", &one.event_type)
            && passes(&asked["publisherInputFilters"], &one.publisher_inputs)
            && passes(&asked["consumerInputFilters"], &one.consumer_inputs)
    });
    let results: Vec<Value> = shown.map(|one| body(call, organization, one)).collect();
    let mut answer = asked.clone();
    answer["results"] = Value::Array(results);
    Ok(Answer::one(answer))
}

/// Whether inputs pass one of the groups of conditions.
fn passes(filters: &Value, inputs: &Inputs) -> bool {
    let Some(groups) = filters.as_array().filter(|groups| !groups.is_empty()) else { return true };
    groups.iter().any(|group| {
        group["conditions"].as_array().into_iter().flatten().all(|condition| {
            let held = inputs.get(condition["inputId"].as_str().unwrap_or_default());
            let held = held.map(String::as_str).unwrap_or_default();
            let wanted = condition["inputValue"].as_str().unwrap_or_default();
            let same = match condition["caseSensitive"].as_bool() {
                Some(true) => held == wanted,
                _ => held.eq_ignore_ascii_case(wanted),
            };
            let negated = condition["operator"].as_str().is_some_and(|one| one == "notEquals");
            same != negated
        })
    })
}

/// `POST …/_apis/hooks/subscriptions`.
pub fn create(call: &Call<'_>, organization: &mut Organization, given: &Value) -> Answered {
    // Whoever may not is told so before anything else is looked at.
    rights::require(call, organization, wanted_project(given), EDIT)?;
    let wish = inputs::read(call, organization, given, None)?;
    if organization.hooks.subscriptions.len() >= MAX_SUBSCRIPTIONS {
        let message = format!("An organization can have {MAX_SUBSCRIPTIONS} subscriptions.");
        return Err(Problem::hooks("SubscriptionLimitExceededException", message));
    }
    let id = Builder::from_random_bytes(call.random.bytes()).into_uuid();
    let stamp = (call.account(), call.now);
    let subscription = Subscription {
        id,
        event_type: wish.event.id.to_owned(),
        resource_version: wish.resource_version,
        publisher_inputs: wish.publisher_inputs,
        consumer_inputs: wish.consumer_inputs,
        status: Status::Enabled,
        created: stamp,
        changed: stamp,
        probation: None,
        last_notification: 0,
        notifications: Vec::new(),
    };
    let answer = body(call, organization, &subscription);
    organization.hooks.subscriptions.insert(id, subscription);
    Ok(Answer::one(answer))
}

fn wanted_project(given: &Value) -> Option<Uuid> {
    given["publisherInputs"]["projectId"].as_str().and_then(|id| Uuid::try_parse(id).ok())
}

/// `PUT …/_apis/hooks/subscriptions/{subscriptionId}`.
pub fn replace(call: &Call<'_>, organization: &mut Organization, given: &Value) -> Answered {
    let before = found(call, organization, EDIT)?;
    rights::require(call, organization, wanted_project(given), EDIT)?;
    let id = before.id;
    let wish = inputs::read(call, organization, given, Some(&before.consumer_inputs))?;
    let status = match given["status"].as_str() {
        None => before.status,
        Some("enabled") => Status::Enabled,
        Some("disabledByUser") => Status::DisabledByUser,
        Some(other) => {
            let message = format!("The status of a subscription cannot be set to '{other}'.");
            return Err(Problem::hooks("SubscriptionInputException", message));
        }
    };
    let subscription = organization.hooks.subscriptions.get_mut(&id);
    let subscription = subscription.ok_or_else(|| missing(&id.to_string()))?;
    wish.event.id.clone_into(&mut subscription.event_type);
    subscription.resource_version = wish.resource_version;
    subscription.publisher_inputs = wish.publisher_inputs;
    subscription.consumer_inputs = wish.consumer_inputs;
    subscription.changed = (call.account(), call.now);
    subscription.set_status(status);
    let subscription = found(call, organization, EDIT)?;
    Ok(Answer::one(body(call, organization, subscription)))
}

/// `DELETE …/_apis/hooks/subscriptions/{subscriptionId}`.
pub fn delete(call: &Call<'_>, organization: &mut Organization) -> Answered {
    let id = found(call, organization, EDIT)?.id;
    organization.hooks.subscriptions.remove(&id);
    Ok(Answer::nothing())
}

/// The subscription that the path names, if the caller may do this to it.
pub fn found<'o>(
    call: &Call<'_>,
    organization: &'o Organization,
    permission: &str,
) -> Result<&'o Subscription, Problem> {
    let text = call.path.get("subscriptionId").unwrap_or_default();
    let id = Uuid::try_parse(text).ok();
    let subscription = id.and_then(|id| organization.hooks.subscriptions.get(&id));
    let subscription = subscription.ok_or_else(|| missing(text))?;
    rights::require(call, organization, rights::project_of(subscription), permission)?;
    Ok(subscription)
}

fn missing(id: &str) -> Problem {
    let message = format!("The subscription with the id '{id}' could not be found.");
    Problem::hooks("SubscriptionNotFoundException", message).with_status(StatusCode::NOT_FOUND)
}

impl Subscription {
    /// Switches it on, off or to probation; a probation that does not go on is over.
    pub fn set_status(&mut self, status: Status) {
        if status != self.status {
            self.probation = None;
        }
        self.status = status;
    }
}

/// A subscription as answers show it.
pub fn body(call: &Call<'_>, organization: &Organization, one: &Subscription) -> Value {
    let url = format!("{}/_apis/hooks/subscriptions/{}", call.base(), one.id);
    let person = |account| identity::reference(call, organization, account);
    let mut inputs = one.publisher_inputs.clone();
    inputs.insert("hostId".to_owned(), organization.id.to_string());
    let inner = derived_id(&format!("notification subscription {}", one.id));
    inputs.insert("tfsSubscriptionId".to_owned(), inner.to_string());
    let mut body = json!({
        "id": one.id,
        "url": url,
        "status": one.status,
        "publisherId": PUBLISHER,
        "eventType": one.event_type,
        "resourceVersion": one.resource_version,
        "eventDescription": description(organization, one),
        "consumerId": CONSUMER,
        "consumerActionId": ACTION,
        "actionDescription": format!("To host {}", host(&one.consumer_inputs)),
        "createdBy": person(one.created.0),
        "createdDate": one.created.1.to_rfc3339(),
        "modifiedBy": person(one.changed.0),
        "modifiedDate": one.changed.1.to_rfc3339(),
        "publisherInputs": inputs,
        "consumerInputs": masked(&one.consumer_inputs),
        "_links": { "self": { "href": url } },
    });
    if let Some(probation) = one.probation {
        body["probationRetries"] = json!(probation.failed_probes.to_string());
        if let Some(last) = probation.last_probe {
            body["lastProbationRetryDate"] = json!(last.to_rfc3339());
        }
    }
    body
}

/// Inputs without what is confidential.
pub fn masked(inputs: &Inputs) -> Inputs {
    let confidential =
        |name: &str| CONSUMER_INPUTS.iter().any(|input| input.id == name && input.is_confidential);
    let shown = inputs.iter().map(|(name, value)| {
        let hidden = confidential(name) && !value.is_empty();
        (name.clone(), if hidden { MASK.to_owned() } else { value.clone() })
    });
    shown.collect()
}

fn host(inputs: &Inputs) -> String {
    let url = inputs.get("url").and_then(|url| url::Url::parse(url).ok());
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

fn description(organization: &Organization, one: &Subscription) -> String {
    let name = event(&one.event_type).map_or(one.event_type.as_str(), |event| event.name);
    let project = one.publisher_inputs.get("projectId").and_then(|id| organization.project(id));
    match project {
        Some(project) => format!("{name} in {}", project.name),
        None => format!("{name} in any project"),
    }
}
