//! Switching workflows on and off for a configuration.

use base::{Error, IntegrationId, Result, Timestamp, WorkflowId};
use serde_json::json;
use store::changes::{self, Kind};
use store::configurations::Configuration;
use store::connected_users::ConnectedUser;
use store::enablements::{self, Enablement};
use store::{Connection, configurations};

use super::live::LiveWorkflow;
use super::portal::IntegrationPortal;
use super::settings;
use crate::projects::ProjectView;

/// A connected user's configuration in the project, for which workflows are switched.
pub struct Seat<'s> {
    /// The project.
    pub view: &'s ProjectView,
    /// The user.
    pub user: &'s ConnectedUser,
    /// The integration of the account.
    pub integration_id: IntegrationId,
    /// The settings.
    pub configuration: &'s Configuration,
}

impl Seat<'_> {
    /// What people set for all workflows of the integration.
    pub fn portal(&self) -> IntegrationPortal {
        let found = self.view.integration(self.integration_id);
        found.map(|one| IntegrationPortal::stored(&one.portal)).unwrap_or_default()
    }

    /// The titles of required settings that the workflow still waits for.
    pub fn missing(&self, workflow: &LiveWorkflow) -> Vec<String> {
        let shared = self.portal().inputs;
        let inputs = &workflow.portal.inputs;
        let titles = settings::missing_for(&shared, inputs, self.configuration, workflow.id);
        titles.into_iter().map(str::to_owned).collect()
    }

    /// Whether the user may have the workflow run.
    pub fn admits(&self, workflow: &LiveWorkflow) -> bool {
        workflow.integration_id == Some(self.integration_id)
            && workflow.admits(&self.user.external_id, &self.user.metadata)
    }

    /// Switches a workflow on. False when it was on already.
    ///
    /// # Errors
    /// `settings_missing` while a required setting is blank; `workflow_not_found` for a user whom it
    /// does not let in.
    pub async fn enable(
        &self,
        conn: &mut Connection,
        workflow: &LiveWorkflow,
        now: Timestamp,
    ) -> Result<bool> {
        if !self.admits(workflow) {
            return Err(not_found(workflow.id));
        }
        let missing = self.missing(workflow);
        if !missing.is_empty() {
            return Err(settings_missing(&workflow.name, &missing));
        }
        let configuration = self.configuration;
        let enablement = Enablement {
            project_id: configuration.project_id,
            workflow_id: workflow.id,
            configuration_id: configuration.id,
            credential_id: configuration.credential_id,
            user_id: self.user.id,
            enabled_at: now,
        };
        let is_new = enablements::insert(conn, &enablement).await?;
        if is_new {
            note(conn, configuration, now).await?;
        }
        Ok(is_new)
    }

    /// Switches a workflow off. False when it was off already.
    pub async fn disable(
        &self,
        conn: &mut Connection,
        workflow_id: WorkflowId,
        now: Timestamp,
    ) -> Result<bool> {
        let configuration = self.configuration;
        let (project_id, id) = (configuration.project_id, configuration.id);
        let was_on = enablements::delete(conn, project_id, workflow_id, id).await?;
        if was_on {
            note(conn, configuration, now).await?;
        }
        Ok(was_on)
    }

    /// Switches on what a new account begins with, as far as its settings are complete.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enable_defaults(&self, conn: &mut Connection, now: Timestamp) -> Result<()> {
        for workflow in &self.view.workflows {
            if workflow.portal.default_enabled || workflow.follows_connecting() {
                self.enable_if_complete(conn, workflow, now).await?;
            }
        }
        Ok(())
    }

    /// Switches on what follows connecting and has waited for settings.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enable_completed(&self, conn: &mut Connection, now: Timestamp) -> Result<()> {
        for workflow in self.view.workflows.iter().filter(|one| one.follows_connecting()) {
            self.enable_if_complete(conn, workflow, now).await?;
        }
        Ok(())
    }

    async fn enable_if_complete(
        &self,
        conn: &mut Connection,
        workflow: &LiveWorkflow,
        now: Timestamp,
    ) -> Result<()> {
        if self.admits(workflow) && self.missing(workflow).is_empty() {
            self.enable(conn, workflow, now).await?;
        }
        Ok(())
    }
}

/// Tells every process that settings or switches of a configuration have changed.
pub async fn note(
    conn: &mut Connection,
    configuration: &Configuration,
    now: Timestamp,
) -> Result<()> {
    changes::note(conn, configuration.project_id, Kind::Configuration, configuration.id, now).await
}

/// A configuration as it is now, which nobody else changes until the transaction ends.
pub async fn hold(conn: &mut Connection, read_before: &Configuration) -> Result<Configuration> {
    let (project_id, id) = (read_before.project_id, read_before.id);
    let found = configurations::find_for_update(conn, project_id, id).await?;
    found.ok_or_else(|| {
        let message = "The configuration was deleted meanwhile: read the account again.";
        Error::not_found("configuration_not_found", message)
    })
}

/// Stores a configuration and tells every process.
pub async fn store(conn: &mut Connection, configuration: &Configuration) -> Result<()> {
    configurations::update(conn, configuration).await?;
    note(conn, configuration, configuration.updated_at).await
}

/// There is no such workflow for this caller.
pub fn not_found(id: impl std::fmt::Display) -> Error {
    let message = format!("There is no deployed workflow {id} for this user.");
    Error::not_found("workflow_not_found", message)
}

/// A workflow cannot be on while something is blank.
pub fn settings_missing(name: &str, missing: &[String]) -> Error {
    let message =
        format!("\"{name}\" needs settings before it can be switched on: {}.", missing.join(", "));
    Error::invalid("settings_missing", message).with_meta(json!({ "missing": missing }))
}
