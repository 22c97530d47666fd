//! Saved queries and their folders.

mod body;
mod clauses;
pub mod tree;

use http::StatusCode;
use serde_json::{Value, json};
use uuid::{Builder, Uuid};

use self::body::{Expand, Teller};
use self::tree::{Found, SavedQuery, Tree, folder_mut, node_mut};
use super::call::{Answer, Answered, Call};
use super::problem::Problem;
use super::state::{Organization, Project};
use super::wiql::answer;

/// How deep a list of folders can go.
const MAX_DEPTH: usize = 2;
/// How many queries a folder can have.
const MAX_CHILDREN: usize = 1_000;
/// How many queries a search gives when nobody says, and at most.
const DEFAULT_FOUND: usize = 50;
const MAX_FOUND: usize = 200;
/// The longest name.
const MAX_NAME_CHARS: usize = 255;

/// No such query, or nothing the caller may read.
pub fn missing(name: &str) -> Problem {
    let message = format!(
        "TF401243: The query {name} does not exist, or you do not have permission to read it."
    );
    Problem::tracking("QueryItemNotFoundException", message).with_status(StatusCode::NOT_FOUND)
}

/// The text of a saved query that the caller sees, in one project or in any, and its project.
pub fn wiql_of<'o>(
    call: &Call<'_>,
    organization: &'o Organization,
    project: Option<&Project>,
    id: Uuid,
) -> Option<(&'o Project, String)> {
    let projects = organization.projects.iter();
    let mut projects = projects.filter(|one| project.is_none_or(|project| project.id == one.id));
    projects.find_map(|project| {
        let tree = Tree::of(project, call.account());
        let found = tree.find(&id.to_string())?;
        Some((project, found.node.wiql.clone()?))
    })
}

/// `GET …/{project}/_apis/wit/queries`, `…/queries?$filter=` and `…/queries/{path or id}`.
pub fn get_or_list(call: &Call<'_>, organization: &Organization) -> Answered {
    let project = call.project(organization)?;
    let expand = Expand::read(call.query.get("$expand"))?;
    let teller = Teller { call, organization, project, expand };
    let depth = call.query.number("$depth")?.unwrap_or(0);
    if depth > MAX_DEPTH {
        return Err(Problem::invalid(format!(
            "VS402433: The parameter $depth must be between 0 and {MAX_DEPTH}."
        )));
    }
    let tree = Tree::of(project, call.account());
    if let Some(wanted) = call.path.get("query") {
        let found = tree.find(wanted).ok_or_else(|| missing(wanted))?;
        return Ok(Answer::one(teller.body(&found, depth)));
    }
    if let Some(filter) = call.query.get("$filter") {
        return search(&teller, &tree, filter);
    }
    let roots = tree.all().into_iter().filter(|found| found.parent.is_none());
    Ok(Answer::list(roots.map(|found| teller.body(&found, depth)).collect()))
}

fn search(teller: &Teller<'_>, tree: &Tree, filter: &str) -> Answered {
    let top = teller.call.query.number("$top")?.unwrap_or(DEFAULT_FOUND).min(MAX_FOUND);
    let wanted = filter.to_lowercase();
    let mut found = tree.all();
    found.retain(|one| one.parent.is_some() && one.node.name.to_lowercase().contains(&wanted));
    let shown: Vec<Value> = found.iter().take(top).map(|one| teller.body(one, 0)).collect();
    Ok(Answer::one(json!({
        "count": shown.len(),
        "hasMore": found.len() > top,
        "value": shown,
    })))
}

/// `POST …/{project}/_apis/wit/queriesBatch` with `{ids, $expand, errorPolicy}`.
pub fn batch(call: &Call<'_>, organization: &Organization, body: &Value) -> Answered {
    let project = call.project(organization)?;
    let expand = Expand::read(body["$expand"].as_str())?;
    let omits = body["errorPolicy"].as_str().is_some_and(|one| one.eq_ignore_ascii_case("omit"));
    let teller = Teller { call, organization, project, expand };
    let tree = Tree::of(project, call.account());
    let Some(ids) = body["ids"].as_array() else {
        return Err(Problem::invalid("You must specify the ids of the queries."));
    };
    let found = ids.iter().map(|id| {
        let id = id.as_str().unwrap_or_default();
        match tree.find(id) {
            Some(found) => Ok(teller.body(&found, 0)),
            None if omits => Ok(Value::Null),
            None => Err(missing(id)),
        }
    });
    Ok(Answer::list(found.collect::<Result<_, _>>()?))
}

/// `POST …/{project}/_apis/wit/queries/{parent}`: a query, or a folder.
pub fn create(call: &Call<'_>, organization: &mut Organization, body: &Value) -> Answered {
    let account = call.account();
    let parent = call.path.get("query").unwrap_or_default();
    let project = call.project(organization)?;
    let tree = Tree::of(project, account);
    let found = tree.find(parent).filter(|found| found.node.is_folder());
    let folder = found.ok_or_else(|| missing(parent))?;
    let name = name(body)?;
    let wiql = body["wiql"].as_str();
    if wiql.is_none() && body["isFolder"].as_bool() != Some(true) {
        return Err(Problem::invalid(
            "You must pass the wiql of a query, or isFolder of a folder.",
        ));
    }
    if let Some(wiql) = wiql {
        answer::check(call, organization, project, wiql)?;
    }
    check_room(&folder, &name, None)?;
    let id = Builder::from_random_bytes(call.random.bytes()).into_uuid();
    let node = SavedQuery::new(id, &name, wiql, Some((account, call.now)));
    if call.query.is_true("validateWiqlOnly") {
        let path = format!("{}/{name}", folder.path);
        let (parent, is_public) = (Some(folder.node.id), folder.is_public);
        let teller = Teller { call, organization, project, expand: Expand::Wiql };
        return Ok(Answer::one(teller.body(&Found { node: &node, path, parent, is_public }, 0)));
    }
    let (folder, project) = (folder.node.id, project.id);
    let project = project_mut(organization, project)?;
    folder_mut(project, account, folder).ok_or_else(|| missing(parent))?.push(node);
    let mut answer = shown(call, organization, id)?;
    answer.status = StatusCode::CREATED;
    Ok(answer)
}

/// `PATCH …/{project}/_apis/wit/queries/{path or id}`: another name, another text, another folder.
pub fn update(call: &Call<'_>, organization: &mut Organization, body: &Value) -> Answered {
    let account = call.account();
    let wanted = call.path.get("query").unwrap_or_default();
    let project = call.project(organization)?;
    let tree = Tree::of(project, account);
    let found = tree.find(wanted).ok_or_else(|| missing(wanted))?;
    let Some(parent) = found.parent else { return Err(fixed(&found)) };
    let name = if body["name"].is_null() { found.node.name.clone() } else { name(body)? };
    let wiql = body["wiql"].as_str().filter(|_| !found.node.is_folder());
    if let Some(wiql) = wiql {
        answer::check(call, organization, project, wiql)?;
    }
    let folder = tree.find(&parent.to_string()).ok_or_else(|| missing(wanted))?;
    check_room(&folder, &name, Some(found.node.id))?;
    let (id, project) = (found.node.id, project.id);
    let node = node_mut(project_mut(organization, project)?, account, id);
    let node = node.ok_or_else(|| missing(wanted))?;
    node.name = name;
    if let Some(wiql) = wiql {
        node.wiql = Some(wiql.to_owned());
    }
    node.changed = Some((account, call.now));
    shown(call, organization, id)
}

/// `DELETE …/{project}/_apis/wit/queries/{path or id}`, with all that is in a folder.
pub fn delete(call: &Call<'_>, organization: &mut Organization) -> Answered {
    let account = call.account();
    let wanted = call.path.get("query").unwrap_or_default();
    let project = call.project(organization)?;
    let tree = Tree::of(project, account);
    let found = tree.find(wanted).ok_or_else(|| missing(wanted))?;
    let Some(parent) = found.parent else { return Err(fixed(&found)) };
    let (id, project) = (found.node.id, project.id);
    let project = project_mut(organization, project)?;
    let folder = folder_mut(project, account, parent).ok_or_else(|| missing(wanted))?;
    folder.retain(|node| node.id != id);
    Ok(Answer::nothing())
}

fn project_mut(organization: &mut Organization, id: Uuid) -> Result<&mut Project, Problem> {
    let mut projects = organization.projects.iter_mut();
    projects.find(|one| one.id == id).ok_or_else(|| Problem::no_project(&id.to_string()))
}

/// A query as it is after a write.
fn shown(call: &Call<'_>, organization: &Organization, id: Uuid) -> Answered {
    let project = call.project(organization)?;
    let tree = Tree::of(project, call.account());
    let id = id.to_string();
    let found = tree.find(&id).ok_or_else(|| missing(&id))?;
    let teller = Teller { call, organization, project, expand: Expand::Clauses };
    Ok(Answer::one(teller.body(&found, 0)))
}

fn fixed(found: &Found<'_>) -> Problem {
    let message = format!("TF401256: The folder {} cannot be changed.", found.path);
    Problem::tracking("QueryItemForbiddenException", message).with_status(StatusCode::FORBIDDEN)
}

fn name(body: &Value) -> Result<String, Problem> {
    let name = body["name"].as_str().unwrap_or_default().trim();
    let wrong = name.is_empty() || name.contains(['/', '\\']);
    if wrong || name.chars().count() > MAX_NAME_CHARS {
        return Err(Problem::invalid(format!("'{name}' is not a name that a query can have.")));
    }
    Ok(name.to_owned())
}

/// Whether a name is free in a folder, for a new node or for one that is there already.
fn check_room(folder: &Found<'_>, name: &str, own: Option<Uuid>) -> Result<(), Problem> {
    let children = &folder.node.children;
    let mut others = children.iter().filter(|node| Some(node.id) != own);
    if others.any(|node| node.name.eq_ignore_ascii_case(name)) {
        let message = format!(
            "TF237018: The query item {name} cannot be saved in {}: one of that name is there.",
            folder.path
        );
        return Err(Problem::tracking("QueryItemNameConflictException", message)
            .with_status(StatusCode::CONFLICT));
    }
    if own.is_none() && children.len() >= MAX_CHILDREN {
        let message = format!("VS402434: A folder can have {MAX_CHILDREN} queries.");
        return Err(Problem::tracking("QueryItemLimitExceededException", message));
    }
    Ok(())
}
