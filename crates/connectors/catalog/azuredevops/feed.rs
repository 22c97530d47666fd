//! The feed of work item revisions, read as the reporting API tells them: every revision of every
//! item that the account may see, deletions too, in order.

use std::collections::HashMap;

use base::{Result, Timestamp};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Map, Value, json};

use super::api::{self, Place};
use super::hooks;
use super::refusal::{self, NO_WORK_ITEM};
use crate::action::Inputs;
use crate::context::{ActionContext, Call, encode};
use crate::input;
use crate::trigger::{Batch, Change, Feed, Position};

/// The most revisions of one reading: each may need one more call for the revision before it.
pub const REVISIONS_MAX: usize = 200;
/// How many of those calls are under way at once.
const CALLS_AT_ONCE: usize = 8;
/// Begins a watermark that is a moment: nothing has been read yet.
const MOMENT: char = '@';

/// The feed.
pub fn feed() -> Feed {
    Feed {
        scope,
        begin,
        read: |context, position| Box::pin(read(context, position)),
        hooks: Some(hooks::hooks()),
    }
}

/// The organization and the project, as JSON text: the same text for the same inputs.
fn scope(inputs: &Inputs) -> String {
    let organization = input::text(inputs, "organization");
    let project = input::text(inputs, "project");
    json!({ "organization": organization, "project": project }).to_string()
}

fn begin(now: Timestamp) -> String {
    format!("{MOMENT}{now}")
}

async fn read(context: &ActionContext, position: &Position) -> Result<Batch> {
    let scope: Value = serde_json::from_str(&position.scope).unwrap_or_default();
    let place =
        Place { organization: scope["organization"].as_str(), project: scope["project"].as_str() };
    let call = Call::get(place.path("wit/reporting/workitemrevisions"))
        .query("$expand", "fields")
        .query("includeDeleted", "true")
        .query("includeIdentityRef", "true")
        .query("$maxPageSize", &REVISIONS_MAX.to_string());
    let call = match position.watermark.strip_prefix(MOMENT) {
        Some(moment) => call.query("startDateTime", moment),
        None => call.query("continuationToken", &position.watermark),
    };
    let mut answer = api::ask(context, place, call).await?;
    let revisions = answer["values"].as_array_mut().map(std::mem::take).unwrap_or_default();
    let is_last = answer["isLastBatch"].as_bool().unwrap_or(true);
    let token = answer["continuationToken"].as_str().filter(|token| !token.is_empty());
    // Before there is a revision to go on from, an empty answer's token may stand anywhere.
    let has_moved = !revisions.is_empty() || !is_last;
    let watermark = token.filter(|_| has_moved).unwrap_or(&position.watermark).to_owned();
    let organization = place.organization_name(context)?;
    let mut changes = pair(revisions);
    for change in &mut changes {
        add_page(change, &organization);
    }
    complete(context, place, &mut changes).await?;
    add_categories(context, place, &mut changes).await?;
    Ok(Batch { changes, watermark, is_last })
}

/// Each revision with the one before it, as far as that is among them.
fn pair(revisions: Vec<Value>) -> Vec<Change> {
    let mut last: HashMap<i64, Value> = HashMap::new();
    let one = |after: Value| {
        let (id, rev) = (after["id"].as_i64()?, after["rev"].as_i64()?);
        let before = last.insert(id, after.clone());
        let before = before.filter(|before| before["rev"].as_i64() == Some(rev - 1));
        Some(Change { item: id.to_string(), revision: rev.to_string(), before, after })
    };
    revisions.into_iter().filter_map(one).collect()
}

fn add_page(change: &mut Change, organization: &str) {
    let project = change.after["fields"]["System.TeamProject"].as_str().unwrap_or_default();
    let (organization, project) = (encode(organization), encode(project));
    let page =
        format!("https://dev.azure.com/{organization}/{project}/_workitems/edit/{}", change.item);
    change.after["webUrl"] = page.into();
}

/// Reads the revisions before those that came without. Nothing of the customer's items is kept
/// here, so the provider is asked.
async fn complete(context: &ActionContext, place: Place<'_>, changes: &mut [Change]) -> Result<()> {
    let missing: Vec<(usize, i64, i64)> = changes
        .iter()
        .enumerate()
        .filter(|(_, change)| change.before.is_none() && !is_deleted(&change.after))
        .filter_map(|(at, change)| {
            let rev = change.after["rev"].as_i64().filter(|rev| *rev > 1)?;
            Some((at, change.after["id"].as_i64()?, rev - 1))
        })
        .collect();
    let reads = missing.into_iter().map(|(at, id, rev)| async move {
        base::Result::Ok((at, revision(context, place, id, rev).await?))
    });
    let found: Vec<(usize, Option<Value>)> =
        stream::iter(reads).buffered(CALLS_AT_ONCE).try_collect().await?;
    for (at, before) in found {
        changes[at].before = before;
    }
    Ok(())
}

/// One revision of an item; none when the item is gone meanwhile, or may not be seen any more.
async fn revision(
    context: &ActionContext,
    place: Place<'_>,
    id: i64,
    rev: i64,
) -> Result<Option<Value>> {
    let path = place.path(&format!("wit/workItems/{id}/revisions/{rev}"));
    match api::ask(context, place, Call::get(path).query("$expand", "fields")).await {
        Ok(found) => Ok(Some(found)),
        Err(error) if [NO_WORK_ITEM, refusal::NOT_FOUND].contains(&error.code()) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_deleted(revision: &Value) -> bool {
    revision["fields"]["System.IsDeleted"].as_bool().unwrap_or(false)
}

/// Says of a state that is new which category it belongs to: names of states are people's own.
async fn add_categories(
    context: &ActionContext,
    place: Place<'_>,
    changes: &mut [Change],
) -> Result<()> {
    let mut known: HashMap<(String, String), Map<String, Value>> = HashMap::new();
    for change in changes {
        let field = |name: &str| change.after["fields"][name].as_str().map(str::to_owned);
        let before = change.before.as_ref().map(|before| &before["fields"]["System.State"]);
        let state = &change.after["fields"]["System.State"];
        if before == Some(state) {
            continue;
        }
        let (Some(project), Some(type_name)) =
            (field("System.TeamProject"), field("System.WorkItemType"))
        else {
            continue;
        };
        let key = (project, type_name);
        if !known.contains_key(&key) {
            let categories = categories(context, place, &key).await?;
            known.insert(key.clone(), categories);
        }
        let category = state.as_str().and_then(|state| known[&key].get(state));
        change.after["stateCategory"] = category.cloned().unwrap_or_default();
    }
    Ok(())
}

/// The categories of a type's states, by their names; none for a type that is gone.
async fn categories(
    context: &ActionContext,
    place: Place<'_>,
    (project, type_name): &(String, String),
) -> Result<Map<String, Value>> {
    let place = Place { project: Some(project), ..place };
    let path = place.path(&format!("wit/workitemtypes/{}/states", encode(type_name)));
    let answer = match api::ask(context, place, Call::get(path)).await {
        Ok(answer) => answer,
        Err(error) if error.kind() == base::ErrorKind::NotFound => return Ok(Map::new()),
        Err(error) => return Err(error),
    };
    let states = answer["value"].as_array().map_or(&[][..], Vec::as_slice);
    let one = |state: &Value| Some((state["name"].as_str()?.to_owned(), state["category"].clone()));
    Ok(states.iter().filter_map(one).collect())
}
