//! A change of a work item: what is wanted, and the document that makes it of the item as it is.

use base::{Error, ErrorKind, Result};
use serde_json::{Map, Value, json};

use super::api::Place;
use super::{links, patch, sameness};
use crate::action::Inputs;
use crate::context::ActionContext;
use crate::input;

/// The field that holds the parent's id.
const PARENT_FIELD: &str = "System.Parent";

/// What is wanted.
pub struct Change<'i> {
    /// Fields by reference name; null empties one.
    pub fields: Map<String, Value>,
    formats: Vec<Value>,
    added_tags: Vec<&'i str>,
    removed_tags: Vec<&'i str>,
    parent: Option<Value>,
    removes_parent: bool,
    added_links: Vec<Value>,
    removed_links: Vec<Value>,
    /// The comment that goes with it.
    pub comment: Option<&'i str>,
}

impl<'i> Change<'i> {
    /// The change that the inputs want.
    pub fn read(context: &ActionContext, inputs: &'i Inputs) -> Result<Self> {
        let organization = Place::of(inputs).organization_name(context)?;
        let relations = |key: &str| -> Result<Vec<Value>> {
            input::objects(inputs, key).map(|link| links::relation(&organization, link)).collect()
        };
        let parent = input::integer(inputs, "parent");
        Ok(Self {
            fields: patch::fields(context, inputs)?,
            formats: patch::formats(inputs),
            added_tags: input::texts(inputs, "add_tags"),
            removed_tags: input::texts(inputs, "remove_tags"),
            parent: parent.map(|id| links::parent(&organization, id)),
            removes_parent: input::is_true(inputs, "remove_parent"),
            added_links: relations("add_links")?,
            removed_links: relations("remove_links")?,
            comment: input::text(inputs, "comment"),
        })
    }

    /// Fails when somebody else has changed, since the item was seen, what this is to change.
    ///
    /// # Errors
    /// `conflicting_change`, with every such field in `meta.fields`.
    pub fn require_untouched(&self, seen: &Value, current: &Value) -> Result<()> {
        let mut touched: Vec<Value> = Vec::new();
        let mut compare = |field: &str, wanted: &Value| {
            let (before, now) = (&seen["fields"][field], &current["fields"][field]);
            if before != now && !sameness::of_values(wanted, now) {
                touched.push(json!({ "field": field, "seen": before, "current": now }));
            }
        };
        for (field, wanted) in &self.fields {
            compare(field, wanted);
        }
        if let Some(parent) = &self.parent {
            let wanted = parent["url"].as_str().and_then(links::work_item);
            compare(PARENT_FIELD, &wanted.into());
        } else if self.removes_parent {
            compare(PARENT_FIELD, &Value::Null);
        }
        if touched.is_empty() { Ok(()) } else { Err(conflict(seen, current, touched)) }
    }

    /// The document that makes the change of the item as it is now. None when nothing is to be
    /// changed any more.
    pub fn document(&self, current: &Value) -> Option<Vec<Value>> {
        let mut document: Vec<Value> = Vec::new();
        for (field, wanted) in &self.fields {
            let now = &current["fields"][field];
            match wanted {
                _ if sameness::of_values(wanted, now) => {}
                Value::Null => document.push(patch::clear(field)),
                _ if field == patch::TAGS => document.push(patch::replace(field, wanted.clone())),
                _ => document.push(patch::set(field, wanted.clone())),
            }
        }
        document.extend(self.formats.iter().filter(|format| !has_format(current, format)).cloned());
        document.extend(self.tags(current));
        document.extend(self.relations(current));
        if let Some(comment) = self.comment {
            document.push(patch::set(patch::HISTORY, comment.into()));
        }
        if document.is_empty() {
            return None;
        }
        document.insert(0, patch::test_revision(current["rev"].as_i64().unwrap_or_default()));
        Some(document)
    }

    fn tags(&self, current: &Value) -> Option<Value> {
        let written = match self.fields.get(patch::TAGS) {
            Some(wanted) => wanted.as_str(),
            None => current["fields"][patch::TAGS].as_str(),
        };
        let split = |text: &'i str| text.split(';').map(str::trim).filter(|tag| !tag.is_empty());
        let present: Vec<&str> = written.unwrap_or_default().split(';').map(str::trim).collect();
        let mut tags: Vec<&str> = present.iter().copied().filter(|tag| !tag.is_empty()).collect();
        let before = tags.len();
        let is = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
        tags.retain(|tag| !self.removed_tags.iter().any(|removed| is(tag, removed)));
        let mut changed = tags.len() != before;
        for tag in self.added_tags.iter().flat_map(|text| split(text)) {
            if !tags.iter().any(|one| is(one, tag)) {
                tags.push(tag);
                changed = true;
            }
        }
        match (changed, tags.is_empty()) {
            (false, _) => None,
            (true, true) => Some(patch::clear(patch::TAGS)),
            (true, false) => Some(patch::replace(patch::TAGS, tags.join("; ").into())),
        }
    }

    /// Removals come first and from the end, so that the places of the others stay what they were.
    fn relations(&self, current: &Value) -> Vec<Value> {
        let present = current["relations"].as_array().map_or(&[][..], Vec::as_slice);
        let is_present = |wanted: &Value| present.iter().any(|one| links::same(one, wanted));
        let leaves = |one: &Value| {
            let is_parent = one["rel"] == links::PARENT;
            let other_parent = self.parent.as_ref().is_some_and(|wanted| !links::same(one, wanted));
            (is_parent && (self.removes_parent || other_parent))
                || self.removed_links.iter().any(|removed| links::same(one, removed))
        };
        let places = present.iter().enumerate().rev().filter(|(_, one)| leaves(one));
        let mut operations: Vec<Value> = places.map(|(place, _)| patch::unrelate(place)).collect();
        let added = self.parent.iter().chain(&self.added_links);
        let added = added.filter(|wanted| !is_present(wanted));
        operations.extend(added.map(|wanted| patch::relate(wanted.clone())));
        operations
    }
}

fn has_format(current: &Value, operation: &Value) -> bool {
    let path = operation["path"].as_str().unwrap_or_default();
    let field = path.rsplit('/').next().unwrap_or_default();
    let now = current["multilineFieldsFormat"][field].as_str().unwrap_or("html");
    operation["value"].as_str().is_some_and(|wanted| wanted.eq_ignore_ascii_case(now))
}

fn conflict(seen: &Value, current: &Value, touched: Vec<Value>) -> Error {
    let names: Vec<&str> = touched.iter().filter_map(|one| one["field"].as_str()).collect();
    let message = format!(
        "Somebody else changed {} of work item {} since revision {}: read the item again and decide.",
        names.join(", "),
        current["id"],
        seen["rev"],
    );
    Error::new(ErrorKind::Conflict, "conflicting_change", message).with_meta(json!({
        "isIntegrationError": true,
        "fields": touched,
        "seenRevision": seen["rev"],
        "currentRevision": current["rev"],
    }))
}
