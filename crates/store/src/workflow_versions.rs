//! Versions of workflows. A version never changes: an execution runs to its end with the one it
//! began with.

use base::{ProjectId, Result, Timestamp, WorkflowId, WorkflowVersionId};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::page::Cursor;
use crate::{Connection, Page, PageRequest, query, row};

/// One version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowVersion {
    /// Its id.
    pub id: WorkflowVersionId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// Its place among the workflow's versions, from 1.
    pub number: i64,
    /// The definition as it was validated.
    pub definition: Value,
    /// What its author says of it.
    pub note: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

macro_rules! columns {
    () => {
        "id, project_id, workflow_id, number, definition, note, created_at"
    };
}

fn read(found: &AnyRow) -> Result<WorkflowVersion> {
    Ok(WorkflowVersion {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        workflow_id: row::id(found, "workflow_id")?,
        number: row::get(found, "number")?,
        definition: row::json(found, "definition")?,
        note: row::get(found, "note")?,
        created_at: row::time(found, "created_at")?,
    })
}

/// The number that the next version of a workflow takes.
pub async fn next_number(
    conn: &mut Connection,
    project_id: ProjectId,
    workflow_id: WorkflowId,
) -> Result<i64> {
    let statement = sqlx::query(
        "select cast(coalesce(max(number), 0) + 1 as bigint) as number from workflow_versions \
         where project_id = $1 and workflow_id = $2 and number > 0",
    )
    .bind(project_id.to_string())
    .bind(workflow_id.to_string());
    let found = query::find(conn, statement, |found| row::get(found, "number")).await?;
    Ok(found.unwrap_or(1))
}

/// The number that the next test of a workflow's draft takes: each is below 0, so that none is among
/// the deployed ones.
pub async fn next_test_number(
    conn: &mut Connection,
    project_id: ProjectId,
    workflow_id: WorkflowId,
) -> Result<i64> {
    let statement = sqlx::query(
        "select cast(coalesce(min(number), 0) - 1 as bigint) as number from workflow_versions \
         where project_id = $1 and workflow_id = $2 and number < 0",
    )
    .bind(project_id.to_string())
    .bind(workflow_id.to_string());
    let found = query::find(conn, statement, |found| row::get(found, "number")).await?;
    Ok(found.unwrap_or(-1))
}

/// Adds a version.
pub async fn insert(conn: &mut Connection, version: &WorkflowVersion) -> Result<()> {
    let statement = sqlx::query(concat!(
        "insert into workflow_versions (",
        columns!(),
        ") values ($1, $2, $3, $4, $5, $6, $7)"
    ))
    .bind(version.id.to_string())
    .bind(version.project_id.to_string())
    .bind(version.workflow_id.to_string())
    .bind(version.number)
    .bind(row::to_json(&version.definition))
    .bind(version.note.as_deref())
    .bind(version.created_at.0);
    query::execute(conn, statement).await.map(drop)
}

/// The version with this id.
pub async fn find(
    conn: &mut Connection,
    project_id: ProjectId,
    id: WorkflowVersionId,
) -> Result<Option<WorkflowVersion>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from workflow_versions where project_id = $1 and id = $2"
    ))
    .bind(project_id.to_string())
    .bind(id.to_string());
    query::find(conn, statement, read).await
}

/// The versions of a workflow, newest first.
pub async fn list(
    conn: &mut Connection,
    project_id: ProjectId,
    workflow_id: WorkflowId,
    page: &PageRequest,
) -> Result<Page<WorkflowVersion>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from workflow_versions where project_id = $1 and workflow_id = $2 \
         and number > 0 and (created_at, id) < ($3, $4) order by created_at desc, id desc limit $5"
    ))
    .bind(project_id.to_string())
    .bind(workflow_id.to_string());
    query::page(conn, page.newest_first(statement), page, read, |version| {
        Cursor::new(version.created_at, version.id)
    })
    .await
}

/// The versions that are live in a project, at most `rows_max`.
pub async fn list_live(
    conn: &mut Connection,
    project_id: ProjectId,
    rows_max: i64,
) -> Result<Vec<WorkflowVersion>> {
    let statement = sqlx::query(
        "select version.id as id, version.project_id as project_id, \
         version.workflow_id as workflow_id, version.number as number, \
         version.definition as definition, version.note as note, \
         version.created_at as created_at \
         from workflows join workflow_versions as version on version.id = workflows.live_version_id \
         where workflows.project_id = $1 order by workflows.created_at, workflows.id limit $2",
    )
    .bind(project_id.to_string())
    .bind(rows_max);
    query::list(conn, statement, read).await
}
