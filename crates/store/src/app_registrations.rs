//! App registrations: a client id that a host developer made at the provider, and what proves it:
//! a secret or a certificate's key, with a successor where one is there already.

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
    /// What proves it now.
    pub proof: Proof,
    /// What proves it when the provider refuses that.
    pub successor: Option<Proof>,
    /// How many days were left when the end of `proof` was last announced.
    pub announced_days: Option<i64>,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When another took its place for new credentials; those it has keep using it.
    pub replaced_at: Option<Timestamp>,
}

/// What proves an app to the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The client secret, or key and certificate, sealed.
    pub sealed: Vec<u8>,
    /// When it ends, where that is known.
    pub expires_at: Option<Timestamp>,
    /// The certificate's SHA-256 in Base64; none for a client secret.
    pub thumbprint: Option<String>,
}

macro_rules! columns {
    () => {
        "id, project_id, integration_id, client_id, client_secret, expires_at, thumbprint, \
         successor, successor_expires_at, successor_thumbprint, announced_days, created_at, \
         replaced_at"
    };
}

fn read(found: &AnyRow) -> Result<AppRegistration> {
    Ok(AppRegistration {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        integration_id: row::id(found, "integration_id")?,
        client_id: row::get(found, "client_id")?,
        proof: Proof {
            sealed: row::get(found, "client_secret")?,
            expires_at: row::optional_time(found, "expires_at")?,
            thumbprint: row::get(found, "thumbprint")?,
        },
        successor: match row::get(found, "successor")? {
            None => None,
            Some(sealed) => Some(Proof {
                sealed,
                expires_at: row::optional_time(found, "successor_expires_at")?,
                thumbprint: row::get(found, "successor_thumbprint")?,
            }),
        },
        announced_days: row::get(found, "announced_days")?,
        created_at: row::time(found, "created_at")?,
        replaced_at: row::optional_time(found, "replaced_at")?,
    })
}

/// Adds a registration, without a successor.
pub async fn insert(conn: &mut Connection, registration: &AppRegistration) -> Result<()> {
    let statement = sqlx::query(
        "insert into app_registrations \
         (id, project_id, integration_id, client_id, client_secret, expires_at, thumbprint, \
         created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(registration.id.to_string())
    .bind(registration.project_id.to_string())
    .bind(registration.integration_id.to_string())
    .bind(&registration.client_id)
    .bind(&registration.proof.sealed)
    .bind(registration.proof.expires_at.map(|time| time.0))
    .bind(registration.proof.thumbprint.as_deref())
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

/// Stores another proof for the same client id; a successor goes.
pub async fn replace_proof(
    conn: &mut Connection,
    project_id: ProjectId,
    id: AppRegistrationId,
    proof: &Proof,
) -> Result<bool> {
    let statement = sqlx::query(
        "update app_registrations set client_secret = $3, expires_at = $4, thumbprint = $5, \
         successor = null, successor_expires_at = null, successor_thumbprint = null, \
         announced_days = null where project_id = $1 and id = $2",
    )
    .bind(project_id.to_string())
    .bind(id.to_string())
    .bind(&proof.sealed)
    .bind(proof.expires_at.map(|time| time.0))
    .bind(proof.thumbprint.as_deref());
    Ok(query::execute(conn, statement).await? > 0)
}

/// Stores the proof that takes over when the provider refuses the one in use; none takes it away.
pub async fn set_successor(
    conn: &mut Connection,
    project_id: ProjectId,
    id: AppRegistrationId,
    successor: Option<&Proof>,
) -> Result<bool> {
    let statement = sqlx::query(
        "update app_registrations set successor = $3, successor_expires_at = $4, \
         successor_thumbprint = $5 where project_id = $1 and id = $2",
    )
    .bind(project_id.to_string())
    .bind(id.to_string())
    .bind(successor.map(|proof| proof.sealed.clone()))
    .bind(successor.and_then(|proof| proof.expires_at).map(|time| time.0))
    .bind(successor.and_then(|proof| proof.thumbprint.as_deref()));
    Ok(query::execute(conn, statement).await? > 0)
}

/// Registrations whose proof ends before `time` and whose end was not yet announced with `days` or
/// fewer left: the earliest first, at most `limit`.
pub async fn list_expiring(
    conn: &mut Connection,
    time: Timestamp,
    days: i64,
    limit: u32,
) -> Result<Vec<AppRegistration>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from app_registrations where expires_at <= $1 \
         and (announced_days is null or announced_days > $2) order by expires_at, id limit $3"
    ))
    .bind(time.0)
    .bind(days)
    .bind(i64::from(limit));
    query::list(conn, statement, read).await
}

/// Notes that the end of a proof was announced with so many days left. False when it was already.
pub async fn announce(
    conn: &mut Connection,
    registration: &AppRegistration,
    days: i64,
) -> Result<bool> {
    let statement = sqlx::query(
        "update app_registrations set announced_days = $4 \
         where project_id = $1 and id = $2 and expires_at = $3 \
         and (announced_days is null or announced_days > $4)",
    )
    .bind(registration.project_id.to_string())
    .bind(registration.id.to_string())
    .bind(registration.proof.expires_at.map(|time| time.0))
    .bind(days);
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
