//! How each project's Connect Portal looks: one document per project.

use base::{ProjectId, Result, Timestamp};
use serde_json::{Map, Value};

use crate::{Connection, query, row};

/// The project's document; none when nobody has set one.
pub async fn find(
    conn: &mut Connection,
    project_id: ProjectId,
) -> Result<Option<Map<String, Value>>> {
    let statement = sqlx::query("select document from project_portals where project_id = $1")
        .bind(project_id.to_string());
    query::find(conn, statement, |found| row::json(found, "document")).await
}

/// Stores the project's document in the place of what was there.
pub async fn put(
    conn: &mut Connection,
    project_id: ProjectId,
    document: &Map<String, Value>,
    now: Timestamp,
) -> Result<()> {
    let statement = sqlx::query(
        "insert into project_portals (project_id, document, updated_at) values ($1, $2, $3) \
         on conflict (project_id) do update \
         set document = excluded.document, updated_at = excluded.updated_at",
    )
    .bind(project_id.to_string())
    .bind(row::to_json(document))
    .bind(now.0);
    query::execute(conn, statement).await.map(drop)
}
