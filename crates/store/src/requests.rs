//! The log of calls to providers.

use std::time::Duration;

use base::{ConnectedUserId, CredentialId, IntegrationId, ProjectId, RequestId, Result, Timestamp};
use sqlx::any::AnyRow;

use crate::page::Cursor;
use crate::{Connection, Page, PageRequest, query, row};

/// How many rows one call of [`delete_before`] takes away, so that no lock is held for long.
pub const DELETED_AT_ONCE_MAX: i64 = 2_000;

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// The project.
    pub project_id: ProjectId,
    /// The connected user in whose name it was made.
    pub user_id: ConnectedUserId,
    /// The integration.
    pub integration_id: IntegrationId,
    /// The credential, which may be gone.
    pub credential_id: CredentialId,
    /// The method.
    pub method: String,
    /// The provider's host; empty when the call had no address.
    pub host: String,
    /// The path without its query.
    pub path: String,
    /// The provider's status; none when it gave no answer.
    pub status: Option<u16>,
    /// Until the answer began.
    pub duration: Duration,
    /// How long the answer was, where it said so.
    pub bytes: Option<u64>,
    /// Our error's code, when the call failed here.
    pub error_code: Option<String>,
    /// The provider's own name of the call.
    pub activity_id: Option<String>,
    /// The permission whose lack explains a refusal.
    pub needs_scope: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
}

/// Which calls are wanted.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only those of this credential.
    pub credential_id: Option<CredentialId>,
    /// Only statuses from here; no answer counts as 0.
    pub status_min: u16,
    /// Only statuses up to here.
    pub status_max: u16,
    /// Only calls that began then or later.
    pub since: Timestamp,
}

macro_rules! columns {
    () => {
        "id, project_id, user_id, integration_id, credential_id, method, host, path, status, \
         duration, bytes, error_code, activity_id, needs_scope, created_at"
    };
}

fn read(found: &AnyRow) -> Result<Request> {
    let micros: i64 = row::get(found, "duration")?;
    let status: i64 = row::get(found, "status")?;
    let bytes: Option<i64> = row::get(found, "bytes")?;
    Ok(Request {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        user_id: row::id(found, "user_id")?,
        integration_id: row::id(found, "integration_id")?,
        credential_id: row::id(found, "credential_id")?,
        method: row::get(found, "method")?,
        host: row::get(found, "host")?,
        path: row::get(found, "path")?,
        status: u16::try_from(status).ok().filter(|status| *status > 0),
        duration: Duration::from_micros(u64::try_from(micros).unwrap_or(0)),
        bytes: bytes.and_then(|bytes| u64::try_from(bytes).ok()),
        error_code: row::get(found, "error_code")?,
        activity_id: row::get(found, "activity_id")?,
        needs_scope: row::get(found, "needs_scope")?,
        created_at: row::time(found, "created_at")?,
    })
}

/// Adds a call. False when its project is gone.
pub async fn insert(conn: &mut Connection, request: &Request) -> Result<bool> {
    let statement = sqlx::query(concat!(
        "insert into requests (",
        columns!(),
        ") select $1, id, $3, $4, $5, $6, $7, $8, cast($9 as bigint), cast($10 as bigint), \
         cast($11 as bigint), cast($12 as text), cast($13 as text), cast($14 as text), \
         cast($15 as bigint) from projects where id = $2"
    ))
    .bind(request.id.to_string())
    .bind(request.project_id.to_string())
    .bind(request.user_id.to_string())
    .bind(request.integration_id.to_string())
    .bind(request.credential_id.to_string())
    .bind(request.method.clone())
    .bind(request.host.clone())
    .bind(request.path.clone())
    .bind(i64::from(request.status.unwrap_or(0)))
    .bind(i64::try_from(request.duration.as_micros()).unwrap_or(i64::MAX))
    .bind(request.bytes.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX)))
    .bind(request.error_code.clone())
    .bind(request.activity_id.clone())
    .bind(request.needs_scope.clone())
    .bind(request.created_at.0);
    Ok(query::execute(conn, statement).await? > 0)
}

macro_rules! page_of {
    ($condition:literal) => {
        concat!(
            "select ",
            columns!(),
            " from requests where project_id = $1 and created_at >= $2 and status >= $3 \
             and status <= $4 and (created_at, id) < ($5, $6)",
            $condition,
            " order by created_at desc, id desc limit $7"
        )
    };
}

/// The calls of a project, newest first.
pub async fn list(
    conn: &mut Connection,
    project_id: ProjectId,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Page<Request>> {
    let sql = match filter.credential_id {
        Some(_) => page_of!(" and credential_id = $8"),
        None => page_of!(""),
    };
    let statement = sqlx::query(sql)
        .bind(project_id.to_string())
        .bind(filter.since.0)
        .bind(i64::from(filter.status_min))
        .bind(i64::from(filter.status_max));
    let mut statement = page.newest_first(statement);
    if let Some(credential_id) = filter.credential_id {
        statement = statement.bind(credential_id.to_string());
    }
    query::page(conn, statement, page, read, |request| Cursor::new(request.created_at, request.id))
        .await
}

/// Deletes calls that began before `time`, at most [`DELETED_AT_ONCE_MAX`]; answers how many.
pub async fn delete_before(conn: &mut Connection, time: Timestamp) -> Result<u64> {
    let statement = sqlx::query(
        "delete from requests where id in \
         (select id from requests where created_at < $1 order by created_at limit $2)",
    )
    .bind(time.0)
    .bind(DELETED_AT_ONCE_MAX);
    query::execute(conn, statement).await
}
