//! A node with the way to it.

use super::Group;
use crate::devops::state::{Node, Project};

/// A node of a tree, known by its way from the root.
#[derive(Clone, Debug)]
pub struct Place<'t> {
    /// Which tree.
    pub group: Group,
    way: Vec<&'t Node>,
}

impl<'t> Place<'t> {
    /// The root of a tree.
    pub fn root(project: &'t Project, group: Group) -> Self {
        Self { group, way: vec![group.tree(project)] }
    }

    /// The node of a path below the root, `A/B`; the root of an empty one.
    pub fn find(project: &'t Project, group: Group, path: &str) -> Option<Self> {
        let mut place = Self::root(project, group);
        for name in path.split(['/', '\\']).filter(|name| !name.is_empty()) {
            let mut children = place.node().children.iter();
            place.way.push(children.find(|child| child.name.eq_ignore_ascii_case(name))?);
        }
        Some(place)
    }

    /// Every node of a tree.
    pub fn all(project: &'t Project, group: Group) -> Vec<Self> {
        let mut found = Vec::new();
        let mut open = vec![Self::root(project, group)];
        while let Some(place) = open.pop() {
            open.extend(place.children());
            found.push(place);
        }
        found
    }

    /// The node itself.
    pub fn node(&self) -> &'t Node {
        self.way.last().expect("a way has its root")
    }

    /// The nodes right below it.
    pub fn children(&self) -> Vec<Self> {
        let below = |child| {
            let mut way = self.way.clone();
            way.push(child);
            Self { group: self.group, way }
        };
        self.node().children.iter().map(below).collect()
    }

    /// The node right above it.
    pub fn parent(&self) -> Option<Self> {
        let (_, above) = self.way.split_last()?;
        (!above.is_empty()).then(|| Self { group: self.group, way: above.to_vec() })
    }

    /// The names below the root.
    pub fn names(&self) -> Vec<&'t str> {
        self.way.iter().skip(1).map(|node| node.name.as_str()).collect()
    }

    /// The path that fields hold: `Project\A\B`.
    pub fn field_path(&self) -> String {
        self.way.iter().map(|node| node.name.as_str()).collect::<Vec<_>>().join("\\")
    }
}
