//! What an item holds in a field, in a form that can be compared.

use std::cmp::Ordering;

use base::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::lens::Lens;
use crate::devops::catalog::fields::{Field, Kind};
use crate::devops::identity;
use crate::devops::state::{Revision, WorkItem};
use crate::devops::time;
use crate::devops::work_items::links;
use crate::devops::work_items::render::View;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Held {
    /// The field is empty.
    Nothing,
    /// True or false.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A moment.
    Moment(Timestamp),
    /// A text, in lower case, as comparisons do not mind the case.
    Text(String),
    /// Someone, with their name and address in lower case.
    Person(Uuid, String),
}

impl Held {
    /// A text.
    pub fn text(text: &str) -> Self {
        if text.is_empty() { Self::Nothing } else { Self::Text(text.to_lowercase()) }
    }

    /// Someone with an account.
    pub fn person(lens: &Lens<'_>, account: Uuid) -> Self {
        Self::Person(account, identity::in_words(lens.call.directory, account).to_lowercase())
    }

    /// Whether both are the same; an empty switch is off.
    pub fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Person(one, _), Self::Person(other, _)) => one == other,
            (Self::Nothing, Self::Flag(false)) | (Self::Flag(false), Self::Nothing) => true,
            _ => self == other,
        }
    }

    /// The order of rows: what is empty comes first.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Flag(one), Self::Flag(other)) => one.cmp(other),
            (Self::Number(one), Self::Number(other)) => one.total_cmp(other),
            (Self::Moment(one), Self::Moment(other)) => one.cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Person(_, one), Self::Person(_, other)) => one.cmp(other),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Flag(_) => 1,
            Self::Number(_) => 2,
            Self::Moment(_) => 3,
            Self::Text(_) => 4,
            Self::Person(..) => 5,
        }
    }
}

/// What a revision of an item holds in a field.
pub fn of(lens: &Lens<'_>, item: &WorkItem, revision: &Revision, field: &Field) -> Held {
    match field.reference {
        "System.Id" => return Held::Number(f64::from(item.id)),
        "System.Rev" => return Held::Number(f64::from(revision.rev)),
        "System.Watermark" => return Held::Number(f64::from(revision.watermark)),
        "System.AuthorizedDate" => return Held::Moment(revision.at),
        "System.AuthorizedAs" => return Held::person(lens, revision.by),
        _ => {}
    }
    if let Some(value) = revision.fields.get(field.reference) {
        return read(lens, field, value);
    }
    if !is_worked_out(field.reference) {
        return Held::Nothing;
    }
    let relations = match lens.as_of {
        None => item.relations.clone(),
        Some(time) => links::at(item, time),
    };
    let view = View::of_revision(item, revision, relations);
    let all = view.all_fields(lens.organization);
    all.get(field.reference).map_or(Held::Nothing, |value| read(lens, field, value))
}

/// Whether the service works the field out from others.
fn is_worked_out(reference: &str) -> bool {
    ["System.Area", "System.Iteration"].iter().any(|start| reference.starts_with(start))
        || ["System.NodeName", "System.Parent", "System.CommentCount", "System.RevisedDate"]
            .contains(&reference)
}

fn read(lens: &Lens<'_>, field: &Field, value: &Value) -> Held {
    let text = value.as_str().unwrap_or_default();
    match field.kind {
        Kind::Integer | Kind::Double => value.as_f64().map_or(Held::Nothing, Held::Number),
        Kind::Boolean => value.as_bool().map_or(Held::Nothing, Held::Flag),
        Kind::DateTime => time::parse(text).map_or(Held::Nothing, Held::Moment),
        Kind::Identity => text.parse().map_or(Held::Nothing, |account| Held::person(lens, account)),
        Kind::Text | Kind::PlainText | Kind::Html | Kind::History | Kind::TreePath => {
            Held::text(text)
        }
    }
}
