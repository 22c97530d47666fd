//! What Azure DevOps remembers of an organization: projects, teams, trees and work items with
//! their whole history.

use std::collections::BTreeMap;

use base::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::catalog::{self, ItemType, Process};
use super::hooks::state::Hooks;
use super::queries::tree::SavedQuery;

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
    /// The last number given to a comment.
    #[serde(default)]
    pub last_comment: u32,
    /// Who has asked to be told of what happens.
    #[serde(default)]
    pub hooks: Hooks,
    /// What the call at hand did to items, for the hooks; empty between calls.
    #[serde(skip)]
    pub happenings: Vec<Happening>,
}

/// One thing that was done to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happening {
    /// What.
    pub kind: Kind,
    /// The item.
    pub item: u32,
    /// The update of the item that records it.
    pub update: u32,
}

/// What can be done to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It was made.
    Created,
    /// Fields, links or comments changed.
    Updated,
    /// Something new was said.
    Commented,
    /// It went to the recycle bin.
    Deleted,
    /// It came back.
    Restored,
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
    /// Saved queries that all share.
    #[serde(default)]
    pub shared_queries: Vec<SavedQuery>,
    /// Saved queries of one person each.
    #[serde(default)]
    pub own_queries: BTreeMap<Uuid, Vec<SavedQuery>>,
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
    /// What was said about it, the oldest first, the deleted comments too.
    #[serde(default)]
    pub comments: Vec<Comment>,
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
    /// The version of a comment that was made with it.
    #[serde(default)]
    pub comment: Option<CommentMark>,
}

/// One version of one comment, by numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentMark {
    /// The comment.
    pub comment: u32,
    /// The version.
    pub version: u32,
}

/// A comment with all it ever was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Comment {
    /// Its number, unique in the organization.
    pub id: u32,
    /// Its versions, the oldest first; never empty.
    pub versions: Vec<CommentVersion>,
}

/// What a comment was from one change to the next.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CommentVersion {
    /// Its number, from 1.
    pub number: u32,
    /// The revision of the item it was made in.
    pub rev: u32,
    /// What it says.
    pub text: String,
    /// Whether that is Markdown and not HTML.
    pub is_markdown: bool,
    /// When it was made.
    pub at: Timestamp,
    /// The account that made it.
    pub by: Uuid,
    /// Whether it takes the comment away.
    pub is_deleted: bool,
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

impl Project {
    /// Every iteration that has dates, by the path that fields hold, in the order of their start.
    pub fn dated_iterations(&self) -> Vec<(String, &Node)> {
        let mut dated = self.iterations.all();
        dated.retain(|(_, node)| node.dates.is_some());
        dated.sort_by_key(|(_, node)| node.dates);
        dated
    }

    /// The iteration of a moment: the last that has begun.
    pub fn iteration_of(&self, now: Timestamp) -> Option<(String, &Node)> {
        let begun = |node: &Node| node.dates.is_some_and(|(start, _)| start <= now);
        self.dated_iterations().into_iter().rev().find(|(_, node)| begun(node))
    }
}

impl Node {
    /// Every node of the tree with the path that fields hold, parents first.
    pub fn all(&self) -> Vec<(String, &Self)> {
        let mut found = Vec::new();
        let mut open = vec![(self.name.clone(), self)];
        while let Some((path, node)) = open.pop() {
            let below = |child: &'_ Self| format!("{path}\\{}", child.name);
            open.extend(node.children.iter().rev().map(|child| (below(child), child)));
            found.push((path, node));
        }
        found
    }

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
    /// One that has a number and nothing else yet.
    pub fn unwritten(id: u32) -> Self {
        Self {
            id,
            revisions: Vec::new(),
            updates: Vec::new(),
            relations: Vec::new(),
            deleted: None,
            comments: Vec::new(),
        }
    }

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

    /// How many comments it had at a revision.
    pub fn comment_count(&self, rev: u32) -> usize {
        let stands = |comment: &&Comment| {
            let version = comment.versions.iter().rev().find(|version| version.rev <= rev);
            version.is_some_and(|version| !version.is_deleted)
        };
        self.comments.iter().filter(stands).count()
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
