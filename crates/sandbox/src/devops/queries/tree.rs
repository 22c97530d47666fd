//! The folders of saved queries: everybody's own, and those that all share.

use base::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::devops::state::{Project, derived_id};

/// The name of the folder of one's own queries.
const MINE: &str = "My Queries";
/// The name of the folder of those that all share.
const SHARED: &str = "Shared Queries";

/// A saved query, or a folder of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SavedQuery {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The query; none of a folder.
    pub wiql: Option<String>,
    /// What is in a folder.
    pub children: Vec<Self>,
    /// Who made it, and when; nobody made the first folders.
    pub created: Option<(Uuid, Timestamp)>,
    /// Who changed it last, and when.
    pub changed: Option<(Uuid, Timestamp)>,
}

impl SavedQuery {
    /// A folder, or a query with a text.
    pub fn new(id: Uuid, name: &str, wiql: Option<&str>, by: Option<(Uuid, Timestamp)>) -> Self {
        Self {
            id,
            name: name.to_owned(),
            wiql: wiql.map(str::to_owned),
            children: Vec::new(),
            created: by,
            changed: by,
        }
    }

    /// Whether it is a folder.
    pub const fn is_folder(&self) -> bool {
        self.wiql.is_none()
    }
}

/// Everything saved in a project that one person sees.
pub struct Tree {
    /// The two first folders.
    pub roots: [SavedQuery; 2],
}

/// A node with what is known of its place.
#[derive(Clone, Debug)]
pub struct Found<'t> {
    /// The node.
    pub node: &'t SavedQuery,
    /// The names from the first folder down to it, joined by slashes.
    pub path: String,
    /// The folder it is in.
    pub parent: Option<Uuid>,
    /// Whether all see it.
    pub is_public: bool,
}

impl Tree {
    /// What an account sees.
    pub fn of(project: &Project, account: Uuid) -> Self {
        let mine = project.own_queries.get(&account).cloned().unwrap_or_default();
        let root = |name: &str, key: String, children| SavedQuery {
            children,
            ..SavedQuery::new(derived_id(&key), name, None, None)
        };
        Self {
            roots: [
                root(MINE, format!("my queries {} {account}", project.id), mine),
                root(
                    SHARED,
                    format!("shared queries {}", project.id),
                    project.shared_queries.clone(),
                ),
            ],
        }
    }

    /// Every node, a folder before what is in it.
    pub fn all(&self) -> Vec<Found<'_>> {
        let mut found = Vec::new();
        let [mine, shared] = &self.roots;
        for (root, is_public) in [(mine, false), (shared, true)] {
            let mut open =
                vec![Found { node: root, path: root.name.clone(), parent: None, is_public }];
            while let Some(one) = open.pop() {
                let children = one.node.children.iter().rev().map(|child| Found {
                    node: child,
                    path: format!("{}/{}", one.path, child.name),
                    parent: Some(one.node.id),
                    is_public,
                });
                open.extend(children);
                found.push(one);
            }
        }
        found
    }

    /// The node of a path, in any letter case, or of an id.
    pub fn find(&self, path_or_id: &str) -> Option<Found<'_>> {
        let id = Uuid::try_parse(path_or_id).ok();
        let path = path_or_id.trim_matches('/');
        let same = |one: &Found<'_>| Some(one.node.id) == id || one.path.eq_ignore_ascii_case(path);
        self.all().into_iter().find(same)
    }
}

/// What is in a folder, to change it.
pub fn folder_mut(
    project: &mut Project,
    account: Uuid,
    folder: Uuid,
) -> Option<&mut Vec<SavedQuery>> {
    let [mine, shared] = Tree::of(project, account).roots;
    if folder == shared.id {
        return Some(&mut project.shared_queries);
    }
    if folder == mine.id {
        return Some(project.own_queries.entry(account).or_default());
    }
    let own = project.own_queries.entry(account).or_default();
    let inside = own.iter_mut().chain(&mut project.shared_queries);
    inside.into_iter().find_map(|node| within(node, folder)).map(|node| &mut node.children)
}

/// A node that is no first folder, to change it.
pub fn node_mut(project: &mut Project, account: Uuid, id: Uuid) -> Option<&mut SavedQuery> {
    let own = project.own_queries.entry(account).or_default();
    own.iter_mut().chain(&mut project.shared_queries).find_map(|node| within(node, id))
}

fn within(node: &mut SavedQuery, id: Uuid) -> Option<&mut SavedQuery> {
    if node.id == id {
        return Some(node);
    }
    node.children.iter_mut().find_map(|child| within(child, id))
}
