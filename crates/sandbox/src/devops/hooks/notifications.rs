//! What a subscription has sent, and sending something to see whether it arrives.

use http::StatusCode;
use serde_json::{Value, json};
use uuid::{Builder, Uuid};

use super::catalog::{ACTION, CONSUMER, PUBLISHER};
use super::state::{Notification, Progress, Status, Subscription};
use super::{inputs, payload, rights, subscriptions};
use crate::devops::call::{Answer, Answered, Call};
use crate::devops::problem::Problem;
use crate::devops::state::{Happening, Kind, Organization, WorkItem, text};

/// How many notifications a list has when nobody says.
const DEFAULT_PAGE: usize = 100;
const VIEW: &str = "View subscriptions";
const EDIT: &str = "Edit subscriptions";

/// `GET …/subscriptions/{subscriptionId}/notifications` and `…/notifications/{notificationId}`:
/// the newest first.
pub fn get_or_list(call: &Call<'_>, organization: &Organization) -> Answered {
    let subscription = subscriptions::found(call, organization, VIEW)?;
    if let Some(id) = call.path.get("notificationId") {
        let mut all = subscription.notifications.iter();
        let one = all.find(|one| one.id.to_string() == id).ok_or_else(|| missing(id))?;
        return Ok(Answer::one(body(subscription, one, subscription.id)));
    }
    let top = call.query.number("maxResults")?.unwrap_or(DEFAULT_PAGE);
    let wanted = |name: &str, known: &str| {
        call.query.get(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(known))
    };
    let shown = subscription.notifications.iter().rev().filter(|one| {
        wanted("status", one.progress.status()) && wanted("result", one.progress.result())
    });
    let shown = shown.take(top).map(|one| body(subscription, one, subscription.id));
    Ok(Answer::list(shown.collect()))
}

/// `POST …/_apis/hooks/testNotifications`: sends a sample, by a subscription or by inputs alone.
pub fn test(call: &Call<'_>, organization: &mut Organization, given: &Value) -> Answered {
    let known = given["subscriptionId"].as_str().and_then(|id| Uuid::try_parse(id).ok());
    let known = known.and_then(|id| organization.hooks.subscriptions.get(&id));
    let mut wanted = given["details"].clone();
    if let Some(known) = known {
        wanted = json!({
            "publisherId": PUBLISHER,
            "eventType": known.event_type,
            "resourceVersion": known.resource_version,
            "consumerId": CONSUMER,
            "consumerActionId": ACTION,
            "publisherInputs": known.publisher_inputs,
            "consumerInputs": known.consumer_inputs,
        });
    }
    let project = wanted["publisherInputs"]["projectId"].as_str();
    let project = project.and_then(|id| Uuid::try_parse(id).ok());
    rights::require(call, organization, project, EDIT)?;
    let before = known.map(|known| &known.consumer_inputs);
    let wish = inputs::read(call, organization, &wanted, before)?;
    let stamp = (call.account(), call.now);
    let mut test = Subscription {
        id: Builder::from_random_bytes(call.random.bytes()).into_uuid(),
        event_type: wish.event.id.to_owned(),
        resource_version: wish.resource_version,
        publisher_inputs: wish.publisher_inputs,
        consumer_inputs: wish.consumer_inputs,
        status: Status::Enabled,
        created: stamp,
        changed: stamp,
        probation: None,
        last_notification: organization.hooks.last_test,
        notifications: Vec::new(),
    };
    let (item, happening) = sample(organization, &test)?;
    let shown_as = known.map_or(Uuid::nil(), |known| known.id);
    let write = |id| payload::write(call, organization, &test, shown_as, item, happening, id);
    let event = write(test.last_notification + 1);
    test.notify(|_| event, call.now);
    organization.hooks.last_test = test.last_notification;
    let answer = test.notifications.last().map(|one| body(&test, one, shown_as));
    organization.hooks.add_test(test);
    Ok(Answer::one(answer.unwrap_or_default()))
}

/// `GET …/_apis/hooks/testNotifications/{notificationId}`: what came of a test.
pub fn test_result(call: &Call<'_>, organization: &Organization) -> Answered {
    let id = call.path.get("notificationId").unwrap_or_default();
    let mut tests = organization.hooks.tests.values();
    let test = tests.find(|test| test.last_notification.to_string() == id);
    let test = test.ok_or_else(|| missing(id))?;
    rights::require(call, organization, rights::project_of(test), VIEW)?;
    let one = test.notifications.last().ok_or_else(|| missing(id))?;
    Ok(Answer::one(body(test, one, Uuid::nil())))
}

/// An item that the sample is about: the newest that there is.
fn sample<'o>(
    organization: &'o Organization,
    test: &Subscription,
) -> Result<(&'o WorkItem, Happening), Problem> {
    let project = rights::project_of(test).map(|id| id.to_string());
    let project = project.and_then(|id| organization.project(&id)).map(|one| one.name.as_str());
    let fits = |item: &&WorkItem| {
        let place = text(&item.current().fields, "System.TeamProject");
        item.deleted.is_none() && project.is_none_or(|name| name == place)
    };
    let item = organization.items.values().rev().find(fits).ok_or_else(|| {
        Problem::hooks("NoSampleException", "There is no work item to make a sample of.")
    })?;
    let kind = match test.event_type.as_str() {
        "workitem.created" => Kind::Created,
        "workitem.deleted" => Kind::Deleted,
        "workitem.restored" => Kind::Restored,
        "workitem.commented" => Kind::Commented,
        _ => Kind::Updated,
    };
    let update = item.updates.last().map_or(1, |update| update.id);
    Ok((item, Happening { kind, item: item.id, update }))
}

fn missing(id: &str) -> Problem {
    let message = format!("The notification with the id '{id}' could not be found.");
    Problem::hooks("NotificationNotFoundException", message).with_status(StatusCode::NOT_FOUND)
}

impl Progress {
    /// What answers call it.
    pub const fn status(self) -> &'static str {
        match self {
            Self::Queued(_) => "queued",
            Self::Sending => "requestInProgress",
            Self::Succeeded | Self::Failed => "completed",
        }
    }

    /// What answers say has come of it.
    pub const fn result(self) -> &'static str {
        match self {
            Self::Queued(_) | Self::Sending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

fn body(subscription: &Subscription, one: &Notification, shown_as: Uuid) -> Value {
    let mut event = one.event.clone();
    if let Some(event) = event.as_object_mut() {
        event.remove("subscriptionId");
        event.remove("notificationId");
    }
    let mut details = json!({
        "eventType": subscription.event_type,
        "event": event,
        "publisherId": PUBLISHER,
        "consumerId": CONSUMER,
        "consumerActionId": ACTION,
        "consumerInputs": subscriptions::masked(&subscription.consumer_inputs),
        "publisherInputs": subscription.publisher_inputs,
        "requestAttempts": one.attempts,
        "queuedDate": one.created.to_rfc3339(),
    });
    if let Some(sent) = one.sent {
        details["dequeuedDate"] = json!(sent.to_rfc3339());
        details["processedDate"] = json!(sent.to_rfc3339());
    }
    if let Some(reply) = &one.reply {
        details["request"] = json!(reply.request);
        details["response"] = json!(reply.text);
        details["requestDuration"] = json!(reply.duration_micros as f64 / 1e6);
        details["completedDate"] = json!(one.changed.to_rfc3339());
        if one.progress != Progress::Succeeded {
            let what = reply.status.map_or("no answer".to_owned(), |status| status.to_string());
            details["errorMessage"] = json!(format!("The target answered: {what}."));
            details["errorDetail"] = json!(reply.text);
        }
    }
    json!({
        "id": one.id,
        "subscriptionId": shown_as,
        "subscriberId": subscription.created.0,
        "eventId": one.event["id"],
        "status": one.progress.status(),
        "result": one.progress.result(),
        "createdDate": one.created.to_rfc3339(),
        "modifiedDate": one.changed.to_rfc3339(),
        "details": details,
    })
}
