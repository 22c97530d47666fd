//! The few calls that actions and sources share.

use base::{Error, Result};
use serde_json::{Value, json};

use super::refusal;
use crate::action::Inputs;
use crate::context::{ActionContext, Call, encode};
use crate::input;

/// The version of the REST API that is asked for.
pub const VERSION: &str = "7.1";
/// The version of its work item comments, which exist as a preview only.
pub const COMMENTS_VERSION: &str = "7.1-preview.4";

/// The type of the document that changes a work item.
const JSON_PATCH: &str = "application/json-patch+json";

/// The most work items that one call reads.
pub const BATCH_MAX: usize = 200;

/// Which organization and project a call is about.
#[derive(Clone, Copy)]
pub struct Place<'i> {
    /// Another organization than the account's own.
    pub organization: Option<&'i str>,
    /// The project, by name or id.
    pub project: Option<&'i str>,
}

impl<'i> Place<'i> {
    /// The place that the inputs name.
    pub fn of(inputs: &'i Inputs) -> Self {
        Self {
            organization: input::text(inputs, "organization"),
            project: input::text(inputs, "project"),
        }
    }

    /// The same organization, without the project.
    pub fn outside_of_project(self) -> Self {
        Self { project: None, ..self }
    }

    /// `/{project}/_apis/{rest}`.
    pub fn path(self, rest: &str) -> String {
        match self.project {
            Some(project) => format!("/{}/_apis/{rest}", encode(project)),
            None => format!("/_apis/{rest}"),
        }
    }

    /// The name of the organization.
    pub fn organization_name(self, context: &ActionContext) -> Result<String> {
        let Some(given) = self.organization else {
            let own = context.variable("organization").map(str::to_owned);
            return own.ok_or_else(|| {
                let message = "The account has no organization; connect it again, or name one.";
                Error::invalid("no_organization", message)
            });
        };
        match &context.held().provider.account {
            Some(account) => account.read_name(given),
            None => Ok(given.to_owned()),
        }
    }
}

/// Sends, and answers the document of a success.
pub async fn ask(context: &ActionContext, place: Place<'_>, call: Call) -> Result<Value> {
    ask_version(context, place, call, VERSION).await
}

/// Sends to one version of the API.
pub async fn ask_version(
    context: &ActionContext,
    place: Place<'_>,
    call: Call,
    version: &str,
) -> Result<Value> {
    let call = call.query("api-version", version).to_account(place.organization);
    refusal::judge(context, context.send(call).await?)
}

/// A work item with its relations.
pub async fn work_item(context: &ActionContext, place: Place<'_>, id: i64) -> Result<Value> {
    let call = Call::get(place.path(&format!("wit/workitems/{id}"))).query("$expand", "all");
    ask(context, place, call).await
}

/// Sends a patch document, and answers the work item as it is then, or would be.
pub async fn write(
    context: &ActionContext,
    place: Place<'_>,
    mut call: Call,
    inputs: &Inputs,
    patch: Vec<Value>,
) -> Result<Value> {
    if context.is_dry_run() {
        call = call.query("validateOnly", "true");
    }
    if input::is_true(inputs, "bypass_rules") {
        call = call.query("bypassRules", "true");
    }
    if input::is_true(inputs, "suppress_notifications") {
        call = call.query("suppressNotifications", "true");
    }
    let call = call.query("$expand", "all").json_as(JSON_PATCH, patch.into());
    Ok(shown(ask(context, place, call).await?))
}

/// A work item as actions answer it: without links to the API, with the address of its page.
pub fn shown(mut item: Value) -> Value {
    let page = item["_links"]["html"]["href"].take();
    let Some(members) = item.as_object_mut() else { return item };
    members.remove("_links");
    if page.is_string() {
        members.insert("webUrl".to_owned(), page);
    }
    item
}

/// The address that links to a work item name it by.
pub fn address(organization: &str, id: i64) -> String {
    format!("https://dev.azure.com/{organization}/_apis/wit/workItems/{id}")
}

/// The ids that a query finds, in its order.
pub async fn query(
    context: &ActionContext,
    place: Place<'_>,
    wiql: &str,
    (top, with_times): (usize, bool),
) -> Result<Value> {
    let mut call =
        Call::new(http::Method::POST, place.path("wit/wiql")).query("$top", &top.to_string());
    if with_times {
        call = call.query("timePrecision", "true");
    }
    ask(context, place, call.json(json!({ "query": wiql }))).await
}

/// The ids of the work items in a query's answer.
pub fn found_ids(answer: &Value) -> Vec<i64> {
    let rows = answer["workItems"].as_array().map_or(&[][..], Vec::as_slice);
    rows.iter().filter_map(|row| row["id"].as_i64()).collect()
}

/// Work items by their ids, at most [`BATCH_MAX`], in that order; those that cannot be read are
/// left out. With no field named, all fields are read, and links.
pub async fn work_items(
    context: &ActionContext,
    place: Place<'_>,
    ids: &[i64],
    fields: &[&str],
) -> Result<Vec<Value>> {
    let mut asked = json!({ "ids": ids, "errorPolicy": "omit" });
    // The service takes one of the two.
    if fields.is_empty() {
        asked["$expand"] = "all".into();
    } else {
        asked["fields"] = fields.into();
    }
    let path = place.outside_of_project().path("wit/workitemsbatch");
    let call = Call::new(http::Method::POST, path).json(asked);
    let mut answer = ask(context, place, call).await?;
    let items = answer["value"].as_array_mut().map(std::mem::take).unwrap_or_default();
    Ok(items.into_iter().filter(|item| !item.is_null()).map(shown).collect())
}

/// The members of a list's answer.
pub fn list(answer: &Value) -> &[Value] {
    answer["value"].as_array().map_or(&[], Vec::as_slice)
}
