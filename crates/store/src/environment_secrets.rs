//! Environment secrets: sealed values that requests of workflows name by their key.

use base::{EnvironmentSecretId, ProjectId, Result, Timestamp};
use sqlx::any::AnyRow;

use crate::{Connection, query, row};

/// One environment secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentSecret {
    /// Its id, to which the value is bound.
    pub id: EnvironmentSecretId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// What expressions call it; one per project.
    pub key: String,
    /// The value, sealed.
    pub value: Vec<u8>,
    /// When it was first set.
    pub created_at: Timestamp,
    /// When it was last set.
    pub updated_at: Timestamp,
}

macro_rules! columns {
    () => {
        "id, project_id, key, value, created_at, updated_at"
    };
}

fn read(found: &AnyRow) -> Result<EnvironmentSecret> {
    Ok(EnvironmentSecret {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        key: row::get(found, "key")?,
        value: row::get(found, "value")?,
        created_at: row::time(found, "created_at")?,
        updated_at: row::time(found, "updated_at")?,
    })
}

/// All of a project's, by key.
pub async fn list(conn: &mut Connection, project_id: ProjectId) -> Result<Vec<EnvironmentSecret>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from environment_secrets where project_id = $1 order by key"
    ))
    .bind(project_id.to_string());
    query::list(conn, statement, read).await
}

/// The one with this key.
pub async fn find(
    conn: &mut Connection,
    project_id: ProjectId,
    key: &str,
) -> Result<Option<EnvironmentSecret>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from environment_secrets where project_id = $1 and key = $2"
    ))
    .bind(project_id.to_string())
    .bind(key);
    query::find(conn, statement, read).await
}

/// Adds one, or gives the one with this id another value.
pub async fn put(conn: &mut Connection, secret: &EnvironmentSecret) -> Result<()> {
    let statement = sqlx::query(concat!(
        "insert into environment_secrets (",
        columns!(),
        ") values ($1, $2, $3, $4, $5, $6) on conflict (id) do update \
         set value = excluded.value, updated_at = excluded.updated_at"
    ))
    .bind(secret.id.to_string())
    .bind(secret.project_id.to_string())
    .bind(&secret.key)
    .bind(&secret.value)
    .bind(secret.created_at.0)
    .bind(secret.updated_at.0);
    query::execute(conn, statement).await.map(drop)
}

/// Deletes the one with this key. False when there is none.
pub async fn delete(conn: &mut Connection, project_id: ProjectId, key: &str) -> Result<bool> {
    let statement =
        sqlx::query("delete from environment_secrets where project_id = $1 and key = $2")
            .bind(project_id.to_string())
            .bind(key);
    Ok(query::execute(conn, statement).await? > 0)
}
