//! Saved queries in answers.

use serde_json::{Value, json};
use uuid::Uuid;

use super::clauses;
use super::tree::{Found, SavedQuery};
use crate::devops::call::Call;
use crate::devops::identity;
use crate::devops::problem::Problem;
use crate::devops::state::{Organization, Project};
use crate::devops::wiql::{answer, parser};

/// How much of a query is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expand {
    /// Where it is and who made it.
    None,
    /// Its text and columns too.
    Wiql,
    /// Its conditions one by one too.
    Clauses,
    /// The least there is.
    Minimal,
}

impl Expand {
    /// From its word, or its number as official clients send it.
    pub fn read(word: Option<&str>) -> Result<Self, Problem> {
        match word.unwrap_or("none").to_ascii_lowercase().as_str() {
            "none" | "0" => Ok(Self::None),
            "wiql" | "1" => Ok(Self::Wiql),
            "clauses" | "2" | "all" | "3" => Ok(Self::Clauses),
            "minimal" | "4" => Ok(Self::Minimal),
            other => {
                let message = format!("The value '{other}' of the parameter $expand is not valid.");
                Err(Problem::invalid(message))
            }
        }
    }
}

/// What is told of queries, and how deep.
#[derive(Clone, Copy)]
pub struct Teller<'a> {
    /// The call.
    pub call: &'a Call<'a>,
    /// Where.
    pub organization: &'a Organization,
    /// In which project.
    pub project: &'a Project,
    /// How much.
    pub expand: Expand,
}

impl Teller<'_> {
    /// A node, and what is in it down to a depth.
    pub fn body(&self, found: &Found<'_>, depth: usize) -> Value {
        let node = found.node;
        let mut body = self.frame(found);
        if node.is_folder() {
            body["isFolder"] = json!(true);
            body["hasChildren"] = json!(!node.children.is_empty());
            if depth > 0 && !node.children.is_empty() {
                let children = node.children.iter().map(|child| {
                    let found = Found {
                        node: child,
                        path: format!("{}/{}", found.path, child.name),
                        parent: Some(node.id),
                        is_public: found.is_public,
                    };
                    self.body(&found, depth - 1)
                });
                body["children"] = children.collect();
            }
        } else if self.expand != Expand::Minimal {
            self.add_query(&mut body, node);
        }
        body
    }

    fn frame(&self, found: &Found<'_>) -> Value {
        let url = self.url(found.node.id);
        let mut body = json!({
            "id": found.node.id,
            "name": found.node.name,
            "path": found.path,
            "isPublic": found.is_public,
            "url": url,
        });
        if self.expand == Expand::Minimal {
            return body;
        }
        let stamps = [
            ("createdBy", "createdDate", found.node.created),
            ("lastModifiedBy", "lastModifiedDate", found.node.changed),
        ];
        for (by, date, stamp) in stamps {
            if let Some((account, at)) = stamp {
                body[by] = identity::reference(self.call, self.organization, account);
                body[date] = json!(at.to_rfc3339());
            }
        }
        let base = self.call.base();
        let (project, id) = (self.project.id, found.node.id);
        body["_links"] = json!({
            "self": { "href": url },
            "html": { "href": format!("{base}/{project}/_queries/query/{id}") },
        });
        if let Some(parent) = found.parent {
            body["_links"]["parent"] = json!({ "href": self.url(parent) });
        }
        if !found.node.is_folder() {
            let wiql = format!("{base}/{project}/_apis/wit/wiql/{id}");
            body["_links"]["wiql"] = json!({ "href": wiql });
        }
        body
    }

    fn url(&self, id: Uuid) -> String {
        format!("{}/{}/_apis/wit/queries/{id}", self.call.base(), self.project.id)
    }

    fn add_query(&self, body: &mut Value, node: &SavedQuery) {
        let Some(text) = &node.wiql else { return };
        let Ok(query) = parser::parse(text) else {
            body["isInvalidSyntax"] = json!(true);
            return;
        };
        body["queryType"] = json!(answer::query_type(&query));
        if self.expand == Expand::None {
            return;
        }
        body["wiql"] = json!(text);
        if let Ok(columns) = answer::columns(self.call, &query) {
            body["columns"] = Value::Array(columns);
        }
        if let Ok(columns) = answer::sort_columns(self.call, &query)
            && !columns.is_empty()
        {
            body["sortColumns"] = Value::Array(columns);
        }
        if self.expand == Expand::Clauses {
            clauses::add(self.call, body, &query);
        }
    }
}
