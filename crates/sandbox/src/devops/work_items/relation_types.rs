//! The kinds of links, and what each means at its other end.

use http::StatusCode;
use serde_json::{Value, json};

use crate::devops::call::{Answer, Answered, Call};
use crate::devops::problem::Problem;
use crate::devops::state::Organization;

/// One kind of link.
#[derive(Debug)]
pub struct RelationType {
    /// `System.LinkTypes.Hierarchy-Forward`.
    pub reference: &'static str,
    /// `Child`.
    pub name: &'static str,
    /// The kind that the same link is at its other end; none for links that do not lead to items.
    pub opposite: Option<&'static str>,
    /// `tree`, `dependency`, `network`; what shapes a set of such links may have.
    topology: &'static str,
}

const fn between(
    reference: &'static str,
    name: &'static str,
    opposite: &'static str,
    topology: &'static str,
) -> RelationType {
    RelationType { reference, name, opposite: Some(opposite), topology }
}

const fn resource(reference: &'static str, name: &'static str) -> RelationType {
    RelationType { reference, name, opposite: None, topology: "" }
}

/// The link from a child to its parent.
pub const PARENT: &str = "System.LinkTypes.Hierarchy-Reverse";
/// The link from a parent to its child.
pub const CHILD: &str = "System.LinkTypes.Hierarchy-Forward";
/// The link to an uploaded file.
pub const ATTACHED_FILE: &str = "AttachedFile";

static RELATION_TYPES: &[RelationType] = &[
    between(CHILD, "Child", PARENT, "tree"),
    between(PARENT, "Parent", CHILD, "tree"),
    between("System.LinkTypes.Related", "Related", "System.LinkTypes.Related", "network"),
    between(
        "System.LinkTypes.Dependency-Forward",
        "Successor",
        "System.LinkTypes.Dependency-Reverse",
        "dependency",
    ),
    between(
        "System.LinkTypes.Dependency-Reverse",
        "Predecessor",
        "System.LinkTypes.Dependency-Forward",
        "dependency",
    ),
    between(
        "System.LinkTypes.Duplicate-Forward",
        "Duplicate",
        "System.LinkTypes.Duplicate-Reverse",
        "tree",
    ),
    between(
        "System.LinkTypes.Duplicate-Reverse",
        "Duplicate Of",
        "System.LinkTypes.Duplicate-Forward",
        "tree",
    ),
    between(
        "Microsoft.VSTS.Common.TestedBy-Forward",
        "Tested By",
        "Microsoft.VSTS.Common.TestedBy-Reverse",
        "dependency",
    ),
    between(
        "Microsoft.VSTS.Common.TestedBy-Reverse",
        "Tests",
        "Microsoft.VSTS.Common.TestedBy-Forward",
        "dependency",
    ),
    between(
        "Microsoft.VSTS.Common.Affects-Forward",
        "Affects",
        "Microsoft.VSTS.Common.Affects-Reverse",
        "dependency",
    ),
    between(
        "Microsoft.VSTS.Common.Affects-Reverse",
        "Affected By",
        "Microsoft.VSTS.Common.Affects-Forward",
        "dependency",
    ),
    resource(ATTACHED_FILE, "Attached File"),
    resource("Hyperlink", "Hyperlink"),
    resource("ArtifactLink", "Artifact Link"),
];

/// The kind of this reference name, in any letter case.
pub fn find(reference: &str) -> Option<&'static RelationType> {
    RELATION_TYPES.iter().find(|one| one.reference.eq_ignore_ascii_case(reference))
}

/// The kind of this reference name or friendly name, in any letter case.
pub fn by_any_name(name: &str) -> Option<&'static RelationType> {
    find(name).or_else(|| RELATION_TYPES.iter().find(|one| one.name.eq_ignore_ascii_case(name)))
}

impl RelationType {
    /// Whether an item can have one such link only.
    pub fn is_single(&self) -> bool {
        self.topology == "tree" && self.reference.ends_with("-Reverse")
    }
}

/// `GET …/_apis/wit/workItemRelationTypes` and `…/workItemRelationTypes/{relation}`.
pub fn get_or_list(call: &Call<'_>, _: &Organization) -> Answered {
    let Some(name) = call.path.get("relation") else {
        return Ok(Answer::list(RELATION_TYPES.iter().map(|one| body(call, one)).collect()));
    };
    find(name).map(|one| Answer::one(body(call, one))).ok_or_else(|| {
        Problem::tracking(
            "WorkItemRelationTypeNotFoundException",
            format!("VS402326: The relation type {name} does not exist."),
        )
        .with_status(StatusCode::NOT_FOUND)
    })
}

fn body(call: &Call<'_>, one: &RelationType) -> Value {
    let attributes = match one.opposite {
        None => json!({ "usage": "resourceLink", "editable": false, "enabled": true }),
        Some(opposite) => json!({
            "usage": "workItemLink",
            "editable": !one.reference.starts_with("System."),
            "enabled": true,
            "acyclic": one.topology != "network",
            "directional": one.topology != "network",
            "singleTarget": one.is_single(),
            "topology": one.topology,
            "isForward": one.reference.ends_with("-Forward"),
            "oppositeEndReferenceName": opposite,
        }),
    };
    json!({
        "attributes": attributes,
        "referenceName": one.reference,
        "name": one.name,
        "url": format!("{}/_apis/wit/workItemRelationTypes/{}", call.base(), one.reference),
    })
}
