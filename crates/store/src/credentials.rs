//! Credentials: one connected account of one connected user each.

use base::{
    AppRegistrationId, ConnectedUserId, CredentialId, Error, ErrorKind, IntegrationId, ProjectId,
    Result, Timestamp,
};
use serde_json::{Map, Value};
use sqlx::any::AnyRow;

use crate::page::Cursor;
use crate::{Connection, Page, PageRequest, query, row};

/// One credential. `secrets` opens only in the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// The integration it was connected through.
    pub integration_id: IntegrationId,
    /// The connected user whose account it is.
    pub user_id: ConnectedUserId,
    /// The app registration that may refresh it; none with development keys or a pasted token.
    pub app_registration_id: Option<AppRegistrationId>,
    /// The connector's account type: `default`, `pat`.
    pub account_type: String,
    /// The host's name for it, unique for this user and integration.
    pub external_id: Option<String>,
    /// Whether it can be used.
    pub status: Status,
    /// Why it is invalid: `{code, message}`.
    pub status_reason: Option<Value>,
    /// Who it is at the provider.
    pub provider_id: Option<String>,
    /// What the connector knows of the account; its base addresses are filled in from here.
    pub provider_data: Map<String, Value>,
    /// The connector's endpoint profile it was connected with.
    pub profile: String,
    /// The scopes that were granted.
    pub scopes: Vec<String>,
    /// Tokens, sealed.
    pub secrets: Vec<u8>,
    /// When the access token ends; none when it does not.
    pub expires_at: Option<Timestamp>,
    /// When the tokens were last renewed.
    pub refreshed_at: Timestamp,
    /// How many renewals failed since the last success.
    pub refresh_failure_count: i64,
    /// Until when a process has the sole right to renew the tokens; none when nobody does.
    pub refresh_lease_until: Option<Timestamp>,
    /// Since when it is unknown whether the refresh token was spent; it is used all the same.
    pub suspect_since: Option<Timestamp>,
    /// When it was connected. Of several the oldest valid one is used by default.
    pub created_at: Timestamp,
    /// When anything of it last changed.
    pub updated_at: Timestamp,
}

/// Whether a credential can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It works.
    Valid,
    /// The provider refused it for good; the person must sign in again.
    Invalid,
}

impl Status {
    /// The name in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "VALID",
            Self::Invalid => "INVALID",
        }
    }
}

macro_rules! columns {
    () => {
        "id, project_id, integration_id, user_id, app_registration_id, account_type, external_id, \
         status, status_reason, provider_id, provider_data, profile, scopes, secrets, expires_at, \
         refreshed_at, refresh_failure_count, refresh_lease_until, suspect_since, created_at, \
         updated_at"
    };
}

fn read(found: &AnyRow) -> Result<Credential> {
    Ok(Credential {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        integration_id: row::id(found, "integration_id")?,
        user_id: row::id(found, "user_id")?,
        app_registration_id: row::optional_id(found, "app_registration_id")?,
        account_type: row::get(found, "account_type")?,
        external_id: row::get(found, "external_id")?,
        status: match row::get::<String>(found, "status")?.as_str() {
            "VALID" => Status::Valid,
            _ => Status::Invalid,
        },
        status_reason: row::optional_json(found, "status_reason")?,
        provider_id: row::get(found, "provider_id")?,
        provider_data: row::json(found, "provider_data")?,
        profile: row::get(found, "profile")?,
        scopes: row::json(found, "scopes")?,
        secrets: row::get(found, "secrets")?,
        expires_at: row::optional_time(found, "expires_at")?,
        refreshed_at: row::time(found, "refreshed_at")?,
        refresh_failure_count: row::get(found, "refresh_failure_count")?,
        refresh_lease_until: row::optional_time(found, "refresh_lease_until")?,
        suspect_since: row::optional_time(found, "suspect_since")?,
        created_at: row::time(found, "created_at")?,
        updated_at: row::time(found, "updated_at")?,
    })
}

fn external_id_taken() -> Error {
    Error::new(
        ErrorKind::Conflict,
        "external_id_taken",
        "The user has another account with this external id; choose another one.",
    )
}

/// Adds a credential.
pub async fn insert(conn: &mut Connection, credential: &Credential) -> Result<()> {
    let statement = sqlx::query(
        "insert into credentials (id, project_id, integration_id, user_id, app_registration_id, \
         account_type, external_id, status, status_reason, provider_id, provider_data, profile, \
         scopes, secrets, expires_at, refreshed_at, refresh_failure_count, created_at, updated_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
         $19)",
    )
    .bind(credential.id.to_string())
    .bind(credential.project_id.to_string())
    .bind(credential.integration_id.to_string())
    .bind(credential.user_id.to_string())
    .bind(credential.app_registration_id.map(|id| id.to_string()))
    .bind(&credential.account_type)
    .bind(credential.external_id.as_deref())
    .bind(credential.status.as_str())
    .bind(credential.status_reason.as_ref().map(row::to_json))
    .bind(credential.provider_id.as_deref())
    .bind(row::to_json(&credential.provider_data))
    .bind(&credential.profile)
    .bind(row::to_json(&credential.scopes))
    .bind(&credential.secrets)
    .bind(credential.expires_at.map(|time| time.0))
    .bind(credential.refreshed_at.0)
    .bind(credential.refresh_failure_count)
    .bind(credential.created_at.0)
    .bind(credential.updated_at.0);
    query::execute_unique(conn, statement, external_id_taken).await.map(drop)
}

/// Stores everything of a credential that can change, with tokens of its own: whoever is renewing
/// those before loses the right to. False when it is gone.
pub async fn update(conn: &mut Connection, credential: &Credential) -> Result<bool> {
    let statement = sqlx::query(
        "update credentials set app_registration_id = $3, account_type = $4, external_id = $5, \
         status = $6, status_reason = $7, provider_id = $8, provider_data = $9, profile = $10, \
         scopes = $11, secrets = $12, expires_at = $13, refreshed_at = $14, \
         refresh_failure_count = $15, updated_at = $16, refresh_fence = refresh_fence + 1, \
         refresh_lease_until = null, suspect_since = $17 \
         where project_id = $1 and id = $2",
    )
    .bind(credential.project_id.to_string())
    .bind(credential.id.to_string())
    .bind(credential.app_registration_id.map(|id| id.to_string()))
    .bind(&credential.account_type)
    .bind(credential.external_id.as_deref())
    .bind(credential.status.as_str())
    .bind(credential.status_reason.as_ref().map(row::to_json))
    .bind(credential.provider_id.as_deref())
    .bind(row::to_json(&credential.provider_data))
    .bind(&credential.profile)
    .bind(row::to_json(&credential.scopes))
    .bind(&credential.secrets)
    .bind(credential.expires_at.map(|time| time.0))
    .bind(credential.refreshed_at.0)
    .bind(credential.refresh_failure_count)
    .bind(credential.updated_at.0)
    .bind(credential.suspect_since.map(|time| time.0));
    Ok(query::execute_unique(conn, statement, external_id_taken).await? > 0)
}

/// Marks every credential of a project invalid, and answers how many there are.
pub async fn invalidate_all(
    conn: &mut Connection,
    project_id: ProjectId,
    reason: &Value,
    now: Timestamp,
) -> Result<u64> {
    let statement = sqlx::query(
        "update credentials set status = 'INVALID', status_reason = $2, updated_at = $3, \
         refresh_fence = refresh_fence + 1, refresh_lease_until = null \
         where project_id = $1",
    )
    .bind(project_id.to_string())
    .bind(row::to_json(reason))
    .bind(now.0);
    query::execute(conn, statement).await
}

/// The credential with this id, whoever's in the project.
pub async fn find(
    conn: &mut Connection,
    project_id: ProjectId,
    id: CredentialId,
) -> Result<Option<Credential>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from credentials where project_id = $1 and id = $2"
    ))
    .bind(project_id.to_string())
    .bind(id.to_string());
    query::find(conn, statement, read).await
}

/// All credentials of a user, oldest first.
pub async fn list_of_user(
    conn: &mut Connection,
    project_id: ProjectId,
    user_id: ConnectedUserId,
) -> Result<Vec<Credential>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from credentials where project_id = $1 and user_id = $2 order by created_at, id"
    ))
    .bind(project_id.to_string())
    .bind(user_id.to_string());
    query::list(conn, statement, read).await
}

/// All credentials of a project, page by page.
pub async fn list(
    conn: &mut Connection,
    project_id: ProjectId,
    page: &PageRequest,
) -> Result<Page<Credential>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from credentials where project_id = $1 and (created_at, id) > ($2, $3) \
         order by created_at, id limit $4"
    ))
    .bind(project_id.to_string());
    query::page(conn, page.oldest_first(statement), page, read, |credential| {
        Cursor::new(credential.created_at, credential.id)
    })
    .await
}

/// All credentials of an integration, page by page.
pub async fn list_of_integration(
    conn: &mut Connection,
    project_id: ProjectId,
    integration_id: IntegrationId,
    page: &PageRequest,
) -> Result<Page<Credential>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from credentials where project_id = $1 and integration_id = $2 \
         and (created_at, id) > ($3, $4) order by created_at, id limit $5"
    ))
    .bind(project_id.to_string())
    .bind(integration_id.to_string());
    query::page(conn, page.oldest_first(statement), page, read, |credential| {
        Cursor::new(credential.created_at, credential.id)
    })
    .await
}

/// Deletes a credential with its configurations. False when it is gone already.
pub async fn delete(
    conn: &mut Connection,
    project_id: ProjectId,
    id: CredentialId,
) -> Result<bool> {
    let statement = sqlx::query("delete from credentials where project_id = $1 and id = $2")
        .bind(project_id.to_string())
        .bind(id.to_string());
    Ok(query::execute(conn, statement).await? > 0)
}
