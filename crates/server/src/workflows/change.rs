//! Changing what people have set: the integration's settings, those of workflows, and switches, all
//! or nothing.

use base::{Error, Result, WorkflowId};
use serde::Deserialize;
use serde_json::{Map, Value};
use store::configurations::Configuration;
use store::enablements;

use super::enabling::{self, Seat, not_found, settings_missing};
use super::live::LiveWorkflow;
use super::settings;
use crate::app::App;

/// New settings of one configuration; what is left out stays.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SettingsChange {
    /// All settings of the integration.
    pub shared_settings: Option<Map<String, Value>>,
    /// By workflow id: all its settings, and whether it is on.
    #[serde(alias = "configuredWorkflows")]
    pub workflow_settings: Option<Map<String, Value>>,
}

/// What is wanted of one workflow.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    enabled: Option<bool>,
    settings: Option<Map<String, Value>>,
}

/// A workflow and what is wanted of it.
struct Change<'v> {
    workflow: &'v LiveWorkflow,
    enabled: Option<bool>,
}

/// Stores new settings of the seat's configuration and switches workflows. The seat may have been read
/// a while ago: what others have set since stays.
///
/// # Errors
/// `configuration_not_found` when it is gone, `invalid_settings`, `settings_missing` when a workflow that is or comes on lacks a required one,
/// `workflow_not_found`. Then nothing has changed.
pub async fn apply(app: &App, seat: &Seat<'_>, change: SettingsChange) -> Result<()> {
    let now = app.clock().now();
    let mut tx = app.store().begin().await?;
    let mut configuration = enabling::hold(&mut tx, seat.configuration).await?;
    configuration.updated_at = now;
    if let Some(new) = change.shared_settings {
        settings::check(&seat.portal().inputs, &new, &configuration.shared_settings)?;
        configuration.shared_settings = new;
    }
    let wanted = change.workflow_settings.unwrap_or_default();
    let changes = take_settings(&mut tx, seat, wanted, &mut configuration).await?;
    let changed = Seat { configuration: &configuration, ..*seat };
    enabling::store(&mut tx, &configuration).await?;
    for Change { workflow, enabled } in changes {
        match enabled {
            Some(true) => drop(changed.enable(&mut tx, workflow, now).await?),
            Some(false) => drop(changed.disable(&mut tx, workflow.id, now).await?),
            None => {}
        }
    }
    require_complete(&mut tx, &changed).await?;
    changed.enable_completed(&mut tx, now).await?;
    tx.commit().await?;
    app.catch_up().await
}

/// Takes the new settings of workflows into the configuration. Clients send back every workflow that
/// they know: those that the user has no part in any more are passed over.
async fn take_settings<'v>(
    tx: &mut store::Connection,
    seat: &Seat<'v>,
    wanted: Map<String, Value>,
    configuration: &mut Configuration,
) -> Result<Vec<Change<'v>>> {
    let mut changes = Vec::new();
    for (id, value) in wanted {
        let id: WorkflowId = id.parse()?;
        let wanted: Wanted = serde_json::from_value(value).map_err(|cause| {
            let message = format!("The settings of workflow {id} have another form: {cause}.");
            Error::invalid("invalid_settings", message)
        })?;
        let Some(workflow) = seat.view.workflow(id).filter(|one| seat.admits(one)) else {
            let known = store::workflows::find(tx, seat.view.id(), id).await?;
            known.ok_or_else(|| not_found(id))?;
            continue;
        };
        if let Some(new) = wanted.settings {
            let stored = settings::of_workflow(configuration, id);
            settings::check(&workflow.portal.inputs, &new, &stored)?;
            settings::set_of_workflow(configuration, id, new);
        }
        changes.push(Change { workflow, enabled: wanted.enabled });
    }
    Ok(changes)
}

/// Refuses settings that leave something blank that a workflow needs which is on.
async fn require_complete(tx: &mut store::Connection, seat: &Seat<'_>) -> Result<()> {
    let (project_id, id) = (seat.view.id(), seat.configuration.id);
    let on = enablements::list_of_user(tx, project_id, seat.user.id).await?;
    for one in on.iter().filter(|one| one.configuration_id == id) {
        if let Some(workflow) = seat.view.workflow(one.workflow_id) {
            let missing = seat.missing(workflow);
            if !missing.is_empty() {
                return Err(settings_missing(&workflow.name, &missing));
            }
        }
    }
    Ok(())
}
