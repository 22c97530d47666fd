//! What a team has chosen: its iterations, its areas, its days.

use http::StatusCode;
use serde_json::{Value, json};

use super::call::{Answer, Answered, Call};
use super::catalog::Category;
use super::fields::url as field_url;
use super::nodes::iteration_url;
use super::problem::Problem;
use super::state::{Node, Organization, Project, Team};
use base::Timestamp;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// `GET …/{project}/{team}/_apis/work/teamsettings`.
pub fn get(call: &Call<'_>, organization: &Organization) -> Answered {
    let (project, team) = place(call, organization)?;
    let root = &project.iterations;
    let current = project.iteration_of(call.now);
    let default = current.unwrap_or_else(|| (project.name.clone(), root));
    let reference = |(path, node): (String, &Node)| {
        json!({
            "id": node.identifier,
            "name": node.name,
            "path": path.split_once('\\').map_or("", |(_, rest)| rest),
            "url": iteration_url(call, project, &path),
        })
    };
    let levels = [Category::Epic, Category::Feature, Category::Requirement];
    let shown = levels.map(|level| (level.names().1.to_owned(), json!(true)));
    let base = base(call, project, team);
    Ok(Answer::one(json!({
        "backlogIteration": reference((project.name.clone(), root)),
        "bugsBehavior": "asRequirements",
        "workingDays": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "backlogVisibilities": shown.into_iter().collect::<serde_json::Map<_, _>>(),
        "defaultIteration": reference(default),
        "defaultIterationMacro": "@currentIteration",
        "url": base,
        "_links": links(call, project, team),
    })))
}

/// `GET …/teamsettings/iterations`, `…/iterations?$timeframe=current` and `…/iterations/{id}`.
pub fn iterations(call: &Call<'_>, organization: &Organization) -> Answered {
    let (project, team) = place(call, organization)?;
    let mut dated = project.dated_iterations();
    if let Some(frame) = call.query.get("$timeframe") {
        if !frame.eq_ignore_ascii_case("current") {
            return Err(Problem::invalid(format!("The timeframe '{frame}' is not supported.")));
        }
        dated.retain(|(_, node)| time_frame(node, call.now) == "current");
    }
    let mut shown = dated.into_iter().map(|(path, node)| {
        json!({
            "id": node.identifier,
            "name": node.name,
            "path": path,
            "attributes": {
                "startDate": node.dates.map(|(start, _)| start.to_rfc3339()),
                "finishDate": node.dates.map(|(_, finish)| finish.to_rfc3339()),
                "timeFrame": time_frame(node, call.now),
            },
            "url": format!("{}/iterations/{}", base(call, project, team), node.identifier),
        })
    });
    let Some(wanted) = call.path.get("id") else { return Ok(Answer::list(shown.collect())) };
    let same = |one: &Value| one["id"].as_str().is_some_and(|id| id.eq_ignore_ascii_case(wanted));
    shown.find(same).map(Answer::one).ok_or_else(|| {
        let message = format!("TF400499: The team has no iteration with the id {wanted}.");
        Problem::tracking("InvalidTeamSettingsIterationException", message)
            .with_status(StatusCode::NOT_FOUND)
    })
}

/// `GET …/teamsettings/teamfieldvalues`: the areas of a team.
pub fn field_values(call: &Call<'_>, organization: &Organization) -> Answered {
    let (project, team) = place(call, organization)?;
    let field = "System.AreaPath";
    Ok(Answer::one(json!({
        "field": { "referenceName": field, "url": field_url(call, field) },
        "defaultValue": project.name,
        "values": [{ "value": project.name, "includeChildren": true }],
        "url": format!("{}/teamfieldvalues", base(call, project, team)),
        "_links": links(call, project, team),
    })))
}

/// Project and team of the address; the project's own team where none is named.
fn place<'o>(
    call: &Call<'_>,
    organization: &'o Organization,
) -> Result<(&'o Project, &'o Team), Problem> {
    let project = call.project(organization)?;
    let name = call.path.get("team");
    let team = match name {
        Some(name) => project.team(name),
        None => project.teams.first(),
    };
    Ok((project, team.ok_or_else(|| Problem::no_team(name.unwrap_or_default()))?))
}

/// The last day belongs to an iteration.
fn time_frame(node: &Node, now: Timestamp) -> &'static str {
    match node.dates {
        Some((_, finish)) if finish + DAY <= now => "past",
        Some((start, _)) if start <= now => "current",
        _ => "future",
    }
}

fn base(call: &Call<'_>, project: &Project, team: &Team) -> String {
    format!("{}/{}/{}/_apis/work/teamsettings", call.base(), project.id, team.id)
}

fn links(call: &Call<'_>, project: &Project, team: &Team) -> Value {
    let settings = base(call, project, team);
    let projects = format!("{}/_apis/projects/{}", call.base(), project.id);
    json!({
        "self": { "href": settings },
        "project": { "href": projects },
        "team": { "href": format!("{projects}/teams/{}", team.id) },
        "teamIterations": { "href": format!("{settings}/iterations") },
        "teamFieldValues": { "href": format!("{settings}/teamfieldvalues") },
    })
}
