//! Makes a finished draft the newest revision of an item, at both ends of its links.

use base::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::relation_types;
use crate::devops::problem::Problem;
use crate::devops::state::{Fields, Organization, Relation, Revision, Target, Update, WorkItem};

/// How many revisions an item can have.
pub const MAX_REVISIONS: usize = 10_000;

/// What to commit.
pub struct Plan {
    /// The item; `None` makes a new one.
    pub id: Option<u32>,
    /// The fields it will have.
    pub fields: Fields,
    /// Whether they differ from those it has.
    pub fields_changed: bool,
    /// Whether the change keeps the date and the person that it brings along.
    pub is_import: bool,
    /// The long texts that are Markdown.
    pub markdown: Vec<String>,
    /// The links that it has and shows.
    pub relations_before: Vec<Relation>,
    /// The links it will have instead.
    pub relations: Vec<Relation>,
}

/// Who writes, and when.
#[derive(Clone, Copy, Debug)]
pub struct Writer {
    /// The account.
    pub account: Uuid,
    /// The time.
    pub now: Timestamp,
}

/// Links that come, go or change.
#[derive(Default)]
struct Changes {
    added: Vec<Relation>,
    removed: Vec<Relation>,
    changed: Vec<Relation>,
}

/// Writes the plan and gives the number of the item.
pub fn commit(organization: &mut Organization, plan: Plan, writer: Writer) -> Result<u32, Problem> {
    let mut changes = compare(&plan.relations_before, &plan.relations);
    number_resources(organization, &mut changes.added);
    let is_new = plan.id.is_none();
    let id = plan.id.unwrap_or(organization.last_item + 1);
    organization.last_item = organization.last_item.max(id);
    let item = organization.items.entry(id).or_insert_with(|| WorkItem {
        id,
        revisions: Vec::new(),
        updates: Vec::new(),
        relations: Vec::new(),
        deleted: None,
    });
    if item.revisions.len() >= MAX_REVISIONS {
        return Err(Problem::tracking(
            "WorkItemRevisionLimitExceededException",
            format!(
                "VS402625: Work item {id} has {MAX_REVISIONS} revisions, the most there can be."
            ),
        ));
    }
    let links_elsewhere = changes
        .added
        .iter()
        .chain(&changes.removed)
        .chain(&changes.changed)
        .any(|relation| !matches!(relation.target, Target::Item(_)));
    let revises = is_new
        || plan.fields_changed
        || links_elsewhere
        || item.revisions.last().is_some_and(|last| last.markdown != plan.markdown);
    replace_relations(&mut item.relations, &changes);
    if revises {
        organization.watermark += 1;
        push_revision(
            item,
            plan.fields,
            plan.markdown,
            writer,
            organization.watermark,
            plan.is_import,
        );
    }
    if revises || !changes.is_empty() {
        push_update(item, writer, &changes);
    }
    mirror(organization, id, &changes, writer);
    Ok(id)
}

/// Adds a revision that differs from the last in what `change` does to its fields.
pub fn revise(
    organization: &mut Organization,
    id: u32,
    writer: Writer,
    change: impl FnOnce(&mut Fields),
) {
    organization.watermark += 1;
    let watermark = organization.watermark;
    let Some(item) = organization.items.get_mut(&id) else { return };
    let (mut fields, markdown) = (item.current().fields.clone(), item.current().markdown.clone());
    fields.remove("System.History");
    change(&mut fields);
    push_revision(item, fields, markdown, writer, watermark, false);
    push_update(item, writer, &Changes::default());
}

fn push_revision(
    item: &mut WorkItem,
    mut fields: Fields,
    markdown: Vec<String>,
    writer: Writer,
    watermark: u32,
    is_import: bool,
) {
    if !is_import {
        let date = json!(writer.now.to_rfc3339());
        fields.insert("System.ChangedDate".to_owned(), date.clone());
        fields.insert("System.ChangedBy".to_owned(), json!(writer.account));
        fields.entry("System.CreatedDate").or_insert(date);
        fields.entry("System.CreatedBy").or_insert(json!(writer.account));
    }
    let rev = item.revisions.last().map_or(1, |last| last.rev + 1);
    item.revisions.push(Revision {
        rev,
        watermark,
        at: writer.now,
        by: writer.account,
        fields,
        markdown,
    });
}

fn push_update(item: &mut WorkItem, writer: Writer, changes: &Changes) {
    let id = item.updates.last().map_or(1, |last| last.id + 1);
    let rev = item.current().rev;
    item.updates.push(Update {
        id,
        rev,
        at: writer.now,
        by: writer.account,
        added: changes.added.clone(),
        removed: changes.removed.clone(),
        changed: changes.changed.clone(),
    });
}

fn same_link(one: &Relation, other: &Relation) -> bool {
    one.rel == other.rel && one.target == other.target
}

impl Changes {
    fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

fn compare(before: &[Relation], after: &[Relation]) -> Changes {
    let missing_in =
        |list: &[Relation], one: &Relation| !list.iter().any(|other| same_link(one, other));
    Changes {
        added: after.iter().filter(|one| missing_in(before, one)).cloned().collect(),
        removed: before.iter().filter(|one| missing_in(after, one)).cloned().collect(),
        changed: after
            .iter()
            .filter(|one| {
                before.iter().any(|other| same_link(one, other) && one.comment != other.comment)
            })
            .cloned()
            .collect(),
    }
}

/// A link to something that is no work item has a number.
fn number_resources(organization: &mut Organization, added: &mut [Relation]) {
    for relation in added.iter_mut().filter(|one| !matches!(one.target, Target::Item(_))) {
        organization.last_resource_link += 1;
        relation.resource = Some(organization.last_resource_link);
    }
}

fn replace_relations(relations: &mut Vec<Relation>, changes: &Changes) {
    relations.retain(|one| !changes.removed.iter().any(|removed| same_link(one, removed)));
    for changed in &changes.changed {
        for relation in relations.iter_mut().filter(|one| same_link(one, changed)) {
            relation.comment.clone_from(&changed.comment);
        }
    }
    relations.extend(changes.added.iter().cloned());
}

/// Writes at the other end what was written at this one.
fn mirror(organization: &mut Organization, id: u32, changes: &Changes, writer: Writer) {
    let both = [(&changes.added, 0), (&changes.removed, 1), (&changes.changed, 2)];
    for (relation, kind) in
        both.into_iter().flat_map(|(list, kind)| list.iter().map(move |one| (one, kind)))
    {
        let Target::Item(target) = relation.target else { continue };
        let opposite = relation_types::find(&relation.rel).and_then(|one| one.opposite);
        let Some((opposite, item)) = opposite.zip(organization.items.get_mut(&target)) else {
            continue;
        };
        let seen =
            Relation { rel: opposite.to_owned(), target: Target::Item(id), ..relation.clone() };
        let mut seen_changes = Changes::default();
        match kind {
            0 => seen_changes.added.push(seen),
            1 => seen_changes.removed.push(seen),
            _ => seen_changes.changed.push(seen),
        }
        replace_relations(&mut item.relations, &seen_changes);
        push_update(item, writer, &seen_changes);
    }
}
