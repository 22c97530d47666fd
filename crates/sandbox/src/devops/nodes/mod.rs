//! The trees of areas and iterations.

pub mod change;
mod place;

use serde_json::{Value, json};

use self::place::Place;
use super::call::{Answer, Answered, Call, encoded};
use super::problem::Problem;
use super::state::{Node, Organization, Project};
use http::StatusCode;

/// One of the two trees of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Where in the product.
    Areas,
    /// When.
    Iterations,
}

impl Group {
    /// From its word, or its number as official clients send it.
    fn read(word: &str) -> Result<Self, Problem> {
        match word.to_ascii_lowercase().as_str() {
            "areas" | "area" | "0" => Ok(Self::Areas),
            "iterations" | "iteration" | "1" => Ok(Self::Iterations),
            other => Err(Problem::invalid(format!(
                "The structure group '{other}' must be areas or iterations."
            ))),
        }
    }

    /// `Areas`, as addresses have it.
    const fn name(self) -> &'static str {
        match self {
            Self::Areas => "Areas",
            Self::Iterations => "Iterations",
        }
    }

    /// `Area`, as paths and fields have it.
    const fn kind(self) -> &'static str {
        match self {
            Self::Areas => "Area",
            Self::Iterations => "Iteration",
        }
    }

    const fn tree(self, project: &Project) -> &Node {
        match self {
            Self::Areas => &project.areas,
            Self::Iterations => &project.iterations,
        }
    }

    const fn tree_mut(self, project: &mut Project) -> &mut Node {
        match self {
            Self::Areas => &mut project.areas,
            Self::Iterations => &mut project.iterations,
        }
    }
}

/// `GET …/{project}/_apis/wit/classificationNodes`: the two roots, or the nodes of some ids.
pub fn roots(call: &Call<'_>, organization: &Organization) -> Answered {
    let project = call.project(organization)?;
    let depth = depth(call)?;
    let trees = [Group::Areas, Group::Iterations];
    let Some(ids) = call.query.list("ids") else {
        let roots = trees.map(|group| body(call, project, &Place::root(project, group), depth));
        return Ok(Answer::list(roots.into()));
    };
    let omits =
        call.query.get("errorPolicy").is_some_and(|policy| policy.eq_ignore_ascii_case("omit"));
    let mut all = trees.iter().flat_map(|group| Place::all(project, *group)).collect::<Vec<_>>();
    all.sort_by_key(|place| place.node().id);
    let found = ids.iter().map(|id| {
        let place = all.iter().find(|place| place.node().id.to_string() == *id);
        match place {
            Some(place) => Ok(body(call, project, place, depth)),
            None if omits => Ok(Value::Null),
            None => Err(missing(id)),
        }
    });
    Ok(Answer::list(found.collect::<Result<_, _>>()?))
}

/// `GET …/classificationNodes/{structureGroup}/{path}`.
pub fn get(call: &Call<'_>, organization: &Organization) -> Answered {
    let project = call.project(organization)?;
    let place = named(call, project)?;
    let depth = depth(call)?;
    Ok(Answer::one(body(call, project, &place, depth)))
}

/// The node that the path of the call names.
fn named<'o>(call: &Call<'_>, project: &'o Project) -> Result<Place<'o>, Problem> {
    let group = Group::read(call.path.get("structureGroup").unwrap_or_default())?;
    let path = call.path.get("path").unwrap_or_default();
    Place::find(project, group, path).ok_or_else(|| missing(path))
}

fn missing(name: &str) -> Problem {
    let message = format!("VS402485: The Area/Iteration name is not recognized: {name}.");
    Problem::tracking("ClassificationNodeNotFoundException", message)
        .with_status(StatusCode::NOT_FOUND)
}

fn depth(call: &Call<'_>) -> Result<usize, Problem> {
    Ok(call.query.number("$depth")?.unwrap_or(0))
}

/// A node as answers show it, with what is below it down to a depth.
fn body(call: &Call<'_>, project: &Project, place: &Place<'_>, depth: usize) -> Value {
    let mut body = below(call, project, place, depth);
    let mut links = json!({ "self": { "href": body["url"] } });
    if let Some(parent) = place.parent() {
        links["parent"] = json!({ "href": url(call, project, &parent) });
    }
    body["_links"] = links;
    body
}

fn below(call: &Call<'_>, project: &Project, place: &Place<'_>, depth: usize) -> Value {
    let node = place.node();
    let kind = place.group.kind();
    let mut body = json!({
        "id": node.id,
        "identifier": node.identifier,
        "name": node.name,
        "structureType": kind.to_ascii_lowercase(),
        "hasChildren": !node.children.is_empty(),
        "path": shown_path(project, place),
        "url": url(call, project, place),
    });
    if let Some((start, finish)) = node.dates {
        body["attributes"] =
            json!({ "startDate": start.to_rfc3339(), "finishDate": finish.to_rfc3339() });
    }
    if depth > 0 && !node.children.is_empty() {
        let children = place.children().into_iter();
        body["children"] = children.map(|child| below(call, project, &child, depth - 1)).collect();
    }
    body
}

/// `\Project\Area\A\B`: not what fields hold, which lacks the word in the middle.
fn shown_path(project: &Project, place: &Place<'_>) -> String {
    let below: String = place.names().iter().map(|name| format!("\\{name}")).collect();
    format!("\\{}\\{}{below}", project.name, place.group.kind())
}

fn url(call: &Call<'_>, project: &Project, place: &Place<'_>) -> String {
    let below: String = place.names().iter().map(|name| format!("/{}", encoded(name))).collect();
    let group = place.group.name();
    format!("{}/{}/_apis/wit/classificationNodes/{group}{below}", call.base(), project.id)
}

/// The address of a node of iterations, by the path that fields hold.
pub fn iteration_url(call: &Call<'_>, project: &Project, path: &str) -> String {
    let below: String =
        path.split('\\').skip(1).map(|name| format!("/{}", encoded(name))).collect();
    format!("{}/{}/_apis/wit/classificationNodes/Iterations{below}", call.base(), project.id)
}
