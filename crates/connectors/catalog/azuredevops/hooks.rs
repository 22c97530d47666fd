//! Service hooks: calls of Azure DevOps that say that there is something to read.

use base::{Error, Result};
use http::Method;
use serde_json::{Value, json};

use super::api::{self, Place};
use crate::context::{ActionContext, Call, encode};
use crate::trigger::{HookHealth, HookOrder, Hooks, Subscription};

/// What hooks are about.
pub fn hooks() -> Hooks {
    Hooks {
        events,
        create: |context, order| Box::pin(create(context, order)),
        check: |context, subscription| Box::pin(check(context, subscription)),
        remove: |context, subscription| Box::pin(remove(context, subscription)),
    }
}

/// The events that wake a reader for a trigger. One subscription is about one project, so there is
/// none for all projects of an organization.
fn events(scope: &str, trigger: &str) -> &'static [&'static str] {
    if read(scope)["project"].is_null() {
        return &[];
    }
    match trigger {
        "work_item_created" => &["workitem.created"],
        "work_item_updated" | "work_item_state_changed" => &["workitem.updated"],
        "work_item_assigned" | "work_item_closed" => &["workitem.created", "workitem.updated"],
        "work_item_commented" => &["workitem.commented"],
        "work_item_deleted" => &["workitem.deleted"],
        "work_item_restored" => &["workitem.restored"],
        _ => &[],
    }
}

fn read(scope: &str) -> Value {
    serde_json::from_str(scope).unwrap_or_default()
}

fn place(scope: &Value) -> Place<'_> {
    Place { organization: scope["organization"].as_str(), project: None }
}

async fn create(context: &ActionContext, order: &HookOrder) -> Result<String> {
    let scope = read(&order.scope);
    let place = place(&scope);
    let project = scope["project"].as_str().unwrap_or_default();
    let path = format!("/_apis/projects/{}", encode(project));
    let project = api::ask(context, place, Call::get(path)).await?;
    let subscription = json!({
        "publisherId": "tfs",
        "eventType": order.event,
        "resourceVersion": "1.0",
        "consumerId": "webHooks",
        "consumerActionId": "httpRequest",
        "publisherInputs": { "projectId": project["id"] },
        // The call only wakes: it brings nothing that is read.
        "consumerInputs": {
            "url": order.url,
            "basicAuthUsername": order.user,
            "basicAuthPassword": order.password,
            "resourceDetailsToSend": "none",
            "messagesToSend": "none",
            "detailedMessagesToSend": "none",
        },
    });
    let call = Call::new(Method::POST, "/_apis/hooks/subscriptions").json(subscription);
    let made = api::ask(context, place, call).await?;
    let id = made["id"].as_str().map(str::to_owned);
    id.ok_or_else(|| Error::internal("a subscription came without an id"))
}

async fn check(context: &ActionContext, subscription: &Subscription) -> Result<HookHealth> {
    let scope = read(&subscription.scope);
    let path = format!("/_apis/hooks/subscriptions/{}", encode(&subscription.id));
    match api::ask(context, place(&scope), Call::get(path)).await {
        Ok(found) => Ok(match found["status"].as_str() {
            Some("enabled") => HookHealth::Works,
            Some("onProbation") => HookHealth::OnProbation,
            _ => HookHealth::Gone,
        }),
        Err(error) if error.kind() == base::ErrorKind::NotFound => Ok(HookHealth::Gone),
        Err(error) => Err(error),
    }
}

async fn remove(context: &ActionContext, subscription: &Subscription) -> Result<()> {
    let scope = read(&subscription.scope);
    let path = format!("/_apis/hooks/subscriptions/{}", encode(&subscription.id));
    let call = Call::new(Method::DELETE, path);
    match api::ask(context, place(&scope), call).await {
        Err(error) if error.kind() != base::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
