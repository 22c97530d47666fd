//! Workflows of a connected user, for the host developer's programs: what there is, what is set, on
//! and off.

use axum::Json as Reply;
use axum::extract::{Path, State};
use base::{ConfigurationId, CredentialId, Error, IntegrationId, Result, WorkflowId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::configurations::Configuration;
use store::connected_users::ConnectedUser;
use utoipa::ToSchema;

use super::connected_users;
use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::Answer;
use crate::http::body::Json;
use crate::projects::ProjectView;
use crate::sdk::accounts::{self, Account};
use crate::workflows::change::{self, SettingsChange};
use crate::workflows::enabling::{Seat, not_found};
use crate::workflows::live::LiveWorkflow;
use crate::workflows::settings;

/// A deployed workflow as it stands for one configuration of one account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UserWorkflow)]
pub struct UserWorkflowBody {
    /// The workflow.
    #[schema(value_type = String, format = "uuid")]
    pub workflow_id: WorkflowId,
    /// Its key.
    pub key: String,
    /// The name that people see.
    pub name: String,
    /// The integration.
    #[schema(value_type = String, format = "uuid")]
    pub integration_id: IntegrationId,
    /// The account.
    #[schema(value_type = String, format = "uuid")]
    pub credential_id: CredentialId,
    /// The configuration.
    #[schema(value_type = String, format = "uuid")]
    pub configuration_id: ConfigurationId,
    /// Whether it is on.
    pub enabled: bool,
    /// Whether the workflow lets the user in. It does not run while this is false.
    pub permitted: bool,
    /// The integration's settings.
    pub shared_settings: Map<String, Value>,
    /// The workflow's own settings.
    pub settings: Map<String, Value>,
    /// The titles of required settings that are blank.
    pub missing: Vec<String>,
}

/// For which account a workflow is switched.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UserWorkflowChange {
    /// On or off; left out, it stays.
    pub enabled: Option<bool>,
    /// All settings of the integration; left out, they stay.
    pub shared_settings: Option<Map<String, Value>>,
    /// All settings of the workflow; left out, they stay.
    pub settings: Option<Map<String, Value>>,
    /// The account: its id or your name for it. Left out: the oldest valid one.
    pub credential: Option<String>,
    /// The configuration. Left out: the default one.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub configuration_id: Option<ConfigurationId>,
}

/// Lists every deployed workflow for every configuration of a user's accounts.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/connected-users/{connected_user_id}/workflows",
    tag = "connected users",
    params(("project_id" = String, Path), ("connected_user_id" = String, Path)),
    responses((status = 200, body = [UserWorkflowBody]), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_user_workflows(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, user_id)): Path<(String, String)>,
) -> Answer<Reply<Vec<UserWorkflowBody>>> {
    let user = connected_users::find(&app, &view, &user_id).await?;
    let accounts = accounts::all(&app, &view, &user).await?;
    let mut shown = Vec::new();
    for account in &accounts {
        for configuration in &account.configurations {
            let integration_id = account.credential.integration_id;
            let own =
                view.workflows.iter().filter(|one| one.integration_id == Some(integration_id));
            shown.extend(own.map(|one| show(&view, &user, account, configuration, one)));
        }
    }
    Ok(Reply(shown))
}

/// Switches a workflow on or off for a user and changes its settings, all or nothing.
#[utoipa::path(patch,
    path = "/api/v1/projects/{project_id}/connected-users/{connected_user_id}/workflows/{workflow_id}",
    tag = "connected users",
    params(("project_id" = String, Path), ("connected_user_id" = String, Path), ("workflow_id" = String, Path)),
    request_body = UserWorkflowChange,
    responses((status = 200, body = UserWorkflowBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn update_user_workflow(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, user_id, workflow_id)): Path<(String, String, String)>,
    Json(body): Json<UserWorkflowChange>,
) -> Answer<Reply<UserWorkflowBody>> {
    let user = connected_users::find(&app, &view, &user_id).await?;
    let id: WorkflowId = workflow_id.parse()?;
    let workflow = view.workflow(id).ok_or_else(|| not_found(id))?;
    let integration_id = workflow.integration_id.ok_or_else(without_integration)?;
    let all = accounts::all(&app, &view, &user).await?;
    let account = accounts::choose(&all, integration_id, body.credential.as_deref())?;
    let named = body.configuration_id.map(|id| id.to_string());
    let configuration = account.configuration(named.as_deref())?;
    let seat = Seat { view: &view, user: &user, integration_id, configuration };
    if !seat.admits(workflow) && body.enabled != Some(false) {
        return Err(not_permitted(workflow).into());
    }
    let mut wanted = Map::new();
    if let Some(enabled) = body.enabled {
        wanted.insert("enabled".to_owned(), enabled.into());
    }
    if let Some(settings) = body.settings {
        wanted.insert("settings".to_owned(), settings.into());
    }
    if seat.admits(workflow) {
        let of_workflow = Map::from_iter([(id.to_string(), Value::Object(wanted))]);
        let change = SettingsChange {
            shared_settings: body.shared_settings,
            workflow_settings: Some(of_workflow),
        };
        change::apply(&app, &seat, change).await?;
    } else {
        switch_off(&app, &seat, id).await?;
    }
    let account = accounts::find(&app, &view, &user, account.credential.id).await?;
    let configuration = account.configuration(Some(&configuration.id.to_string()))?;
    Ok(Reply(show(&view, &user, &account, configuration, workflow)))
}

async fn switch_off(app: &App, seat: &Seat<'_>, id: WorkflowId) -> Result<()> {
    let mut tx = app.store().begin().await?;
    seat.disable(&mut tx, id, app.clock().now()).await?;
    tx.commit().await?;
    app.catch_up().await
}

fn without_integration() -> Error {
    let message = "This workflow works with no accounts: it is not switched on for users.";
    Error::invalid("workflow_without_integration", message)
}

fn not_permitted(workflow: &LiveWorkflow) -> Error {
    let message = format!("The permissions of \"{}\" do not let this user in.", workflow.name);
    Error::invalid("workflow_not_permitted", message)
}

fn show(
    view: &ProjectView,
    user: &ConnectedUser,
    account: &Account,
    configuration: &Configuration,
    workflow: &LiveWorkflow,
) -> UserWorkflowBody {
    let integration_id = account.credential.integration_id;
    let seat = Seat { view, user, integration_id, configuration };
    UserWorkflowBody {
        workflow_id: workflow.id,
        key: workflow.key.clone(),
        name: workflow.name.clone(),
        integration_id,
        credential_id: account.credential.id,
        configuration_id: configuration.id,
        enabled: account.enabled.contains(&(workflow.id, configuration.id)),
        permitted: seat.admits(workflow),
        shared_settings: configuration.shared_settings.clone(),
        settings: settings::of_workflow(configuration, workflow.id),
        missing: seat.missing(workflow),
    }
}
