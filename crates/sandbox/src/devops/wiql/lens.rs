//! The items as a query sees them: now, or as they were at a moment.

use base::Timestamp;

use crate::devops::call::Call;
use crate::devops::state::{Organization, Relation, Revision, Target, WorkItem};
use crate::devops::work_items::links;

/// What a query looks through.
#[derive(Clone, Copy)]
pub struct Lens<'a> {
    /// The call that asks.
    pub call: &'a Call<'a>,
    /// Where.
    pub organization: &'a Organization,
    /// The past moment that is asked about.
    pub as_of: Option<Timestamp>,
    /// Whether items in the recycle bin are seen too.
    pub with_deleted: bool,
}

impl<'a> Lens<'a> {
    /// Every item that is seen, with what it is.
    pub fn items(&self) -> impl Iterator<Item = (&'a WorkItem, &'a Revision)> {
        let lens = *self;
        let items = self.organization.items.values();
        items.filter_map(move |item| Some((item, lens.revision(item)?)))
    }

    /// One item, if it is seen.
    pub fn item(&self, id: u32) -> Option<(&'a WorkItem, &'a Revision)> {
        let item = self.organization.items.get(&id)?;
        Some((item, self.revision(item)?))
    }

    /// What an item is.
    fn revision(&self, item: &'a WorkItem) -> Option<&'a Revision> {
        let revision = match self.as_of {
            None => item.current(),
            Some(time) => item.at(time)?,
        };
        let deleted = revision.fields.contains_key("System.IsDeleted");
        (self.with_deleted || !deleted).then_some(revision)
    }

    /// The links of an item to items that are seen.
    pub fn links(&self, item: &WorkItem) -> Vec<(String, u32)> {
        let relations = match self.as_of {
            None => item.relations.clone(),
            Some(time) => links::at(item, time),
        };
        let to_item = |relation: Relation| match relation.target {
            Target::Item(id) => self.item(id).map(|_| (relation.rel, id)),
            _ => None,
        };
        let mut links: Vec<(String, u32)> = relations.into_iter().filter_map(to_item).collect();
        links.sort_by_key(|(_, id)| *id);
        links
    }
}
