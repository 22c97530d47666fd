//! How files differ from what the server has. What counts is what they say, not how it is written.

use std::collections::BTreeSet;

use serde_json::Value;
use similar::TextDiff;

use super::folder::{Files, slug_of};
use super::{layout, yaml};

/// How many lines around a change are shown.
const CONTEXT_LINES: usize = 3;

/// A file that differs.
#[derive(Debug, PartialEq)]
pub struct Difference {
    /// Its name.
    pub name: String,
    /// What the folder says; none when it has no such file.
    pub ours: Option<Value>,
    /// What the server says; none when it has no such thing.
    pub theirs: Option<Value>,
}

/// Every file that differs, by name.
pub fn all(ours: &Files, theirs: &Files) -> Vec<Difference> {
    let (ours, theirs) = (ours.by_name(), theirs.by_name());
    let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let different = names.into_iter().filter(|name| ours.get(*name) != theirs.get(*name));
    different
        .map(|name| Difference {
            name: name.clone(),
            ours: ours.get(name).map(|one| (*one).clone()),
            theirs: theirs.get(name).map(|one| (*one).clone()),
        })
        .collect()
}

impl Difference {
    /// The difference as a patch that would make the server's into the folder's.
    pub fn shown(&self) -> String {
        let text = |document: &Option<Value>| match document {
            None => String::new(),
            Some(document) => {
                let shown = match slug_of(&self.name) {
                    Some(_) => layout::integration(document),
                    None => layout::workflow(document),
                };
                yaml::write(&shown, document)
            }
        };
        let (theirs, ours) = (text(&self.theirs), text(&self.ours));
        let (before, after) = (format!("server/{}", self.name), format!("folder/{}", self.name));
        let diff = TextDiff::from_lines(&theirs, &ours);
        diff.unified_diff().context_radius(CONTEXT_LINES).header(&before, &after).to_string()
    }
}
