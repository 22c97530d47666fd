//! App registrations: client id and secret that a host developer made at the provider.

use base::{AppRegistrationId, IntegrationId, ProjectId, Result, Timestamp};
use sqlx::any::AnyRow;

use crate::{Connection, query, row};

/// One app registration. The newest that is not replaced is the one new credentials come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppRegistration {
    /// Its id.
    pub id: AppRegistrationId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// The integration it belongs to.
    pub integration_id: IntegrationId,
    /// The client id at the provider.
    pub client_id: String,
    /// The client secret, sealed.
    pub client_secret: Vec<u8>,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When another took its place for new credentials; those it has keep using it.
    pub replaced_at: Option<Timestamp>,
}

macro_rules! columns {
    () => {
        "id, project_id, integration_id, client_id, client_secret, created_at, replaced_at"
    };
}

fn read(found: &AnyRow) -> Result<AppRegistration> {
    Ok(AppRegistration {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        integration_id: row::id(found, "integration_id")?,
        client_id: row::get(found, "client_id")?,
        client_secret: row::get(found, "client_secret")?,
        created_at: row::time(found, "created_at")?,
        replaced_at: row::optional_time(found, "replaced_at")?,
    })
}

/// Adds a registration.
pub async fn insert(conn: &mut Connection, registration: &AppRegistration) -> Result<()> {
    let statement = sqlx::query(
        "insert into app_registrations \
         (id, project_id, integration_id, client_id, client_secret, created_at) \
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(registration.id.to_string())
    .bind(registration.project_id.to_string())
    .bind(registration.integration_id.to_string())
    .bind(&registration.client_id)
    .bind(&registration.client_secret)
    .bind(registration.created_at.0);
    query::execute(conn, statement).await.map(drop)
}

/// The registration with this id, replaced or not.
pub async fn find(
    conn: &mut Connection,
    project_id: ProjectId,
    id: AppRegistrationId,
) -> Result<Option<AppRegistration>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from app_registrations where project_id = $1 and id = $2"
    ))
    .bind(project_id.to_string())
    .bind(id.to_string());
    query::find(conn, statement, read).await
}

/// The registration that new credentials come from; none means development keys.
pub async fn find_current(
    conn: &mut Connection,
    project_id: ProjectId,
    integration_id: IntegrationId,
) -> Result<Option<AppRegistration>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from app_registrations \
         where project_id = $1 and integration_id = $2 and replaced_at is null \
         order by created_at desc, id desc limit 1"
    ))
    .bind(project_id.to_string())
    .bind(integration_id.to_string());
    query::find(conn, statement, read).await
}

/// Stores another sealed secret for the same client id.
pub async fn update_secret(
    conn: &mut Connection,
    project_id: ProjectId,
    id: AppRegistrationId,
    client_secret: &[u8],
) -> Result<bool> {
    let statement = sqlx::query(
        "update app_registrations set client_secret = $3 where project_id = $1 and id = $2",
    )
    .bind(project_id.to_string())
    .bind(id.to_string())
    .bind(client_secret);
    Ok(query::execute(conn, statement).await? > 0)
}

/// Marks the integration's current registration as replaced.
pub async fn replace_current(
    conn: &mut Connection,
    project_id: ProjectId,
    integration_id: IntegrationId,
    now: Timestamp,
) -> Result<()> {
    let statement = sqlx::query(
        "update app_registrations set replaced_at = $3 \
         where project_id = $1 and integration_id = $2 and replaced_at is null",
    )
    .bind(project_id.to_string())
    .bind(integration_id.to_string())
    .bind(now.0);
    query::execute(conn, statement).await.map(drop)
}

/// Deletes the integration's replaced registrations that no credential uses any more.
pub async fn delete_unused(
    conn: &mut Connection,
    project_id: ProjectId,
    integration_id: IntegrationId,
) -> Result<u64> {
    let statement = sqlx::query(
        "delete from app_registrations \
         where project_id = $1 and integration_id = $2 and replaced_at is not null \
         and not exists (select 1 from credentials \
                         where credentials.app_registration_id = app_registrations.id)",
    )
    .bind(project_id.to_string())
    .bind(integration_id.to_string());
    query::execute(conn, statement).await
}
