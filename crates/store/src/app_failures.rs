//! Apps that a provider refuses now. Each is noted once, so that its owner is told once.

use base::{IntegrationId, ProjectId, Result, Timestamp};

use crate::{Connection, query};

/// One app that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppFailure {
    /// Whose it is.
    pub project_id: ProjectId,
    /// The integration it belongs to.
    pub integration_id: IntegrationId,
    /// The client id at the provider.
    pub client_id: String,
    /// Why: the code of the error.
    pub code: String,
    /// Since when.
    pub since: Timestamp,
}

/// Notes a failure. True when it was not known: the owner is to be told.
pub async fn note(conn: &mut Connection, failure: &AppFailure) -> Result<bool> {
    let statement = sqlx::query(
        "insert into app_failures (project_id, integration_id, client_id, code, since) \
         values ($1, $2, $3, $4, $5) \
         on conflict (integration_id, client_id) do update \
         set code = excluded.code, since = excluded.since \
         where app_failures.code <> excluded.code",
    )
    .bind(failure.project_id.to_string())
    .bind(failure.integration_id.to_string())
    .bind(&failure.client_id)
    .bind(&failure.code)
    .bind(failure.since.0);
    Ok(query::execute(conn, statement).await? > 0)
}

/// Forgets the failure of an app that works, unless it began after `time`.
pub async fn clear(
    conn: &mut Connection,
    project_id: ProjectId,
    integration_id: IntegrationId,
    client_id: &str,
    time: Timestamp,
) -> Result<bool> {
    let statement = sqlx::query(
        "delete from app_failures \
         where project_id = $1 and integration_id = $2 and client_id = $3 and since <= $4",
    )
    .bind(project_id.to_string())
    .bind(integration_id.to_string())
    .bind(client_id.to_owned())
    .bind(time.0);
    Ok(query::execute(conn, statement).await? > 0)
}
