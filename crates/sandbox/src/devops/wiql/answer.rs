//! Queries over HTTP: those sent with the call, and those that were saved.

use serde_json::{Value, json};
use uuid::Uuid;

use super::ast::{Mode, Name, Node, Query};
use super::bind::{self, Context};
use super::lens::Lens;
use super::linked::{self, LINK_TYPE, Row};
use super::{flat, parser};
use crate::devops::call::{Answer, Answered, Call};
use crate::devops::catalog::fields;
use crate::devops::fields::url as field_url;
use crate::devops::problem::Problem;
use crate::devops::queries;
use crate::devops::state::{Organization, Project, Team};
use crate::devops::work_items::render::item_url;

/// `POST …/[{project}/[{team}/]]_apis/wit/wiql` with `{"query": "…"}`.
pub fn query(call: &Call<'_>, organization: &Organization, body: &Value) -> Answered {
    let Some(text) = body["query"].as_str().filter(|text| !text.trim().is_empty()) else {
        return Err(Problem::invalid("You must pass a query in the body of the request."));
    };
    run(call, organization, place(call, organization)?, text)
}

/// `GET …/[{project}/[{team}/]]_apis/wit/wiql/{id}`.
pub fn saved(call: &Call<'_>, organization: &Organization) -> Answered {
    let id = call.path.get("id").unwrap_or_default();
    let id = Uuid::try_parse(id).map_err(|_| queries::missing(id))?;
    let (project, team) = place(call, organization)?;
    let (project, text) = queries::wiql_of(call, organization, project, id)
        .ok_or_else(|| queries::missing(&id.to_string()))?;
    // A saved query knows its project, whether the address names it or not.
    run(call, organization, (Some(project), team), &text)
}

/// Whether a query could be run in a project, for those who save it.
pub fn check(
    call: &Call<'_>,
    organization: &Organization,
    project: &Project,
    text: &str,
) -> Result<Query, Problem> {
    let query = parser::parse(text)?;
    columns(call, &query)?;
    sort_columns(call, &query)?;
    let team = project.teams.first();
    let context = context(call, organization, &query, (Some(project), team))?;
    match query.is_linked {
        true => linked::run(&context, &query).map(|_| query),
        false => flat::run(&context, &query).map(|_| query),
    }
}

fn run(call: &Call<'_>, organization: &Organization, place: Place<'_>, text: &str) -> Answered {
    let query = parser::parse(text)?;
    let context = context(call, organization, &query, place)?;
    let columns = columns(call, &query)?;
    let sort_columns = sort_columns(call, &query)?;
    let top = call.query.number("$top")?;
    let as_of = context.lens.as_of.unwrap_or(call.now);
    let reference = |id: u32| json!({ "id": id, "url": item_url(call, id) });
    let mut body = json!({
        "queryType": query_type(&query),
        "queryResultType": if query.is_linked { "workItemLink" } else { "workItem" },
        "asOf": as_of.to_rfc3339(),
        "columns": columns,
    });
    if !sort_columns.is_empty() {
        body["sortColumns"] = Value::Array(sort_columns);
    }
    if query.is_linked {
        let rows = flat::limited(linked::run(&context, &query)?, top)?;
        let shown = rows.into_iter().map(|Row { from, target }| match from {
            None => json!({ "rel": null, "source": null, "target": reference(target) }),
            Some((rel, source)) => {
                json!({ "rel": rel, "source": reference(source), "target": reference(target) })
            }
        });
        body["workItemRelations"] = shown.collect();
    } else {
        let rows = flat::limited(flat::run(&context, &query)?, top)?;
        body["workItems"] = rows.into_iter().map(reference).collect();
    }
    Ok(Answer::one(body))
}

type Place<'a> = (Option<&'a Project>, Option<&'a Team>);

/// Project and team of the address.
fn place<'a>(call: &Call<'_>, organization: &'a Organization) -> Result<Place<'a>, Problem> {
    let project = call.project_if_named(organization)?;
    let team = match (project, call.path.get("team")) {
        (Some(project), Some(name)) => {
            Some(project.team(name).ok_or_else(|| Problem::no_team(name))?)
        }
        _ => None,
    };
    Ok((project, team))
}

fn context<'a>(
    call: &'a Call<'a>,
    organization: &'a Organization,
    query: &Query,
    (project, team): Place<'a>,
) -> Result<Context<'a>, Problem> {
    let as_of = query.as_of.as_deref().map(bind::as_of).transpose()?;
    let with_deleted = query.filter.as_ref().is_some_and(mentions_deleted);
    Ok(Context {
        lens: Lens { call, organization, as_of, with_deleted },
        project,
        team,
        time_precision: call.query.is_true("timePrecision"),
    })
}

/// Only a query that asks for deleted items sees them.
fn mentions_deleted(node: &Node) -> bool {
    match node {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().any(mentions_deleted),
        Node::Not(node) => mentions_deleted(node),
        Node::Condition(condition) => fields::find(&condition.field.name)
            .is_some_and(|field| field.reference == "System.IsDeleted"),
    }
}

/// `flat`, `tree` or `oneHop`.
pub fn query_type(query: &Query) -> &'static str {
    match (query.is_linked, query.mode) {
        (false, _) => "flat",
        (true, Mode::Recursive | Mode::RecursiveMatchingChildren) => "tree",
        (true, _) => "oneHop",
    }
}

/// The columns of a query.
pub fn columns(call: &Call<'_>, query: &Query) -> Result<Vec<Value>, Problem> {
    query.select.iter().map(|name| column(call, name)).collect()
}

/// What a query is ordered by.
pub fn sort_columns(call: &Call<'_>, query: &Query) -> Result<Vec<Value>, Problem> {
    let shown = query.order.iter().map(|(name, descending)| {
        Ok(json!({ "field": column(call, name)?, "descending": descending }))
    });
    shown.collect()
}

/// A field in an answer about a query.
pub fn column(call: &Call<'_>, name: &Name) -> Result<Value, Problem> {
    let (reference, friendly) = if linked::is_link_type(name) {
        (LINK_TYPE, "Link Type")
    } else {
        let field = bind::field(name)?;
        (field.reference, field.name)
    };
    Ok(json!({ "referenceName": reference, "name": friendly, "url": field_url(call, reference) }))
}
