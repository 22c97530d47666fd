//! The one shape of all events, made from a revision and the one before it.

use serde_json::{Map, Value, json};

use crate::trigger::Change;

/// What the service keeps for itself: it differs in every revision, or follows from other fields.
const KEPT_BY_SERVICE: [&str; 17] = [
    "System.Id",
    "System.Rev",
    "System.Watermark",
    "System.RevisedDate",
    "System.AuthorizedDate",
    "System.AuthorizedAs",
    "System.PersonId",
    "System.ChangedDate",
    "System.ChangedBy",
    "System.CommentCount",
    "System.History",
    "System.AreaId",
    "System.IterationId",
    "System.NodeName",
    "System.NodeType",
    "System.IsDeleted",
    "System.BoardColumnDone",
];
const LEVELS: [&str; 2] = ["System.AreaLevel", "System.IterationLevel"];

/// The event that `change` is, under the name of a trigger.
pub fn event(name: &str, change: &Change) -> Value {
    let fields = fields(&change.after);
    let text = |field: &str| fields.get(field).cloned().unwrap_or_default();
    let mut event = json!({
        "event": name,
        "workItem": {
            "id": change.after["id"],
            "rev": change.after["rev"],
            "project": text("System.TeamProject"),
            "type": text("System.WorkItemType"),
            "title": text("System.Title"),
            "state": text("System.State"),
            "url": change.after["webUrl"],
        },
        "changes": changes(change),
        "changedBy": text("System.ChangedBy"),
        "changedAt": text("System.ChangedDate"),
    });
    if let Some(category) = change.after["stateCategory"].as_str() {
        event["workItem"]["stateCategory"] = category.into();
    }
    if let Some(comment) = comment(change) {
        event["comment"] = comment;
    }
    event["workItem"]["fields"] = Value::Object(fields);
    event
}

/// Whether the revision is the item's first.
pub fn is_first(change: &Change) -> bool {
    change.after["rev"].as_i64() == Some(1)
}

/// Whether a field has another value than before, outside of deleting and restoring.
pub fn is_update(change: &Change) -> bool {
    !is_first(change)
        && !is_deleted(change)
        && !is_restored(change)
        && (change.before.is_none() || !changes(change).is_empty())
}

/// Whether the item is in the recycle bin since this revision.
pub fn is_deleted(change: &Change) -> bool {
    let was_deleted = change.before.as_ref().is_some_and(in_bin);
    in_bin(&change.after) && !was_deleted
}

/// Whether this revision took the item out of the recycle bin.
pub fn is_restored(change: &Change) -> bool {
    change.before.as_ref().is_some_and(in_bin) && !in_bin(&change.after)
}

fn in_bin(revision: &Value) -> bool {
    revision["fields"]["System.IsDeleted"].as_bool().unwrap_or(false)
}

/// What is said with this revision.
pub fn comment(change: &Change) -> Option<Value> {
    let text = change.after["fields"]["System.History"].as_str().filter(|text| !text.is_empty())?;
    let id = &change.after["commentVersionRef"]["commentId"];
    Some(json!({ "id": id, "text": text }))
}

/// The value of a field after this revision, if the revision gave it that: also the first one.
pub fn new_value(change: &Change, field: &str) -> Option<Value> {
    let after = shown(&change.after["fields"][field]);
    let is_new = match &change.before {
        Some(before) => shown(&before["fields"][field]) != after,
        None => is_first(change),
    };
    (is_new && !after.is_null()).then_some(after)
}

/// Every field that has another value than before. Nothing for the first revision, which has no
/// before, and for one whose before cannot be read.
pub fn changes(change: &Change) -> Map<String, Value> {
    let Some(before) = &change.before else { return Map::new() };
    let (old, new) = (fields(before), fields(&change.after));
    let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
    let mut changes = Map::new();
    for name in names.filter(|name| !is_kept_by_service(name)) {
        let value = |of: &Map<String, Value>| of.get(name).cloned().unwrap_or_default();
        let (old, new) = (value(&old), value(&new));
        if old != new {
            changes.insert(name.clone(), json!({ "old": old, "new": new }));
        }
    }
    changes
}

fn is_kept_by_service(name: &str) -> bool {
    KEPT_BY_SERVICE.contains(&name) || LEVELS.iter().any(|prefix| name.starts_with(prefix))
}

fn fields(revision: &Value) -> Map<String, Value> {
    let fields = revision["fields"].as_object();
    let fields = fields.into_iter().flatten();
    fields.map(|(name, value)| (name.clone(), shown(value))).collect()
}

/// A person is shown by id and names, without the links that differ from answer to answer.
fn shown(value: &Value) -> Value {
    let Some(person) = value.as_object().filter(|it| it.contains_key("displayName")) else {
        return value.clone();
    };
    let kept = ["id", "displayName", "uniqueName"];
    let kept =
        kept.iter().filter_map(|name| Some(((*name).to_owned(), person.get(*name)?.clone())));
    Value::Object(kept.collect())
}
