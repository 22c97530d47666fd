//! The groups that queries can name: teams, the groups of a project, and categories of types.

use uuid::Uuid;

use crate::devops::catalog::Category;
use crate::devops::state::{Organization, Project};

/// The people in a group: `[Project]\Team`, `[Project]\Contributors`; `None` when there is none
/// of this name.
pub fn members(organization: &Organization, name: &str) -> Option<Vec<Uuid>> {
    let (place, group) = name.rsplit_once('\\')?;
    let place = place.trim_start_matches('[').trim_end_matches(']');
    let project = organization.project(place)?;
    if let Some(team) = project.team(group) {
        return Some(team.members.clone());
    }
    let first = project.teams.first()?;
    match group.to_ascii_lowercase().as_str() {
        "project administrators" => {
            Some(first.members.iter().take(first.administrators).copied().collect())
        }
        "contributors" | "project valid users" => Some(first.members.clone()),
        "readers" => Some(Vec::new()),
        _ => None,
    }
}

/// The names of the work item types in a category, in lower case.
pub fn types(organization: &Organization, name: &str) -> Option<Vec<String>> {
    let category = Category::ALL.into_iter().find(|category| {
        let (friendly, reference) = category.names();
        friendly.eq_ignore_ascii_case(name) || reference.eq_ignore_ascii_case(name)
    })?;
    let types = organization.projects.iter().flat_map(|project: &Project| project.process().types);
    let of_category = types.filter(|one| one.category == category);
    Some(of_category.map(|one| one.name.to_lowercase()).collect())
}
