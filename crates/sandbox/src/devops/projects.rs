//! Projects.

use serde_json::{Value, json};

use super::call::{Answer, Answered, Call};
use super::problem::Problem;
use super::state::{Organization, Project};

/// How many projects a list has when nobody says.
const DEFAULT_PAGE: usize = 100;

/// The states a project of the sandbox is listed under, by name and by number.
const LISTED_STATES: [&str; 4] = ["all", "-1", "wellformed", "1"];

/// `GET …/_apis/projects` and `GET …/_apis/projects/{projectId}`.
pub fn get_or_list(call: &Call<'_>, organization: &Organization) -> Answered {
    match call.path.get("projectId") {
        Some(name) => get(call, organization, name),
        None => list(call, organization),
    }
}

fn list(call: &Call<'_>, organization: &Organization) -> Answered {
    let state = call.query.get("stateFilter").unwrap_or("wellFormed").to_ascii_lowercase();
    let listed = LISTED_STATES.contains(&state.as_str());
    let token = call.query.number("continuationToken")?;
    let start = token.or(call.query.number("$skip")?).unwrap_or(0);
    let page = call.query.number("$top")?.unwrap_or(DEFAULT_PAGE);
    let all: Vec<&Project> = organization.projects.iter().filter(|_| listed).collect();
    let shown = all.iter().skip(start).take(page).map(|project| reference(call, project));
    let mut answer = Answer::list(shown.collect());
    let end = start.saturating_add(page);
    answer.continuation = (page > 0 && end < all.len()).then(|| end.to_string());
    Ok(answer)
}

fn get(call: &Call<'_>, organization: &Organization, name: &str) -> Answered {
    let project = organization.project(name).ok_or_else(|| Problem::no_project(name))?;
    let base = call.base();
    let mut body = reference(call, project);
    body["_links"] = json!({
        "self": { "href": body["url"] },
        "collection": { "href": format!("{base}/_apis/projectCollections/{}", organization.id) },
        "web": { "href": format!("{base}/{}", super::call::encoded(&project.name)) },
    });
    if let Some(team) = project.teams.first() {
        body["defaultTeam"] = json!({
            "id": team.id,
            "name": team.name,
            "url": format!("{base}/_apis/projects/{}/teams/{}", project.id, team.id),
        });
    }
    if call.query.is_true("includeCapabilities") {
        body["capabilities"] = json!({
            "processTemplate": {
                "templateName": project.process,
                "templateTypeId": project.process().id,
            },
            "versioncontrol": {
                "sourceControlType": "Git",
                "gitEnabled": "True",
                "tfvcEnabled": "False",
            },
        });
    }
    Ok(Answer::one(body))
}

/// A project as lists show it.
fn reference(call: &Call<'_>, project: &Project) -> Value {
    json!({
        "id": project.id,
        "name": project.name,
        "description": project.description,
        "url": format!("{}/_apis/projects/{}", call.base(), project.id),
        "state": "wellFormed",
        "revision": project.revision,
        "visibility": "private",
        "lastUpdateTime": project.updated.to_rfc3339(),
    })
}
