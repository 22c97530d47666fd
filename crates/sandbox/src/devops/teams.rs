//! Teams and their members.

use serde_json::{Value, json};

use super::call::{Answer, Answered, Call};
use super::identity;
use super::problem::Problem;
use super::state::{Organization, Project, Team};
use crate::site::Site;

/// How many teams or members a list has when nobody says.
const DEFAULT_PAGE: usize = 100;

/// `GET …/_apis/projects/{projectId}/teams` and `…/teams/{teamId}`.
pub fn get_or_list(call: &Call<'_>, organization: &Organization) -> Answered {
    let project = project(call, organization)?;
    match call.path.get("teamId") {
        Some(name) => {
            let team = project.team(name).ok_or_else(|| Problem::no_team(name))?;
            Ok(Answer::one(body(call, project, team)))
        }
        None => page(call, project.teams.iter().map(|team| (project, team))),
    }
}

/// `GET …/_apis/teams`: those of all projects.
pub fn list_all(call: &Call<'_>, organization: &Organization) -> Answered {
    let teams = organization
        .projects
        .iter()
        .flat_map(|project| project.teams.iter().map(move |team| (project, team)));
    page(call, teams)
}

/// `GET …/_apis/projects/{projectId}/teams/{teamId}/members`.
pub fn members(call: &Call<'_>, organization: &Organization) -> Answered {
    let project = project(call, organization)?;
    let name = call.path.get("teamId").unwrap_or_default();
    let team = project.team(name).ok_or_else(|| Problem::no_team(name))?;
    let (skip, top) = bounds(call)?;
    let shown = team.members.iter().enumerate().skip(skip).take(top).map(|(index, member)| {
        json!({
            "isTeamAdmin": index < team.administrators,
            "identity": identity::reference(call, organization, *member),
        })
    });
    Ok(Answer::list(shown.collect()))
}

fn project<'o>(call: &Call<'_>, organization: &'o Organization) -> Result<&'o Project, Problem> {
    let name = call.path.get("projectId").unwrap_or_default();
    organization.project(name).ok_or_else(|| Problem::no_project(name))
}

fn bounds(call: &Call<'_>) -> Result<(usize, usize), Problem> {
    let skip = call.query.number("$skip")?.unwrap_or(0);
    Ok((skip, call.query.number("$top")?.unwrap_or(DEFAULT_PAGE)))
}

fn page<'o>(call: &Call<'_>, teams: impl Iterator<Item = (&'o Project, &'o Team)>) -> Answered {
    let (skip, top) = bounds(call)?;
    let mine = call.query.is_true("$mine");
    let shown = teams
        .filter(|(_, team)| !mine || team.members.contains(&call.account()))
        .skip(skip)
        .take(top)
        .map(|(project, team)| body(call, project, team));
    Ok(Answer::list(shown.collect()))
}

fn body(call: &Call<'_>, project: &Project, team: &Team) -> Value {
    json!({
        "id": team.id,
        "name": team.name,
        "url": format!("{}/_apis/projects/{}/teams/{}", call.base(), project.id, team.id),
        "description": team.description,
        "identityUrl": format!("{}/_apis/Identities/{}", call.base_on(Site::Vssps), team.id),
        "projectName": project.name,
        "projectId": project.id,
    })
}
