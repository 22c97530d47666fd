//! Renewing a credential's tokens, by one process at a time: it takes a lease with the next number
//! of the credential's fence. What comes with an older number, after the lease was taken over or
//! the account was connected again, changes nothing.

use base::{ConnectedUserId, CredentialId, ProjectId, Result, Timestamp};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::credentials::Credential;
use crate::{Connection, query, row};

/// What renewing tokens changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// The scopes that were granted.
    pub scopes: Vec<String>,
    /// Tokens, sealed.
    pub secrets: Vec<u8>,
    /// When the access token ends.
    pub expires_at: Option<Timestamp>,
    /// When they were renewed.
    pub refreshed_at: Timestamp,
}

/// A credential whose tokens have not been renewed for long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idle {
    /// Whose it is.
    pub project_id: ProjectId,
    /// The connected user.
    pub user_id: ConnectedUserId,
    /// The credential.
    pub id: CredentialId,
}

/// Takes the lease until `until` and answers the number of the fence; none when somebody holds it,
/// or the tokens are not those of `seen` any more.
pub async fn begin(
    conn: &mut Connection,
    seen: &Credential,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<i64>> {
    let statement = sqlx::query(
        "update credentials set refresh_fence = refresh_fence + 1, refresh_lease_until = $5, \
         refresh_tried_at = $4 \
         where project_id = $1 and id = $2 and refreshed_at = $3 and status = 'VALID' \
         and (refresh_lease_until is null or refresh_lease_until <= $4) \
         returning refresh_fence",
    )
    .bind(seen.project_id.to_string())
    .bind(seen.id.to_string())
    .bind(seen.refreshed_at.0)
    .bind(now.0)
    .bind(until.0);
    query::find(conn, statement, |found| row::get(found, "refresh_fence")).await
}

/// Keeps the lease for longer. False when it was lost.
pub async fn extend(
    conn: &mut Connection,
    seen: &Credential,
    fence: i64,
    until: Timestamp,
) -> Result<bool> {
    let statement = sqlx::query(
        "update credentials set refresh_lease_until = $4 \
         where project_id = $1 and id = $2 and refresh_fence = $3 \
         and refresh_lease_until is not null",
    )
    .bind(seen.project_id.to_string())
    .bind(seen.id.to_string())
    .bind(fence)
    .bind(until.0);
    Ok(query::execute(conn, statement).await? > 0)
}

/// Stores renewed tokens and gives the lease back. False when it was lost: the tokens stored now
/// are others.
pub async fn finish(
    conn: &mut Connection,
    seen: &Credential,
    fence: i64,
    renewal: &Renewal,
) -> Result<bool> {
    let statement = sqlx::query(
        "update credentials set scopes = $4, secrets = $5, expires_at = $6, refreshed_at = $7, \
         refresh_failure_count = 0, refresh_lease_until = null, suspect_since = null, \
         updated_at = $7 \
         where project_id = $1 and id = $2 and refresh_fence = $3",
    )
    .bind(seen.project_id.to_string())
    .bind(seen.id.to_string())
    .bind(fence)
    .bind(row::to_json(&renewal.scopes))
    .bind(&renewal.secrets)
    .bind(renewal.expires_at.map(|time| time.0))
    .bind(renewal.refreshed_at.0);
    Ok(query::execute(conn, statement).await? > 0)
}

/// Counts a renewal that failed and gives the lease back. `suspect_since` says since when it is
/// unknown whether the refresh token was spent.
pub async fn fail(
    conn: &mut Connection,
    seen: &Credential,
    fence: i64,
    suspect_since: Option<Timestamp>,
) -> Result<bool> {
    let statement = sqlx::query(
        "update credentials set refresh_failure_count = refresh_failure_count + 1, \
         refresh_lease_until = null, suspect_since = coalesce(suspect_since, $4) \
         where project_id = $1 and id = $2 and refresh_fence = $3",
    )
    .bind(seen.project_id.to_string())
    .bind(seen.id.to_string())
    .bind(fence)
    .bind(suspect_since.map(|time| time.0));
    Ok(query::execute(conn, statement).await? > 0)
}

/// Marks a credential invalid, if its tokens are still those renewed at `refreshed_at`.
pub async fn invalidate(
    conn: &mut Connection,
    project_id: ProjectId,
    id: CredentialId,
    refreshed_at: Timestamp,
    reason: &Value,
    now: Timestamp,
) -> Result<bool> {
    let statement = sqlx::query(
        "update credentials set status = 'INVALID', status_reason = $4, \
         refresh_failure_count = refresh_failure_count + 1, refresh_lease_until = null, \
         suspect_since = null, updated_at = $5 \
         where project_id = $1 and id = $2 and refreshed_at = $3 and status = 'VALID'",
    )
    .bind(project_id.to_string())
    .bind(id.to_string())
    .bind(refreshed_at.0)
    .bind(row::to_json(reason))
    .bind(now.0);
    Ok(query::execute(conn, statement).await? > 0)
}

/// Valid credentials of a connector's account type whose tokens were last renewed before
/// `refreshed_before`, and whose last try was before `tried_before`: at most `limit`, the longest
/// unused first.
pub async fn list_idle(
    conn: &mut Connection,
    connector: &str,
    account_type: &str,
    refreshed_before: Timestamp,
    tried_before: Timestamp,
    limit: u32,
) -> Result<Vec<Idle>> {
    let statement = sqlx::query(
        "select project_id, user_id, id from credentials \
         where account_type = $1 and status = 'VALID' and refreshed_at < $2 \
         and (refresh_tried_at is null or refresh_tried_at < $3) \
         and exists (select 1 from integrations \
                     where integrations.id = credentials.integration_id \
                     and integrations.type = $4) \
         order by refreshed_at, id limit $5",
    )
    .bind(account_type)
    .bind(refreshed_before.0)
    .bind(tried_before.0)
    .bind(connector)
    .bind(i64::from(limit));
    query::list(conn, statement, read_idle).await
}

/// Notes that one of those has its turn now, whatever comes of it.
pub async fn note_try(conn: &mut Connection, idle: &Idle, now: Timestamp) -> Result<()> {
    let statement = sqlx::query(
        "update credentials set refresh_tried_at = $3 where project_id = $1 and id = $2",
    )
    .bind(idle.project_id.to_string())
    .bind(idle.id.to_string())
    .bind(now.0);
    query::execute(conn, statement).await.map(drop)
}

fn read_idle(found: &AnyRow) -> Result<Idle> {
    Ok(Idle {
        project_id: row::id(found, "project_id")?,
        user_id: row::id(found, "user_id")?,
        id: row::id(found, "id")?,
    })
}
