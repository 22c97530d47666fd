//! Makes, renames, moves and deletes areas and iterations, and takes the work items along.

use base::Timestamp;
use http::StatusCode;
use serde_json::{Value, json};
use uuid::{Builder, Uuid};

use super::place::Place;
use super::{Group, body, missing, named};
use crate::devops::call::{Answer, Answered, Call};
use crate::devops::problem::Problem;
use crate::devops::state::{Kind, Node, Organization, Project, text};
use crate::devops::time;
use crate::devops::work_items::commit::{self, Writer};
use crate::devops::work_items::draft::require_administrator;

/// How many nodes a project can have in each tree, and how deep they can be.
const MAX_NODES: usize = 10_000;
const MAX_DEPTH: usize = 14;
/// The longest name.
const MAX_NAME_CHARS: usize = 255;
/// What a name cannot contain.
const FORBIDDEN: &str = "\\/:*?\"<>|#$&+";

/// `POST …/classificationNodes/{structureGroup}/{path}`: a new node below the path, or one that
/// is there already (`{"id": …}`) from somewhere else.
pub fn create(call: &Call<'_>, organization: &mut Organization, given: &Value) -> Answered {
    let project = call.project(organization)?;
    require_administrator(call, project, "Create child nodes")?;
    let parent = named(call, project)?;
    let group = parent.group;
    let (parent_id, depth) = (parent.node().id, parent.names().len());
    if depth >= MAX_DEPTH || Place::all(project, group).len() >= MAX_NODES {
        let message = format!("A tree can have {MAX_NODES} nodes, {MAX_DEPTH} deep.");
        return Err(Problem::tracking("ClassificationNodeLimitExceededException", message));
    }
    if let Some(id) = given["id"].as_u64().filter(|id| *id > 0) {
        return move_to(call, organization, group, id, parent_id);
    }
    let name = name(given)?;
    check_free(&parent, &name, None)?;
    let node = Node {
        id: next_id(organization),
        identifier: Builder::from_random_bytes(call.random.bytes()).into_uuid(),
        name,
        dates: dates(given, None)?,
        children: Vec::new(),
    };
    let (id, project) = (node.id, project.id);
    let tree = group.tree_mut(project_mut(organization, project)?);
    let parent = find_mut(tree, parent_id).ok_or_else(|| missing(""))?;
    parent.children.push(node);
    let mut answer = shown(call, organization, group, id)?;
    answer.status = StatusCode::CREATED;
    Ok(answer)
}

fn move_to(
    call: &Call<'_>,
    organization: &mut Organization,
    group: Group,
    id: u64,
    parent_id: u32,
) -> Answered {
    let project = call.project(organization)?;
    let all = Place::all(project, group);
    let text = id.to_string();
    let moved = all.iter().find(|place| u64::from(place.node().id) == id);
    let moved = moved.filter(|place| place.parent().is_some()).ok_or_else(|| missing(&text))?;
    let parent = all.iter().find(|place| place.node().id == parent_id);
    let parent = parent.ok_or_else(|| missing(&text))?;
    check_free(parent, &moved.node().name, Some(moved.node().id))?;
    let old = moved.field_path();
    let new = format!("{}\\{}", parent.field_path(), moved.node().name);
    if is_within(&parent.field_path(), &old) {
        return Err(Problem::invalid("A node cannot be moved below itself."));
    }
    let (id, project) = (moved.node().id, project.id);
    let tree = group.tree_mut(project_mut(organization, project)?);
    let node = take(tree, id).ok_or_else(|| missing(&text))?;
    let parent = find_mut(tree, parent_id).ok_or_else(|| missing(&text))?;
    parent.children.push(node);
    respell(organization, group, &old, &new);
    shown(call, organization, group, id)
}

/// `PATCH …/classificationNodes/{structureGroup}/{path}`: another name, other dates.
pub fn update(call: &Call<'_>, organization: &mut Organization, given: &Value) -> Answered {
    let project = call.project(organization)?;
    require_administrator(call, project, "Edit this node")?;
    let place = named(call, project)?;
    let (group, id) = (place.group, place.node().id);
    let renamed = if given["name"].is_null() { place.node().name.clone() } else { name(given)? };
    let dates = dates(given, place.node().dates)?;
    let old = place.field_path();
    let new = match place.parent() {
        Some(parent) => {
            check_free(&parent, &renamed, Some(id))?;
            format!("{}\\{renamed}", parent.field_path())
        }
        None if renamed == place.node().name => old.clone(),
        None => return Err(Problem::invalid("The root of a tree has the name of its project.")),
    };
    let project = project.id;
    let tree = group.tree_mut(project_mut(organization, project)?);
    let node = find_mut(tree, id).ok_or_else(|| missing(&old))?;
    (node.name, node.dates) = (renamed, dates);
    respell(organization, group, &old, &new);
    shown(call, organization, group, id)
}

/// `DELETE …/classificationNodes/{structureGroup}/{path}?$reclassifyId=`: what is in the node, or
/// below it, goes to another one.
pub fn delete(call: &Call<'_>, organization: &mut Organization) -> Answered {
    let project = call.project(organization)?;
    require_administrator(call, project, "Delete this node")?;
    let place = named(call, project)?;
    if place.parent().is_none() {
        return Err(Problem::invalid("The root of a tree cannot be deleted."));
    }
    let (group, id, old) = (place.group, place.node().id, place.field_path());
    let Some(target) = call.query.get("$reclassifyId") else {
        return Err(Problem::invalid("You must pass the id of a node in $reclassifyId."));
    };
    let all = Place::all(project, group);
    let target = all.iter().find(|place| place.node().id.to_string() == target);
    let target = target.map(Place::field_path).filter(|path| !is_within(path, &old));
    let Some(target) = target else {
        return Err(Problem::invalid("The node of $reclassifyId does not exist in this tree."));
    };
    let project_id = project.id;
    take(group.tree_mut(project_mut(organization, project_id)?), id);
    let field = format!("System.{}Path", group.kind());
    let inside = organization.items.values().filter(|item| {
        item.deleted.is_none() && is_within(text(&item.current().fields, &field), &old)
    });
    let moved: Vec<u32> = inside.map(|item| item.id).collect();
    let writer = Writer { account: call.account(), now: call.now };
    for id in moved {
        commit::revise(organization, id, writer, Kind::Updated, |fields| {
            fields.insert(field.clone(), json!(target));
        });
    }
    Ok(Answer::nothing())
}

fn is_within(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'))
}

/// Gives items the new spelling of a path. A name is not part of history: the past has it too.
fn respell(organization: &mut Organization, group: Group, old: &str, new: &str) {
    if old == new {
        return;
    }
    let field = format!("System.{}Path", group.kind());
    let revisions = organization.items.values_mut().flat_map(|item| &mut item.revisions);
    for revision in revisions {
        let path = text(&revision.fields, &field);
        if is_within(path, old) {
            let path = format!("{new}{}", &path[old.len()..]);
            revision.fields.insert(field.clone(), json!(path));
        }
    }
}

fn name(given: &Value) -> Result<String, Problem> {
    let name = given["name"].as_str().unwrap_or_default().trim();
    let wrong = name.is_empty()
        || name.chars().count() > MAX_NAME_CHARS
        || name.chars().any(|one| FORBIDDEN.contains(one) || one.is_control());
    if wrong {
        let message = format!("VS402358: '{name}' is not a name that a node can have.");
        return Err(Problem::tracking("ClassificationNodeInvalidNameException", message));
    }
    Ok(name.to_owned())
}

fn check_free(parent: &Place<'_>, name: &str, own: Option<u32>) -> Result<(), Problem> {
    let mut others = parent.node().children.iter().filter(|child| Some(child.id) != own);
    if !others.any(|child| child.name.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    let message = format!(
        "VS402371: Classification node name {name} is already in use by a different child of parent classification node {}. Choose a different name and try again.",
        parent.node().identifier
    );
    Err(Problem::tracking("ClassificationNodeDuplicateNameException", message)
        .with_status(StatusCode::CONFLICT))
}

type Dates = Option<(Timestamp, Timestamp)>;

/// The dates of a body: both, or those there were.
fn dates(given: &Value, before: Dates) -> Result<Dates, Problem> {
    let attributes = &given["attributes"];
    let read = |name: &str| match attributes[name].as_str() {
        None => Ok(None),
        Some(text) => time::parse(text).map(Some).ok_or_else(|| {
            Problem::invalid(format!("The value '{text}' of {name} is not a date."))
        }),
    };
    match (read("startDate")?, read("finishDate")?) {
        (Some(start), Some(finish)) if start <= finish => Ok(Some((start, finish))),
        (None, None) => Ok(before),
        _ => Err(Problem::invalid("The start date must be given and not lie after the finish.")),
    }
}

fn next_id(organization: &Organization) -> u32 {
    let groups = [Group::Areas, Group::Iterations];
    let all = organization
        .projects
        .iter()
        .flat_map(|project| groups.iter().flat_map(|group| Place::all(project, *group)));
    all.map(|place| place.node().id).max().unwrap_or(0) + 1
}

fn project_mut(organization: &mut Organization, id: Uuid) -> Result<&mut Project, Problem> {
    let mut projects = organization.projects.iter_mut();
    projects.find(|one| one.id == id).ok_or_else(|| Problem::no_project(&id.to_string()))
}

fn find_mut(node: &mut Node, id: u32) -> Option<&mut Node> {
    if node.id == id {
        return Some(node);
    }
    node.children.iter_mut().find_map(|child| find_mut(child, id))
}

/// Takes a node out of the tree.
fn take(node: &mut Node, id: u32) -> Option<Node> {
    if let Some(index) = node.children.iter().position(|child| child.id == id) {
        return Some(node.children.remove(index));
    }
    node.children.iter_mut().find_map(|child| take(child, id))
}

fn shown(call: &Call<'_>, organization: &Organization, group: Group, id: u32) -> Answered {
    let project = call.project(organization)?;
    let place = Place::all(project, group).into_iter().find(|place| place.node().id == id);
    let place = place.ok_or_else(|| missing(&id.to_string()))?;
    Ok(Answer::one(body(call, project, &place, 1)))
}
