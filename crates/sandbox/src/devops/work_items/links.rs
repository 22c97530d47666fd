//! Links as requests write them, and which of them may be.

use base::Timestamp;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::relation_types::{self, ATTACHED_FILE, CHILD, PARENT};
use crate::devops::problem::Problem;
use crate::devops::state::{Organization, Relation, Target, WorkItem};

/// How many links an item can have.
pub const MAX_LINKS: usize = 1_000;
/// How many of them can be attachments.
pub const MAX_ATTACHMENTS: usize = 100;

/// Reads the value of an added relation: `{rel, url, attributes}`.
pub fn read(
    organization: &Organization,
    value: &Value,
    now: Timestamp,
) -> Result<Relation, Problem> {
    let rel = value["rel"].as_str().unwrap_or_default();
    let url = value["url"].as_str().unwrap_or_default();
    let kind = relation_types::find(rel).ok_or_else(|| {
        let message = format!("VS402326: The relation type {rel} does not exist.");
        invalid(message)
    })?;
    let attribute = |name: &str| value["attributes"][name].as_str().map(str::to_owned);
    let (target, file_name) = if kind.opposite.is_some() {
        (Target::Item(item_of(organization, url)?), None)
    } else if kind.reference == ATTACHED_FILE {
        let (id, name) = attachment_of(organization, url)?;
        (Target::Attachment(id), Some(name))
    } else if url.is_empty() {
        return Err(invalid("The url of a relation is missing.".to_owned()));
    } else {
        (Target::Url(url.to_owned()), None)
    };
    Ok(Relation {
        rel: kind.reference.to_owned(),
        target,
        since: now,
        comment: attribute("comment").filter(|comment| !comment.is_empty()),
        resource: None,
        name: attribute("name").or(file_name),
    })
}

fn invalid(message: String) -> Problem {
    Problem::tracking("WorkItemLinkInvalidException", message)
}

/// The item at `…/_apis/wit/workItems/{id}`, whatever the host and the letter case.
fn item_of(organization: &Organization, url: &str) -> Result<u32, Problem> {
    let segments = segments(url);
    let names_item = matches!(
        segments.as_slice(),
        [.., kind, _] if kind.eq_ignore_ascii_case("workItems")
    );
    let id = segments.last().filter(|_| names_item).and_then(|last| last.parse().ok());
    let id: u32 =
        id.ok_or_else(|| invalid(format!("The url '{url}' is not that of a work item.")))?;
    organization.item(id).map(|item| item.id).ok_or_else(|| Problem::no_work_item(id))
}

fn attachment_of(organization: &Organization, url: &str) -> Result<(Uuid, String), Problem> {
    let id = segments(url).last().and_then(|last| Uuid::try_parse(last).ok());
    let found = id.and_then(|id| Some((id, organization.attachments.get(&id)?.file_name.clone())));
    found.ok_or_else(|| invalid(format!("The url '{url}' is not that of an uploaded attachment.")))
}

fn segments(url: &str) -> Vec<String> {
    let Ok(url) = Url::parse(url) else { return Vec::new() };
    let Some(segments) = url.path_segments() else { return Vec::new() };
    segments.filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
}

/// Whether a link may be added to those an item (`None`: a new one) has.
pub fn check(
    organization: &Organization,
    id: Option<u32>,
    present: &[Relation],
    added: &Relation,
) -> Result<(), Problem> {
    if present.iter().any(|one| one.rel == added.rel && one.target == added.target) {
        return Err(Problem::tracking(
            "RelationAlreadyExistsException",
            "Relation already exists.",
        ));
    }
    let files = present.iter().filter(|one| one.rel == ATTACHED_FILE).count();
    if present.len() >= MAX_LINKS || (added.rel == ATTACHED_FILE && files >= MAX_ATTACHMENTS) {
        return Err(invalid(format!(
            "A work item can have {MAX_LINKS} links, {MAX_ATTACHMENTS} of them attachments."
        )));
    }
    let Target::Item(target) = added.target else { return Ok(()) };
    if Some(target) == id {
        return Err(invalid("TF201034: A work item cannot be linked to itself.".to_owned()));
    }
    let from = id.map_or(-1, i64::from);
    let Some(kind) = relation_types::find(&added.rel) else { return Ok(()) };
    let second_parent = kind.is_single() && present.iter().any(|one| one.rel == added.rel)
        || kind.opposite.and_then(relation_types::find).is_some_and(|opposite| {
            opposite.is_single() && has(organization, target, opposite.reference)
        });
    if second_parent {
        return Err(invalid(format!(
            "TF201036: You cannot add a {} link between work items {from} and {target} because a work item can have only one {} link.",
            kind.name,
            if kind.is_single() { kind.name } else { "Parent" },
        )));
    }
    let circular = id.is_some_and(|id| match added.rel.as_str() {
        PARENT => is_above(organization, id, target),
        CHILD => is_above(organization, target, id),
        _ => false,
    });
    if circular {
        return Err(invalid(format!(
            "TF201035: You cannot add a {} link between work items {from} and {target} because it would create a circular relationship.",
            kind.name
        )));
    }
    Ok(())
}

fn has(organization: &Organization, id: u32, rel: &str) -> bool {
    organization.item(id).is_some_and(|item| {
        visible(organization, &item.relations).iter().any(|relation| relation.rel == rel)
    })
}

/// Whether `upper` is an ancestor of `lower`, or the same.
fn is_above(organization: &Organization, upper: u32, lower: u32) -> bool {
    let mut at = Some(lower);
    // No item is its own ancestor, so the way up ends.
    while let Some(id) = at {
        if id == upper {
            return true;
        }
        at = organization.item(id).and_then(|item| parent(&item.relations));
    }
    false
}

/// The parent among these links.
pub fn parent(relations: &[Relation]) -> Option<u32> {
    relations.iter().find(|relation| relation.rel == PARENT).and_then(|one| match one.target {
        Target::Item(id) => Some(id),
        _ => None,
    })
}

/// The links that do not lead to a deleted item.
pub fn visible(organization: &Organization, relations: &[Relation]) -> Vec<Relation> {
    relations
        .iter()
        .filter(|relation| match relation.target {
            Target::Item(id) => organization.item(id).is_some(),
            _ => true,
        })
        .cloned()
        .collect()
}

/// The links an item had at a time: those it has, with every later write undone.
pub fn at(item: &WorkItem, time: Timestamp) -> Vec<Relation> {
    let mut relations = item.relations.clone();
    for update in item.updates.iter().rev().take_while(|update| update.at > time) {
        relations.retain(|one| {
            !update.added.iter().any(|added| added.rel == one.rel && added.target == one.target)
        });
        relations.extend(update.removed.iter().cloned());
    }
    relations
}
