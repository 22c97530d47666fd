//! Successful calls that the log has no row of, counted by minute and credential.

use base::{CredentialId, ProjectId, Result, Timestamp};
use sqlx::any::AnyRow;

use crate::page::Cursor;
use crate::{Connection, Page, PageRequest, query, row};

/// The calls of one minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The project.
    pub project_id: ProjectId,
    /// When the minute began.
    pub minute: Timestamp,
    /// The credential, which may be gone.
    pub credential_id: CredentialId,
    /// How many calls succeeded and have no row of their own.
    pub successes: u64,
}

fn read(found: &AnyRow) -> Result<Count> {
    let successes: i64 = row::get(found, "successes")?;
    Ok(Count {
        project_id: row::id(found, "project_id")?,
        minute: row::time(found, "minute")?,
        credential_id: row::id(found, "credential_id")?,
        successes: u64::try_from(successes).unwrap_or(0),
    })
}

/// Adds to a minute's count. False when the project is gone.
pub async fn add(conn: &mut Connection, count: &Count) -> Result<bool> {
    let statement = sqlx::query(
        "insert into request_counts (project_id, minute, credential_id, successes) \
         select id, cast($2 as bigint), $3, cast($4 as bigint) from projects where id = $1 \
         on conflict (project_id, minute, credential_id) \
         do update set successes = request_counts.successes + excluded.successes",
    )
    .bind(count.project_id.to_string())
    .bind(count.minute.0)
    .bind(count.credential_id.to_string())
    .bind(i64::try_from(count.successes).unwrap_or(i64::MAX));
    Ok(query::execute(conn, statement).await? > 0)
}

/// The counts of a project, newest first.
pub async fn list(
    conn: &mut Connection,
    project_id: ProjectId,
    page: &PageRequest,
) -> Result<Page<Count>> {
    let statement = sqlx::query(
        "select project_id, minute, credential_id, successes from request_counts \
         where project_id = $1 and (minute, credential_id) < ($2, $3) \
         order by minute desc, credential_id desc limit $4",
    )
    .bind(project_id.to_string());
    query::page(conn, page.newest_first(statement), page, read, |count| {
        Cursor::new(count.minute, count.credential_id)
    })
    .await
}

/// Deletes the counts of minutes before `time`.
pub async fn delete_before(conn: &mut Connection, time: Timestamp) -> Result<u64> {
    let statement = sqlx::query("delete from request_counts where minute < $1").bind(time.0);
    query::execute(conn, statement).await
}
