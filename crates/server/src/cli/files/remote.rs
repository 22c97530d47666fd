//! What the server has, by its management API.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use base::ProjectId;
use connect::ManagementApi;
use http::Method;
use serde_json::{Map, Value, json};

use super::folder::{Files, integration_file, slug_of};
use crate::workflows::portal::IntegrationPortal;

/// A project on a server.
pub struct Remote {
    api: ManagementApi,
    project: String,
}

/// A workflow there.
pub struct RemoteWorkflow {
    id: String,
    draft_number: i64,
    definition: Value,
    /// Whether its draft is not what is live.
    pub has_changes: bool,
}

/// An integration there.
pub struct RemoteIntegration {
    id: String,
    portal: Map<String, Value>,
}

/// All that files can say, as the server has it.
pub struct State {
    /// Workflows, by key.
    pub workflows: BTreeMap<String, RemoteWorkflow>,
    /// Integrations, by slug.
    pub integrations: BTreeMap<String, RemoteIntegration>,
}

impl State {
    /// The same as files. An integration whose portal nobody has changed has none.
    pub fn files(&self) -> Files {
        let workflows = self.workflows.iter();
        let integrations = self.integrations.iter().filter(|(_, one)| !one.portal.is_empty());
        Files {
            workflows: workflows.map(|(key, one)| (key.clone(), one.definition.clone())).collect(),
            integrations: integrations
                .map(|(slug, one)| (slug.clone(), Value::Object(one.portal.clone())))
                .collect(),
        }
    }
}

impl Remote {
    /// A project.
    pub fn new(api: ManagementApi, project: ProjectId) -> Self {
        Self { api, project: format!("/api/v1/projects/{project}") }
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        Ok(self.api.call(method, &format!("{}{path}", self.project), body).await?)
    }

    /// Reads everything.
    pub async fn read(&self) -> Result<State> {
        let mut workflows = BTreeMap::new();
        let mut after = String::new();
        loop {
            let path = format!("/workflows?limit=200{after}");
            let page = self.call(Method::GET, &path, None).await?;
            for listed in page["items"].as_array().into_iter().flatten() {
                let path = format!("/workflows/{}", text(listed, "id")?);
                let one = self.call(Method::GET, &path, None).await?;
                workflows.insert(text(&one, "key")?, RemoteWorkflow::read(&one)?);
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        Ok(State { workflows, integrations: self.integrations().await? })
    }

    async fn integrations(&self) -> Result<BTreeMap<String, RemoteIntegration>> {
        let listed = self.call(Method::GET, "/integrations", None).await?;
        let mut integrations = BTreeMap::new();
        for one in listed.as_array().into_iter().flatten() {
            let portal = one["portal"].as_object().cloned().unwrap_or_default();
            let found = RemoteIntegration { id: text(one, "id")?, portal };
            integrations.insert(text(one, "type")?, found);
        }
        Ok(integrations)
    }

    /// What is wrong with a definition, a line each.
    pub async fn faults_of(&self, definition: &Value) -> Result<Vec<String>> {
        let body = json!({ "definition": definition });
        let found = self.call(Method::POST, "/workflows/validate", Some(&body)).await?;
        let problems = found["problems"].as_array().into_iter().flatten();
        let line = |problem: &Value| {
            let message = problem["message"].as_str().unwrap_or_default();
            match problem["path"].as_str().unwrap_or_default() {
                "" => message.to_owned(),
                path => format!("{path}: {message}"),
            }
        };
        Ok(problems.map(line).collect())
    }

    /// What is wrong with portal settings, a line each.
    pub async fn faults_of_integrations(
        &self,
        portals: &BTreeMap<String, Value>,
    ) -> Result<Vec<String>> {
        if portals.is_empty() {
            return Ok(Vec::new());
        }
        let known = self.integrations().await?;
        let mut faults = Vec::new();
        for (slug, portal) in portals {
            let name = integration_file(slug);
            if !known.contains_key(slug) {
                faults.push(format!("{name}: The project has no integration \"{slug}\"."));
            }
            let document = portal.as_object().cloned().unwrap_or_default();
            if let Err(error) = IntegrationPortal::check(&document) {
                let lines = error.message().lines();
                faults.extend(lines.map(|line| format!("{name}: {line}")));
            }
        }
        Ok(faults)
    }

    /// Stores what a file says, if the server still has what `state` says.
    pub async fn store(&self, state: &State, name: &str, document: &Value) -> Result<()> {
        let done = if let Some(slug) = slug_of(name) {
            let Some(integration) = state.integrations.get(slug) else {
                bail!("The project has no integration \"{slug}\".");
            };
            let path = format!("/integrations/{}", integration.id);
            self.call(Method::PATCH, &path, Some(&json!({ "portal": document }))).await
        } else {
            let key = document["key"].as_str().unwrap_or_default();
            match state.workflows.get(key) {
                Some(workflow) => {
                    let path = format!("/workflows/{}", workflow.id);
                    let number = workflow.draft_number;
                    let body = json!({ "definition": document, "draftNumber": number });
                    self.call(Method::PATCH, &path, Some(&body)).await
                }
                None => {
                    let body = json!({ "definition": document });
                    self.call(Method::POST, "/workflows", Some(&body)).await
                }
            }
        };
        done.map(drop)
    }

    /// Deploys the draft of a workflow; answers the number of the version.
    pub async fn deploy(&self, workflow: &RemoteWorkflow, note: Option<&str>) -> Result<i64> {
        let path = format!("/workflows/{}/deploy", workflow.id);
        let body = json!({ "draftNumber": workflow.draft_number, "note": note });
        let done = self.call(Method::POST, &path, Some(&body)).await?;
        Ok(done["liveVersionNumber"].as_i64().unwrap_or_default())
    }
}

impl RemoteWorkflow {
    fn read(body: &Value) -> Result<Self> {
        Ok(Self {
            id: text(body, "id")?,
            draft_number: body["draftNumber"].as_i64().unwrap_or_default(),
            definition: body["definition"].clone(),
            has_changes: body["hasChanges"].as_bool().unwrap_or(true),
        })
    }
}

fn text(body: &Value, name: &str) -> Result<String> {
    match body[name].as_str() {
        Some(text) => Ok(text.to_owned()),
        None => bail!("The server answers without \"{name}\": is it a newer version?"),
    }
}
