//! Makes a finished draft the newest revision of an item, at both ends of its links.

use base::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::relation_types;
use crate::devops::problem::Problem;
use crate::devops::state::{
    Comment, CommentMark, CommentVersion, Fields, Happening, Kind, Organization, Relation,
    Revision, Target, Update, WorkItem, text,
};

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
    let item = organization.items.entry(id).or_insert_with(|| WorkItem::unwritten(id));
    check_revisions(item)?;
    let mut next = Next {
        fields: plan.fields,
        markdown: plan.markdown,
        comment: None,
        is_import: plan.is_import,
    };
    next.take_comment();
    let revises = is_new
        || plan.fields_changed
        || changes.lead_elsewhere()
        || item.revisions.last().is_some_and(|last| last.markdown != next.markdown);
    replace_relations(&mut item.relations, &changes);
    let says_something = next.comment.is_some();
    if revises {
        push_revision(organization, id, next, writer);
    }
    if revises || !changes.is_empty() {
        let kind = if is_new { Kind::Created } else { Kind::Updated };
        push_update(organization, id, writer, &changes, kind);
    }
    if says_something {
        happened(organization, id, Kind::Commented);
    }
    mirror(organization, id, &changes, writer);
    Ok(id)
}

/// Adds a revision that differs from the last in what `change` does to its fields.
pub fn revise(
    organization: &mut Organization,
    id: u32,
    writer: Writer,
    kind: Kind,
    change: impl FnOnce(&mut Fields),
) {
    let Some(item) = organization.items.get(&id) else { return };
    let mut next = Next::after(item);
    change(&mut next.fields);
    push_revision(organization, id, next, writer);
    push_update(organization, id, writer, &Changes::default(), kind);
}

/// Adds a revision that says something new about an item, or changes what was said.
pub fn discuss(
    organization: &mut Organization,
    id: u32,
    writer: Writer,
    change: Said,
) -> Result<(), Problem> {
    let item = organization.item(id).ok_or_else(|| Problem::no_work_item(id))?;
    check_revisions(item)?;
    let is_new = change.comment.is_none();
    let mut next = Next::after(item);
    if is_new {
        next.fields.insert("System.History".to_owned(), json!(change.text));
    }
    next.comment = Some(change);
    push_revision(organization, id, next, writer);
    push_update(organization, id, writer, &Changes::default(), Kind::Updated);
    if is_new {
        happened(organization, id, Kind::Commented);
    }
    Ok(())
}

/// What is said with a revision.
pub struct Said {
    /// The comment that says something else now; none for a new one.
    pub comment: Option<u32>,
    /// What it says.
    pub text: String,
    /// Whether that is Markdown and not HTML.
    pub is_markdown: bool,
    /// Whether the comment goes away.
    pub is_deleted: bool,
}

/// A revision to be.
struct Next {
    fields: Fields,
    markdown: Vec<String>,
    comment: Option<Said>,
    is_import: bool,
}

impl Next {
    /// Like the last revision, without what was said in it.
    fn after(item: &WorkItem) -> Self {
        let last = item.current();
        let (mut fields, markdown) = (last.fields.clone(), last.markdown.clone());
        fields.remove("System.History");
        Self { fields, markdown, comment: None, is_import: false }
    }

    /// What the field of the discussion says is a comment.
    fn take_comment(&mut self) {
        let is_markdown = self.markdown.iter().any(|field| field == "System.History");
        self.markdown.retain(|field| field != "System.History");
        let text = text(&self.fields, "System.History");
        self.comment = (!text.is_empty()).then(|| Said {
            comment: None,
            text: text.to_owned(),
            is_markdown,
            is_deleted: false,
        });
    }
}

fn check_revisions(item: &WorkItem) -> Result<(), Problem> {
    if item.revisions.len() < MAX_REVISIONS {
        return Ok(());
    }
    Err(Problem::tracking(
        "WorkItemRevisionLimitExceededException",
        format!(
            "VS402625: Work item {} has {MAX_REVISIONS} revisions, the most there can be.",
            item.id
        ),
    ))
}

fn push_revision(organization: &mut Organization, id: u32, next: Next, writer: Writer) {
    let Some(item) = organization.items.get_mut(&id) else { return };
    let Next { mut fields, markdown, comment, is_import } = next;
    if !is_import {
        let date = json!(writer.now.to_rfc3339());
        fields.insert("System.ChangedDate".to_owned(), date.clone());
        fields.insert("System.ChangedBy".to_owned(), json!(writer.account));
        fields.entry("System.CreatedDate").or_insert(date);
        fields.entry("System.CreatedBy").or_insert(json!(writer.account));
    }
    organization.watermark += 1;
    let rev = item.revisions.last().map_or(1, |last| last.rev + 1);
    let comment = comment.map(|said| note(item, &mut organization.last_comment, said, rev, writer));
    item.revisions.push(Revision {
        rev,
        watermark: organization.watermark,
        at: writer.now,
        by: writer.account,
        fields,
        markdown,
        comment,
    });
}

/// Writes down what was said.
fn note(item: &mut WorkItem, last: &mut u32, said: Said, rev: u32, writer: Writer) -> CommentMark {
    let id = said.comment.unwrap_or_else(|| {
        *last += 1;
        *last
    });
    let at = item.comments.iter().position(|one| one.id == id).unwrap_or_else(|| {
        item.comments.push(Comment { id, versions: Vec::new() });
        item.comments.len() - 1
    });
    let versions = &mut item.comments[at].versions;
    let number = versions.last().map_or(1, |last| last.number + 1);
    versions.push(CommentVersion {
        number,
        rev,
        text: said.text,
        is_markdown: said.is_markdown,
        at: writer.now,
        by: writer.account,
        is_deleted: said.is_deleted,
    });
    CommentMark { comment: id, version: number }
}

fn push_update(
    organization: &mut Organization,
    id: u32,
    writer: Writer,
    changes: &Changes,
    kind: Kind,
) {
    let Some(item) = organization.items.get_mut(&id) else { return };
    let number = item.updates.last().map_or(1, |last| last.id + 1);
    let rev = item.current().rev;
    item.updates.push(Update {
        id: number,
        rev,
        at: writer.now,
        by: writer.account,
        added: changes.added.clone(),
        removed: changes.removed.clone(),
        changed: changes.changed.clone(),
    });
    happened(organization, id, kind);
}

/// Remembers what the last update of an item did, for the hooks.
fn happened(organization: &mut Organization, item: u32, kind: Kind) {
    let updates = organization.items.get(&item).map(|item| &item.updates);
    let update = updates.and_then(|updates| updates.last()).map_or(0, |last| last.id);
    organization.happenings.push(Happening { kind, item, update });
}

fn same_link(one: &Relation, other: &Relation) -> bool {
    one.rel == other.rel && one.target == other.target
}

impl Changes {
    /// Whether a link to something that is no work item is among them.
    fn lead_elsewhere(&self) -> bool {
        let mut all = self.added.iter().chain(&self.removed).chain(&self.changed);
        all.any(|relation| !matches!(relation.target, Target::Item(_)))
    }

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
        push_update(organization, target, writer, &seen_changes, Kind::Updated);
    }
}
