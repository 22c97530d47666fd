//! Workflows: what a host developer builds, as it is being edited, and which version is live.

use base::{
    Error, ErrorKind, IntegrationId, ProjectId, Result, Timestamp, WorkflowId, WorkflowVersionId,
};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::page::Cursor;
use crate::{Connection, Page, PageRequest, query, row};

/// One workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workflow {
    /// Its id.
    pub id: WorkflowId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// The integration whose accounts it works with.
    pub integration_id: Option<IntegrationId>,
    /// The name that people chose for files, the same in every environment.
    pub key: String,
    /// The name that people see.
    pub name: String,
    /// The definition that is being edited.
    pub draft: Value,
    /// Counts edits of the draft.
    pub draft_number: i64,
    /// The version that triggers start; none while it is not deployed.
    pub live_version_id: Option<WorkflowVersionId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything of it last changed.
    pub updated_at: Timestamp,
}

macro_rules! columns {
    () => {
        "id, project_id, integration_id, key, name, draft, draft_number, live_version_id, \
         created_at, updated_at"
    };
}

fn read(found: &AnyRow) -> Result<Workflow> {
    Ok(Workflow {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        integration_id: row::optional_id(found, "integration_id")?,
        key: row::get(found, "key")?,
        name: row::get(found, "name")?,
        draft: row::json(found, "draft")?,
        draft_number: row::get(found, "draft_number")?,
        live_version_id: row::optional_id(found, "live_version_id")?,
        created_at: row::time(found, "created_at")?,
        updated_at: row::time(found, "updated_at")?,
    })
}

fn key_taken() -> Error {
    let message = "The project has another workflow with this key; choose another one.";
    Error::new(ErrorKind::Conflict, "workflow_key_taken", message)
}

/// Adds a workflow.
pub async fn insert(conn: &mut Connection, workflow: &Workflow) -> Result<()> {
    let statement = sqlx::query(concat!(
        "insert into workflows (",
        columns!(),
        ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    ))
    .bind(workflow.id.to_string())
    .bind(workflow.project_id.to_string())
    .bind(workflow.integration_id.map(|id| id.to_string()))
    .bind(&workflow.key)
    .bind(&workflow.name)
    .bind(row::to_json(&workflow.draft))
    .bind(workflow.draft_number)
    .bind(workflow.live_version_id.map(|id| id.to_string()))
    .bind(workflow.created_at.0)
    .bind(workflow.updated_at.0);
    query::execute_unique(conn, statement, key_taken).await.map(drop)
}

/// Stores everything of a workflow that can change, if its draft still has the number `seen`.
/// False when somebody else edited it, or it is gone.
pub async fn update(conn: &mut Connection, workflow: &Workflow, seen: i64) -> Result<bool> {
    let statement = sqlx::query(
        "update workflows set integration_id = $3, key = $4, name = $5, draft = $6, \
         draft_number = $7, live_version_id = $8, updated_at = $9 \
         where project_id = $1 and id = $2 and draft_number = $10",
    )
    .bind(workflow.project_id.to_string())
    .bind(workflow.id.to_string())
    .bind(workflow.integration_id.map(|id| id.to_string()))
    .bind(&workflow.key)
    .bind(&workflow.name)
    .bind(row::to_json(&workflow.draft))
    .bind(workflow.draft_number)
    .bind(workflow.live_version_id.map(|id| id.to_string()))
    .bind(workflow.updated_at.0)
    .bind(seen);
    Ok(query::execute_unique(conn, statement, key_taken).await? > 0)
}

/// The workflow with this id.
pub async fn find(
    conn: &mut Connection,
    project_id: ProjectId,
    id: WorkflowId,
) -> Result<Option<Workflow>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from workflows where project_id = $1 and id = $2"
    ))
    .bind(project_id.to_string())
    .bind(id.to_string());
    query::find(conn, statement, read).await
}

/// The workflow with this key.
pub async fn find_by_key(
    conn: &mut Connection,
    project_id: ProjectId,
    key: &str,
) -> Result<Option<Workflow>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from workflows where project_id = $1 and key = $2"
    ))
    .bind(project_id.to_string())
    .bind(key.to_owned());
    query::find(conn, statement, read).await
}

/// The workflows of a project, oldest first.
pub async fn list(
    conn: &mut Connection,
    project_id: ProjectId,
    page: &PageRequest,
) -> Result<Page<Workflow>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from workflows where project_id = $1 and (created_at, id) > ($2, $3) \
         order by created_at, id limit $4"
    ))
    .bind(project_id.to_string());
    query::page(conn, page.oldest_first(statement), page, read, |workflow| {
        Cursor::new(workflow.created_at, workflow.id)
    })
    .await
}

/// The deployed workflows of a project, oldest first, at most `rows_max`.
pub async fn list_live(
    conn: &mut Connection,
    project_id: ProjectId,
    rows_max: i64,
) -> Result<Vec<Workflow>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from workflows where project_id = $1 and live_version_id is not null \
         order by created_at, id limit $2"
    ))
    .bind(project_id.to_string())
    .bind(rows_max);
    query::list(conn, statement, read).await
}

/// Deletes a workflow with its versions and executions. False when it is gone already.
pub async fn delete(conn: &mut Connection, project_id: ProjectId, id: WorkflowId) -> Result<bool> {
    let statement = sqlx::query("delete from workflows where project_id = $1 and id = $2")
        .bind(project_id.to_string())
        .bind(id.to_string());
    Ok(query::execute(conn, statement).await? > 0)
}
