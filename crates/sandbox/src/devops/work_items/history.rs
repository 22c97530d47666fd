//! What an item was, revision by revision, and what each write did.

use serde_json::{Map, Value, json};

use super::render::{self, View, Wanted};
use super::{get, links};
use crate::devops::call::{Answer, Answered, Call};
use crate::devops::identity;
use crate::devops::problem::Problem;
use crate::devops::state::{FOREVER, Fields, Organization, Relation, Update, WorkItem};

/// How many revisions or updates a list has when nobody says, and at most.
const MAX_PAGE: usize = 200;

/// `GET …/workItems/{id}/revisions` and `…/revisions/{revisionNumber}`.
pub fn revisions(call: &Call<'_>, organization: &Organization) -> Answered {
    let item = item(call, organization)?;
    let mut wanted = Wanted::read(None, call.query.get("$expand"))?;
    let show = |revision, wanted: &Wanted| {
        let relations = links::visible(organization, &item.relations);
        let view = View::of_revision(item, revision, relations);
        let mut body = render::item(call, organization, &view, wanted);
        let url = format!("{}/revisions/{}", render::item_url(call, item.id), revision.rev);
        body["url"] = json!(url);
        body
    };
    let Some(wanted_rev) = call.path.get("revisionNumber") else {
        let (skip, top) = page(call)?;
        let shown = item.revisions.iter().skip(skip).take(top);
        return Ok(Answer::list(shown.map(|revision| show(revision, &wanted)).collect()));
    };
    wanted.links = true;
    item.revisions
        .iter()
        .find(|revision| revision.rev.to_string() == wanted_rev)
        .map(|revision| Answer::one(show(revision, &wanted)))
        .ok_or_else(|| {
            Problem::tracking(
                "WorkItemRevisionNotFoundException",
                format!("Work item {} has no revision {wanted_rev}.", item.id),
            )
            .with_status(http::StatusCode::NOT_FOUND)
        })
}

/// `GET …/workItems/{id}/updates` and `…/updates/{updateNumber}`.
pub fn updates(call: &Call<'_>, organization: &Organization) -> Answered {
    let item = item(call, organization)?;
    let Some(number) = call.path.get("updateNumber") else {
        let (skip, top) = page(call)?;
        let shown = item.updates.iter().skip(skip).take(top);
        return Ok(Answer::list(
            shown.map(|update| update_body(call, organization, item, update)).collect(),
        ));
    };
    item.updates
        .iter()
        .find(|update| update.id.to_string() == number)
        .map(|update| Answer::one(update_body(call, organization, item, update)))
        .ok_or_else(|| {
            Problem::tracking(
                "WorkItemUpdateNotFoundException",
                format!("Work item {} has no update {number}.", item.id),
            )
            .with_status(http::StatusCode::NOT_FOUND)
        })
}

fn item<'o>(call: &Call<'_>, organization: &'o Organization) -> Result<&'o WorkItem, Problem> {
    let id = get::id(call)?;
    call.project_if_named(organization)?;
    organization.item(id).ok_or_else(|| Problem::no_work_item(id))
}

fn page(call: &Call<'_>) -> Result<(usize, usize), Problem> {
    let top = call.query.number("$top")?.unwrap_or(MAX_PAGE).min(MAX_PAGE);
    Ok((call.query.number("$skip")?.unwrap_or(0), top))
}

/// One write, as answers show it.
pub fn update_body(
    call: &Call<'_>,
    organization: &Organization,
    item: &WorkItem,
    update: &Update,
) -> Value {
    let next = item.revisions.iter().find(|revision| revision.rev > update.rev);
    let mut body = json!({
        "id": update.id,
        "workItemId": item.id,
        "rev": update.rev,
        "revisedBy": identity::reference(call, organization, update.by),
        "revisedDate": next.map_or_else(|| FOREVER.to_owned(), |next| next.at.to_rfc3339()),
        "url": format!("{}/updates/{}", render::item_url(call, item.id), update.id),
    });
    if made_revision(item, update) {
        body["fields"] = Value::Object(differences(call, organization, item, update.rev));
    }
    let lists =
        [("added", &update.added), ("removed", &update.removed), ("updated", &update.changed)];
    let shown = |relations: &Vec<Relation>| -> Vec<Value> {
        relations.iter().map(|one| render::relation(call, organization, one)).collect()
    };
    let relations: Map<String, Value> = lists
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(name, list)| (name.to_owned(), Value::Array(shown(list))))
        .collect();
    if !relations.is_empty() {
        body["relations"] = Value::Object(relations);
    }
    body
}

/// Whether a write made a revision: the first update that names it is the one.
fn made_revision(item: &WorkItem, update: &Update) -> bool {
    item.updates.iter().find(|one| one.rev == update.rev).is_some_and(|one| one.id == update.id)
}

/// The names of the fields that a write changed.
pub fn changed_fields(
    organization: &Organization,
    item: &WorkItem,
    update: &Update,
) -> Vec<String> {
    if !made_revision(item, update) {
        return Vec::new();
    }
    let (old, new) = before_and_after(organization, item, update.rev);
    names_of_changes(&old, &new).into_iter().cloned().collect()
}

fn before_and_after(organization: &Organization, item: &WorkItem, rev: u32) -> (Fields, Fields) {
    let values = |rev: u32| -> Fields {
        let revision = item.revisions.iter().find(|revision| revision.rev == rev);
        revision.map_or_else(Fields::new, |revision| {
            View::of_revision(item, revision, Vec::new()).all_fields(organization)
        })
    };
    (values(rev - 1), values(rev))
}

fn names_of_changes<'f>(old: &'f Fields, new: &'f Fields) -> Vec<&'f String> {
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| old.get(*name) != new.get(*name));
    names
}

/// Every field that a revision changed, with the value before and after.
fn differences(
    call: &Call<'_>,
    organization: &Organization,
    item: &WorkItem,
    rev: u32,
) -> Map<String, Value> {
    let (old, new) = before_and_after(organization, item, rev);
    names_of_changes(&old, &new)
        .into_iter()
        .map(|name| {
            let mut change = Map::new();
            for (key, values) in [("oldValue", &old), ("newValue", &new)] {
                if let Some(value) = values.get(name) {
                    change.insert(
                        key.to_owned(),
                        render::field_value(call, organization, name, value),
                    );
                }
            }
            (name.clone(), Value::Object(change))
        })
        .collect()
}
