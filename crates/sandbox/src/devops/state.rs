//! What Azure DevOps remembers of an organization: projects, teams, trees and work items with
//! their whole history.

use std::collections::BTreeMap;

use base::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::catalog::{self, ItemType, Process};

/// The time at which the newest revision ends: never.
pub const FOREVER: &str = "9999-01-01T00:00:00Z";

/// Values of fields by reference name; an empty field is absent.
pub type Fields = Map<String, Value>;

/// One organization.
#[derive(Debug, Serialize, Deserialize)]
pub struct Organization {
    /// Its name in addresses.
    pub name: String,
    /// Its id.
    pub id: Uuid,
    /// The tenant whose people it admits.
    pub tenant: Uuid,
    /// Its projects.
    pub projects: Vec<Project>,
    /// Its work items by id, the deleted ones too.
    pub items: BTreeMap<u32, WorkItem>,
    /// What was uploaded.
    pub attachments: BTreeMap<Uuid, Attachment>,
    /// The last number given to a work item.
    pub last_item: u32,
    /// The last number given to a link to something that is no work item.
    pub last_resource_link: u32,
    /// Counts every revision of every item: the mark up to which a reader has read.
    pub watermark: u32,
}

/// One project.
#[derive(Debug, Serialize, Deserialize)]
pub struct Project {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The name of its process.
    pub process: String,
    /// Changes with every change of the project.
    pub revision: u32,
    /// When it last changed.
    pub updated: Timestamp,
    /// Its teams, the default one first.
    pub teams: Vec<Team>,
    /// The root of its areas; its name is the project's.
    pub areas: Node,
    /// The root of its iterations; its name is the project's.
    pub iterations: Node,
}

/// One team.
#[derive(Debug, Serialize, Deserialize)]
pub struct Team {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Account ids of its members, its administrators first.
    pub members: Vec<Uuid>,
    /// How many of the members administer it.
    pub administrators: usize,
}

/// A node in the tree of areas or of iterations.
#[derive(Debug, Serialize, Deserialize)]
pub struct Node {
    /// Its number.
    pub id: u32,
    /// Its id.
    pub identifier: Uuid,
    /// Its name.
    pub name: String,
    /// First and last day, of an iteration that has dates.
    pub dates: Option<(Timestamp, Timestamp)>,
    /// What is below it.
    pub children: Vec<Self>,
}

/// One work item.
#[derive(Debug, Serialize, Deserialize)]
pub struct WorkItem {
    /// Its number.
    pub id: u32,
    /// What it was after each change of a field, the oldest first; never empty.
    pub revisions: Vec<Revision>,
    /// What each write did, the oldest first. A new link to another item is an update without a
    /// new revision.
    pub updates: Vec<Update>,
    /// Its links as they are.
    pub relations: Vec<Relation>,
    /// Who put it into the recycle bin, and when.
    pub deleted: Option<Deletion>,
}

/// What an item was from one change to the next.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Revision {
    /// Its number, from 1.
    pub rev: u32,
    /// Its place among the revisions of all items.
    pub watermark: u32,
    /// When it was made.
    pub at: Timestamp,
    /// The account that made it.
    pub by: Uuid,
    /// Every field that holds something. People are held as the text of their account id.
    pub fields: Fields,
    /// The long texts that are Markdown and not HTML.
    pub markdown: Vec<String>,
}

/// What one write did.
#[derive(Debug, Serialize, Deserialize)]
pub struct Update {
    /// Its number, from 1.
    pub id: u32,
    /// The revision after it.
    pub rev: u32,
    /// When.
    pub at: Timestamp,
    /// The account that wrote.
    pub by: Uuid,
    /// Links that are new.
    pub added: Vec<Relation>,
    /// Links that are gone.
    pub removed: Vec<Relation>,
    /// Links whose attributes changed.
    pub changed: Vec<Relation>,
}

/// One link of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// `System.LinkTypes.Hierarchy-Forward`.
    pub rel: String,
    /// Where to.
    pub target: Target,
    /// When it was made.
    pub since: Timestamp,
    /// What its maker said about it.
    pub comment: Option<String>,
    /// The number of a link to something that is no work item.
    pub resource: Option<u32>,
    /// The name of the thing it leads to: a file name, or the kind of artifact.
    pub name: Option<String>,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// To a work item of the organization.
    Item(u32),
    /// To an attachment of the organization.
    Attachment(Uuid),
    /// Anywhere else.
    Url(String),
}

/// Who deleted an item, and when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deletion {
    /// When.
    pub at: Timestamp,
    /// The account.
    pub by: Uuid,
}

/// An uploaded file; its bytes are kept on disk under its id.
#[derive(Debug, Serialize, Deserialize)]
pub struct Attachment {
    /// The name it was uploaded under.
    pub file_name: String,
    /// How many bytes are there.
    pub size: u64,
    /// How many there will be, of an upload in chunks that is not finished.
    pub expected: Option<u64>,
    /// When it was uploaded.
    pub created: Timestamp,
}

impl Organization {
    /// The project with this name, in any letter case, or this id.
    pub fn project(&self, name_or_id: &str) -> Option<&Project> {
        let id = Uuid::try_parse(name_or_id).ok();
        self.projects
            .iter()
            .find(|project| Some(project.id) == id || project.name.eq_ignore_ascii_case(name_or_id))
    }

    /// The item of this number, unless it is deleted.
    pub fn item(&self, id: u32) -> Option<&WorkItem> {
        self.items.get(&id).filter(|item| item.deleted.is_none())
    }

    /// The project an item is in.
    pub fn project_of(&self, fields: &Fields) -> Option<&Project> {
        self.project(text(fields, "System.TeamProject"))
    }

    /// The id of an account inside this organization: not the id of its profile, which is why
    /// the one cannot be used for the other.
    pub fn identity_id(&self, account: Uuid) -> Uuid {
        identity_id(self.id, account)
    }
}

impl Project {
    /// Its process.
    pub fn process(&self) -> &'static Process {
        catalog::named(&self.process).unwrap_or(catalog::PROCESSES[0])
    }

    /// One of its work item types.
    pub fn item_type(&self, name: &str) -> Option<&'static ItemType> {
        self.process().item_type(name)
    }

    /// The team with this name, in any letter case, or this id.
    pub fn team(&self, name_or_id: &str) -> Option<&Team> {
        let id = Uuid::try_parse(name_or_id).ok();
        self.teams
            .iter()
            .find(|team| Some(team.id) == id || team.name.eq_ignore_ascii_case(name_or_id))
    }
}

impl Node {
    /// The nodes from this one down to the one a field's value names (`Project\A\B`), and the
    /// path as the tree spells it.
    pub fn walk(&self, path: &str) -> Option<Vec<&Self>> {
        let mut names = path.split('\\');
        if !names.next()?.eq_ignore_ascii_case(&self.name) {
            return None;
        }
        let mut way = vec![self];
        for name in names {
            let child =
                way.last()?.children.iter().find(|child| child.name.eq_ignore_ascii_case(name))?;
            way.push(child);
        }
        Some(way)
    }
}

/// The path of a field's value, as the tree spells it.
pub fn path_of(way: &[&Node]) -> String {
    way.iter().map(|node| node.name.as_str()).collect::<Vec<_>>().join("\\")
}

impl WorkItem {
    /// What it is now.
    ///
    /// # Panics
    /// When it has no revision, which no item ever is without.
    pub fn current(&self) -> &Revision {
        self.revisions.last().expect("an item has at least one revision")
    }

    /// What it was at a time; `None` before it was created.
    pub fn at(&self, time: Timestamp) -> Option<&Revision> {
        self.revisions.iter().rev().find(|revision| revision.at <= time)
    }

    /// The name of its type.
    pub fn type_name(&self) -> &str {
        text(&self.current().fields, "System.WorkItemType")
    }
}

/// The id of an account inside an organization.
pub fn identity_id(organization: Uuid, account: Uuid) -> Uuid {
    derived_id(&format!("identity {organization} {account}"))
}

/// The text of a field; empty when it holds none.
pub fn text<'a>(fields: &'a Fields, field: &str) -> &'a str {
    fields.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The id that always belongs to `name`, for things whose id nobody chose.
pub fn derived_id(name: &str) -> Uuid {
    let digest = Sha256::digest(name);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_random_bytes(bytes).into_uuid()
}
