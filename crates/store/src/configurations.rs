//! Configurations: sets of user settings on a credential.

use base::{ConfigurationId, CredentialId, Error, ErrorKind, ProjectId, Result, Timestamp};
use serde_json::{Map, Value};
use sqlx::any::AnyRow;

use crate::database::is_shared;
use crate::{Connection, query, row};

/// One configuration of a credential; exactly one of a credential's is its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// Its id.
    pub id: ConfigurationId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// The credential it belongs to.
    pub credential_id: CredentialId,
    /// The host's name for it.
    pub external_id: Option<String>,
    /// Made with the credential and used where none is named.
    pub is_default: bool,
    /// Settings of the integration.
    pub shared_settings: Map<String, Value>,
    /// Settings by workflow id.
    pub workflow_settings: Map<String, Value>,
    /// The host's own notes.
    pub metadata: Map<String, Value>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

macro_rules! columns {
    () => {
        "id, project_id, credential_id, external_id, is_default, shared_settings, \
         workflow_settings, metadata, created_at, updated_at"
    };
}

fn read(found: &AnyRow) -> Result<Configuration> {
    Ok(Configuration {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        credential_id: row::id(found, "credential_id")?,
        external_id: row::get(found, "external_id")?,
        is_default: row::flag(found, "is_default")?,
        shared_settings: row::json(found, "shared_settings")?,
        workflow_settings: row::json(found, "workflow_settings")?,
        metadata: row::json(found, "metadata")?,
        created_at: row::time(found, "created_at")?,
        updated_at: row::time(found, "updated_at")?,
    })
}

/// Adds a configuration. A default one awaits what is on by itself for a new account.
pub async fn insert(conn: &mut Connection, configuration: &Configuration) -> Result<()> {
    let statement = sqlx::query(
        "insert into configurations (id, project_id, credential_id, external_id, is_default, \
         shared_settings, workflow_settings, metadata, created_at, updated_at, awaits_defaults) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(configuration.id.to_string())
    .bind(configuration.project_id.to_string())
    .bind(configuration.credential_id.to_string())
    .bind(configuration.external_id.as_deref())
    .bind(i64::from(configuration.is_default))
    .bind(row::to_json(&configuration.shared_settings))
    .bind(row::to_json(&configuration.workflow_settings))
    .bind(row::to_json(&configuration.metadata))
    .bind(configuration.created_at.0)
    .bind(configuration.updated_at.0)
    .bind(i64::from(configuration.is_default));
    let exists = || {
        Error::new(
            ErrorKind::Conflict,
            "configuration_exists",
            "The credential has a configuration with this external id already.",
        )
    };
    query::execute_unique(conn, statement, exists).await.map(drop)
}

/// The configurations of a credential, oldest first.
pub async fn list(
    conn: &mut Connection,
    project_id: ProjectId,
    credential_id: CredentialId,
) -> Result<Vec<Configuration>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from configurations where project_id = $1 and credential_id = $2 \
         order by created_at, id"
    ))
    .bind(project_id.to_string())
    .bind(credential_id.to_string());
    query::list(conn, statement, read).await
}

/// The configuration as it is now, held for the rest of the transaction: whoever changes part of it
/// reads it so, or the change of somebody else is lost.
pub async fn find_for_update(
    conn: &mut Connection,
    project_id: ProjectId,
    id: ConfigurationId,
) -> Result<Option<Configuration>> {
    macro_rules! find {
        ($lock:literal) => {
            concat!(
                "select ",
                columns!(),
                " from configurations where project_id = $1 and id = $2",
                $lock
            )
        };
    }
    let text = if is_shared(conn) { find!(" for update") } else { find!("") };
    let statement = sqlx::query(text).bind(project_id.to_string()).bind(id.to_string());
    query::find(conn, statement, read).await
}

/// Stores settings and metadata. False when there is no such configuration.
pub async fn update(conn: &mut Connection, configuration: &Configuration) -> Result<bool> {
    let statement = sqlx::query(
        "update configurations \
         set shared_settings = $3, workflow_settings = $4, metadata = $5, updated_at = $6 \
         where project_id = $1 and id = $2",
    )
    .bind(configuration.project_id.to_string())
    .bind(configuration.id.to_string())
    .bind(row::to_json(&configuration.shared_settings))
    .bind(row::to_json(&configuration.workflow_settings))
    .bind(row::to_json(&configuration.metadata))
    .bind(configuration.updated_at.0);
    Ok(query::execute(conn, statement).await? > 0)
}

/// Deletes a configuration that is not the default one.
pub async fn delete(
    conn: &mut Connection,
    project_id: ProjectId,
    id: ConfigurationId,
) -> Result<bool> {
    let statement = sqlx::query(
        "delete from configurations where project_id = $1 and id = $2 and is_default = 0",
    )
    .bind(project_id.to_string())
    .bind(id.to_string());
    Ok(query::execute(conn, statement).await? > 0)
}

/// A configuration that awaits what is on by itself for a new account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awaiting {
    /// Whose it is.
    pub project_id: ProjectId,
    /// The credential.
    pub credential_id: CredentialId,
    /// The configuration.
    pub id: ConfigurationId,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Configurations that await it and were made before `time`, oldest first, those after `after`, at
/// most `rows_max`.
pub async fn list_awaiting(
    conn: &mut Connection,
    time: Timestamp,
    after: Option<&Awaiting>,
    rows_max: i64,
) -> Result<Vec<Awaiting>> {
    let statement = sqlx::query(
        "select project_id, credential_id, id, created_at from configurations \
         where awaits_defaults = 1 and created_at < $1 and (created_at, id) > ($2, $3) \
         order by created_at, id limit $4",
    )
    .bind(time.0)
    .bind(after.map_or(i64::MIN, |one| one.created_at.0))
    .bind(after.map(|one| one.id.to_string()).unwrap_or_default())
    .bind(rows_max);
    let read = |found: &AnyRow| {
        Ok(Awaiting {
            project_id: row::id(found, "project_id")?,
            credential_id: row::id(found, "credential_id")?,
            id: row::id(found, "id")?,
            created_at: row::time(found, "created_at")?,
        })
    };
    query::list(conn, statement, read).await
}

/// Whether a configuration of the credential awaits it.
pub async fn find_awaiting(
    conn: &mut Connection,
    project_id: ProjectId,
    credential_id: CredentialId,
) -> Result<Option<ConfigurationId>> {
    let statement = sqlx::query(
        "select id from configurations \
         where project_id = $1 and credential_id = $2 and awaits_defaults = 1",
    )
    .bind(project_id.to_string())
    .bind(credential_id.to_string());
    query::find(conn, statement, |found| row::id(found, "id")).await
}

/// Takes the right to switch on what is on by itself; one caller gets it.
pub async fn take_awaiting(
    conn: &mut Connection,
    project_id: ProjectId,
    id: ConfigurationId,
) -> Result<bool> {
    let statement = sqlx::query(
        "update configurations set awaits_defaults = 0 \
         where project_id = $1 and id = $2 and awaits_defaults = 1",
    )
    .bind(project_id.to_string())
    .bind(id.to_string());
    Ok(query::execute(conn, statement).await? > 0)
}
