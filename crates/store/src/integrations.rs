//! Integrations: a connector as configured in a project.

use base::{Error, ErrorKind, IntegrationId, ProjectId, Result, Timestamp};
use serde_json::{Map, Value};
use sqlx::any::AnyRow;

use crate::{Connection, query, row};

/// One integration of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integration {
    /// Its id.
    pub id: IntegrationId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// The connector's slug, `azuredevops`; one integration of each in a project.
    pub kind: String,
    /// Whether end users see it and may use it.
    pub is_active: bool,
    /// The scopes that connecting asks for.
    pub scopes: Vec<String>,
    /// Other choices of the host developer, such as the tenant to sign in at.
    pub settings: Map<String, Value>,
    /// What end users see of it, and set for all of its workflows.
    pub portal: Map<String, Value>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

macro_rules! columns {
    () => {
        "id, project_id, type, is_active, scopes, settings, portal, created_at, updated_at"
    };
}

fn read(found: &AnyRow) -> Result<Integration> {
    Ok(Integration {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        kind: row::get(found, "type")?,
        is_active: row::flag(found, "is_active")?,
        scopes: row::json(found, "scopes")?,
        settings: row::json(found, "settings")?,
        portal: row::json(found, "portal")?,
        created_at: row::time(found, "created_at")?,
        updated_at: row::time(found, "updated_at")?,
    })
}

/// Adds an integration; `integration_exists` when the project has one of this kind.
pub async fn insert(conn: &mut Connection, integration: &Integration) -> Result<()> {
    let statement = sqlx::query(
        "insert into integrations \
         (id, project_id, type, is_active, scopes, settings, portal, created_at, updated_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(integration.id.to_string())
    .bind(integration.project_id.to_string())
    .bind(&integration.kind)
    .bind(i64::from(integration.is_active))
    .bind(row::to_json(&integration.scopes))
    .bind(row::to_json(&integration.settings))
    .bind(row::to_json(&integration.portal))
    .bind(integration.created_at.0)
    .bind(integration.updated_at.0);
    let exists = || {
        Error::new(
            ErrorKind::Conflict,
            "integration_exists",
            format!("The project has an integration \"{}\" already.", integration.kind),
        )
    };
    query::execute_unique(conn, statement, exists).await.map(drop)
}

/// The integration with this id.
pub async fn find(
    conn: &mut Connection,
    project_id: ProjectId,
    id: IntegrationId,
) -> Result<Option<Integration>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from integrations where project_id = $1 and id = $2"
    ))
    .bind(project_id.to_string())
    .bind(id.to_string());
    query::find(conn, statement, read).await
}

/// All integrations of a project, oldest first.
pub async fn list(conn: &mut Connection, project_id: ProjectId) -> Result<Vec<Integration>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from integrations where project_id = $1 order by created_at, id"
    ))
    .bind(project_id.to_string());
    query::list(conn, statement, read).await
}

/// Stores switch, scopes, settings and what people see. False when there is no such integration.
pub async fn update(conn: &mut Connection, integration: &Integration) -> Result<bool> {
    let statement = sqlx::query(
        "update integrations set is_active = $3, scopes = $4, settings = $5, portal = $6, \
         updated_at = $7 \
         where project_id = $1 and id = $2",
    )
    .bind(integration.project_id.to_string())
    .bind(integration.id.to_string())
    .bind(i64::from(integration.is_active))
    .bind(row::to_json(&integration.scopes))
    .bind(row::to_json(&integration.settings))
    .bind(row::to_json(&integration.portal))
    .bind(integration.updated_at.0);
    Ok(query::execute(conn, statement).await? > 0)
}

/// Deletes the integration with its app registrations and credentials.
pub async fn delete(
    conn: &mut Connection,
    project_id: ProjectId,
    id: IntegrationId,
) -> Result<bool> {
    let statement = sqlx::query("delete from integrations where project_id = $1 and id = $2")
        .bind(project_id.to_string())
        .bind(id.to_string());
    Ok(query::execute(conn, statement).await? > 0)
}
