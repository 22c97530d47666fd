//! Until when a provider wants no calls with a credential.

use base::{ConnectedUserId, CredentialId, ProjectId, Result, Timestamp};
use sqlx::any::AnyRow;

use crate::{Connection, query, row};

/// One wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Whose credential it is.
    pub project_id: ProjectId,
    /// The connected user.
    pub user_id: ConnectedUserId,
    /// The credential.
    pub credential_id: CredentialId,
    /// When calls may go on.
    pub until: Timestamp,
}

fn read(found: &AnyRow) -> Result<Wait> {
    Ok(Wait {
        project_id: row::id(found, "project_id")?,
        user_id: row::id(found, "user_id")?,
        credential_id: row::id(found, "credential_id")?,
        until: row::time(found, "wait_until")?,
    })
}

/// Stores a wait unless a longer one is known. False when there is no such credential any more.
pub async fn extend(conn: &mut Connection, wait: &Wait) -> Result<bool> {
    let statement = sqlx::query(
        "insert into rate_limit_waits (credential_id, project_id, user_id, wait_until) \
         select id, project_id, user_id, cast($3 as bigint) from credentials \
         where project_id = $1 and id = $2 \
         on conflict (credential_id) do update set wait_until = \
         case when excluded.wait_until > rate_limit_waits.wait_until \
         then excluded.wait_until else rate_limit_waits.wait_until end",
    )
    .bind(wait.project_id.to_string())
    .bind(wait.credential_id.to_string())
    .bind(wait.until.0);
    Ok(query::execute(conn, statement).await? > 0)
}

/// The waits of a user's credentials.
pub async fn list_of_user(
    conn: &mut Connection,
    project_id: ProjectId,
    user_id: ConnectedUserId,
) -> Result<Vec<Wait>> {
    let statement = sqlx::query(
        "select credential_id, project_id, user_id, wait_until from rate_limit_waits \
         where project_id = $1 and user_id = $2 order by credential_id",
    )
    .bind(project_id.to_string())
    .bind(user_id.to_string());
    query::list(conn, statement, read).await
}

/// Deletes waits that are over.
pub async fn delete_before(conn: &mut Connection, now: Timestamp) -> Result<u64> {
    let statement = sqlx::query("delete from rate_limit_waits where wait_until < $1").bind(now.0);
    query::execute(conn, statement).await
}
