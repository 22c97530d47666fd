//! Enablements: which workflows are on for which configurations. A row is the one truth about it.

use base::{
    ConfigurationId, ConnectedUserId, CredentialId, IntegrationId, ProjectId, Result, Timestamp,
    WorkflowId,
};
use serde_json::{Map, Value};
use sqlx::any::AnyRow;

use crate::{Connection, query, row};

/// How many enablements one call lists at most.
pub const ENABLEMENTS_READ_MAX: i64 = 1_000;

/// One workflow that is on for one configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enablement {
    /// Whose it is.
    pub project_id: ProjectId,
    /// The workflow that is on.
    pub workflow_id: WorkflowId,
    /// The settings it runs with.
    pub configuration_id: ConfigurationId,
    /// The account that the configuration belongs to.
    pub credential_id: CredentialId,
    /// The connected user whose account it is.
    pub user_id: ConnectedUserId,
    /// Since when it is on.
    pub enabled_at: Timestamp,
}

macro_rules! columns {
    () => {
        "project_id, workflow_id, configuration_id, credential_id, user_id, enabled_at"
    };
}

fn read(found: &AnyRow) -> Result<Enablement> {
    Ok(Enablement {
        project_id: row::id(found, "project_id")?,
        workflow_id: row::id(found, "workflow_id")?,
        configuration_id: row::id(found, "configuration_id")?,
        credential_id: row::id(found, "credential_id")?,
        user_id: row::id(found, "user_id")?,
        enabled_at: row::time(found, "enabled_at")?,
    })
}

/// Switches a workflow on. False when it was on already: then it stays as it was.
pub async fn insert(conn: &mut Connection, enablement: &Enablement) -> Result<bool> {
    let statement = sqlx::query(concat!(
        "insert into enablements (",
        columns!(),
        ") values ($1, $2, $3, $4, $5, $6) on conflict (workflow_id, configuration_id) do nothing"
    ))
    .bind(enablement.project_id.to_string())
    .bind(enablement.workflow_id.to_string())
    .bind(enablement.configuration_id.to_string())
    .bind(enablement.credential_id.to_string())
    .bind(enablement.user_id.to_string())
    .bind(enablement.enabled_at.0);
    Ok(query::execute(conn, statement).await? > 0)
}

/// Switches a workflow off. False when it was off already.
pub async fn delete(
    conn: &mut Connection,
    project_id: ProjectId,
    workflow_id: WorkflowId,
    configuration_id: ConfigurationId,
) -> Result<bool> {
    let statement = sqlx::query(
        "delete from enablements \
         where project_id = $1 and workflow_id = $2 and configuration_id = $3",
    )
    .bind(project_id.to_string())
    .bind(workflow_id.to_string())
    .bind(configuration_id.to_string());
    Ok(query::execute(conn, statement).await? > 0)
}

/// The enablement of a workflow for a configuration, if it is on.
pub async fn find(
    conn: &mut Connection,
    project_id: ProjectId,
    workflow_id: WorkflowId,
    configuration_id: ConfigurationId,
) -> Result<Option<Enablement>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from enablements where project_id = $1 and workflow_id = $2 and configuration_id = $3"
    ))
    .bind(project_id.to_string())
    .bind(workflow_id.to_string())
    .bind(configuration_id.to_string());
    query::find(conn, statement, read).await
}

/// The enablements of a workflow in the order of configurations, those after `after`, at most
/// [`ENABLEMENTS_READ_MAX`]. A full answer is followed by another call, after its last.
pub async fn list_of_workflow(
    conn: &mut Connection,
    project_id: ProjectId,
    workflow_id: WorkflowId,
    after: Option<ConfigurationId>,
) -> Result<Vec<Enablement>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from enablements \
         where project_id = $1 and workflow_id = $2 and configuration_id > $3 \
         order by configuration_id limit $4"
    ))
    .bind(project_id.to_string())
    .bind(workflow_id.to_string())
    .bind(after.map(|id| id.to_string()).unwrap_or_default())
    .bind(ENABLEMENTS_READ_MAX);
    query::list(conn, statement, read).await
}

/// All that is on for a user, in the order of workflows.
pub async fn list_of_user(
    conn: &mut Connection,
    project_id: ProjectId,
    user_id: ConnectedUserId,
) -> Result<Vec<Enablement>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from enablements where project_id = $1 and user_id = $2 \
         order by workflow_id, configuration_id"
    ))
    .bind(project_id.to_string())
    .bind(user_id.to_string());
    query::list(conn, statement, read).await
}

/// All that is on for a configuration, in the order of workflows.
pub async fn list_of_configuration(
    conn: &mut Connection,
    project_id: ProjectId,
    configuration_id: ConfigurationId,
) -> Result<Vec<Enablement>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from enablements where project_id = $1 and configuration_id = $2 order by workflow_id"
    ))
    .bind(project_id.to_string())
    .bind(configuration_id.to_string());
    query::list(conn, statement, read).await
}

/// Switches a workflow off for all accounts but those of an integration; without one, for all.
pub async fn delete_strangers(
    conn: &mut Connection,
    project_id: ProjectId,
    workflow_id: WorkflowId,
    integration_id: Option<IntegrationId>,
) -> Result<u64> {
    let statement = sqlx::query(
        "delete from enablements where project_id = $1 and workflow_id = $2 \
         and credential_id not in \
         (select id from credentials where project_id = $1 and integration_id = $3)",
    )
    .bind(project_id.to_string())
    .bind(workflow_id.to_string())
    .bind(integration_id.map(|id| id.to_string()).unwrap_or_default());
    query::execute(conn, statement).await
}

/// An enablement that works: the account is valid, the integration is active and the user is not
/// shut out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runnable {
    /// The enablement.
    pub enablement: Enablement,
    /// The host's id of the user.
    pub user_external_id: String,
    /// What the host says of the user.
    pub user_metadata: Map<String, Value>,
}

/// Which account something is about.
#[derive(Clone, Debug)]
pub enum Account {
    /// The one with this id of ours.
    Credential(CredentialId),
    /// Whichever the provider calls so.
    ProviderId(String),
}

macro_rules! runnable {
    () => {
        "select enabled.project_id as project_id, enabled.workflow_id as workflow_id, \
         enabled.configuration_id as configuration_id, enabled.credential_id as credential_id, \
         enabled.user_id as user_id, enabled.enabled_at as enabled_at, \
         person.external_id as external_id, person.metadata as metadata \
         from enablements as enabled \
         join credentials on credentials.id = enabled.credential_id \
         join integrations on integrations.id = credentials.integration_id \
         join connected_users as person on person.id = enabled.user_id \
         where credentials.status = 'VALID' and integrations.is_active = 1 \
         and person.disabled_at is null and enabled.project_id = $1 "
    };
}

fn read_runnable(found: &AnyRow) -> Result<Runnable> {
    Ok(Runnable {
        enablement: read(found)?,
        user_external_id: row::get(found, "external_id")?,
        user_metadata: row::json(found, "metadata")?,
    })
}

/// The enablements of a workflow that work, in the order of configurations, those after `after`,
/// at most [`ENABLEMENTS_READ_MAX`]. A full answer is followed by another call, after its last.
pub async fn list_runnable_of_workflow(
    conn: &mut Connection,
    project_id: ProjectId,
    workflow_id: WorkflowId,
    after: Option<ConfigurationId>,
) -> Result<Vec<Runnable>> {
    let statement = sqlx::query(concat!(
        runnable!(),
        "and enabled.workflow_id = $2 and enabled.configuration_id > $3 \
         order by enabled.configuration_id limit $4"
    ))
    .bind(project_id.to_string())
    .bind(workflow_id.to_string())
    .bind(after.map(|id| id.to_string()).unwrap_or_default())
    .bind(ENABLEMENTS_READ_MAX);
    query::list(conn, statement, read_runnable).await
}

/// The enablements of a workflow that work for one account, or for all accounts that the provider
/// calls so, in the order of configurations, those after `after`, at most [`ENABLEMENTS_READ_MAX`].
/// A full answer is followed by another call, after its last.
pub async fn list_runnable_of_account(
    conn: &mut Connection,
    project_id: ProjectId,
    workflow_id: WorkflowId,
    account: &Account,
    after: Option<ConfigurationId>,
) -> Result<Vec<Runnable>> {
    let (statement, id) = match account {
        Account::Credential(id) => (
            concat!(
                runnable!(),
                "and enabled.workflow_id = $2 and enabled.credential_id = $3 \
                 and enabled.configuration_id > $4 order by enabled.configuration_id limit $5"
            ),
            id.to_string(),
        ),
        Account::ProviderId(id) => (
            concat!(
                runnable!(),
                "and enabled.workflow_id = $2 and credentials.project_id = $1 \
                 and credentials.provider_id = $3 and enabled.configuration_id > $4 \
                 order by enabled.configuration_id limit $5"
            ),
            id.clone(),
        ),
    };
    let statement = sqlx::query(statement)
        .bind(project_id.to_string())
        .bind(workflow_id.to_string())
        .bind(id)
        .bind(after.map(|id| id.to_string()).unwrap_or_default())
        .bind(ENABLEMENTS_READ_MAX);
    query::list(conn, statement, read_runnable).await
}

/// All that is on for a user and works, in the order of workflows.
pub async fn list_runnable_of_user(
    conn: &mut Connection,
    project_id: ProjectId,
    user_id: ConnectedUserId,
) -> Result<Vec<Runnable>> {
    let statement = sqlx::query(concat!(
        runnable!(),
        "and enabled.user_id = $2 order by enabled.workflow_id, enabled.configuration_id"
    ))
    .bind(project_id.to_string())
    .bind(user_id.to_string());
    query::list(conn, statement, read_runnable).await
}
