//! Links of a work item as inputs name them.

use base::{Error, Result};
use serde_json::{Value, json};

use super::api;
use crate::action::Inputs;
use crate::descriptor::{Choice, Field, Fields, Kind, Options};
use crate::input;

/// The most links of one call.
const LINKS_MAX: usize = 100;

/// The relation to the parent.
pub const PARENT: &str = "System.LinkTypes.Hierarchy-Reverse";
/// The relation to an address in the web.
pub const HYPERLINK: &str = "Hyperlink";

/// Short names of relation types.
const TYPES: [(&str, &str, &str); 10] = [
    ("parent", "Parent", PARENT),
    ("child", "Child", "System.LinkTypes.Hierarchy-Forward"),
    ("related", "Related", "System.LinkTypes.Related"),
    ("predecessor", "Predecessor", "System.LinkTypes.Dependency-Reverse"),
    ("successor", "Successor", "System.LinkTypes.Dependency-Forward"),
    ("duplicate", "Duplicate", "System.LinkTypes.Duplicate-Forward"),
    ("duplicate_of", "Duplicate of", "System.LinkTypes.Duplicate-Reverse"),
    ("tested_by", "Tested by", "Microsoft.VSTS.Common.TestedBy-Forward"),
    ("tests", "Tests", "Microsoft.VSTS.Common.TestedBy-Reverse"),
    ("hyperlink", "Hyperlink", HYPERLINK),
];

/// An input with links.
pub fn field(key: &str, label: &str, hint: &str) -> Field {
    let choices = TYPES.iter().map(|(key, label, _)| Choice::new(*key, *label)).collect();
    let link = vec![
        Field::new("type", "Type", Kind::Choice { options: Options::Static(choices), open: true })
            .required()
            .hint("What the other is to this item, or the reference name of a relation type."),
        Field::integer("id", "Work item", 1, i64::from(i32::MAX))
            .hint("The other work item, of this organization."),
        Field::text("url", "Address").hint("The other's address, instead of an id."),
        Field::text("comment", "Comment"),
    ];
    Field::array(key, label, Kind::Object(Fields::Static(link)), LINKS_MAX).hint(hint)
}

/// The relation of a link: `{rel, url, attributes}`.
pub fn relation(organization: &str, link: &Inputs) -> Result<Value> {
    let kind = input::text(link, "type").unwrap_or_default();
    let known = TYPES.iter().find(|(key, _, _)| key.eq_ignore_ascii_case(kind));
    let rel = known.map_or(kind, |(_, _, reference)| reference);
    let url = match (input::text(link, "url"), input::integer(link, "id")) {
        (Some(url), None) => url.to_owned(),
        (None, Some(id)) => api::address(organization, id),
        _ => {
            let message = format!("A link of type \"{kind}\" needs either an id or an address.");
            return Err(Error::invalid("invalid_link", message));
        }
    };
    let mut relation = json!({ "rel": rel, "url": url });
    if let Some(comment) = input::text(link, "comment") {
        relation["attributes"] = json!({ "comment": comment });
    }
    Ok(relation)
}

/// The relation to a parent.
pub fn parent(organization: &str, id: i64) -> Value {
    json!({ "rel": PARENT, "url": api::address(organization, id) })
}

/// Whether both relations are of one kind and lead to the same.
pub fn same(one: &Value, other: &Value) -> bool {
    if one["rel"] != other["rel"] {
        return false;
    }
    let (one, other) =
        (one["url"].as_str().unwrap_or_default(), other["url"].as_str().unwrap_or_default());
    match (work_item(one), work_item(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one.eq_ignore_ascii_case(other),
    }
}

/// The id of the work item that an address of the API names.
pub fn work_item(url: &str) -> Option<i64> {
    let (rest, id) = url.rsplit_once('/')?;
    rest.to_lowercase().ends_with("/_apis/wit/workitems").then(|| id.parse().ok())?
}
