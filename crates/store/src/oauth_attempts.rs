//! OAuth attempts: one person on the way to the provider and back.

use base::{
    AppRegistrationId, ConnectedUserId, CredentialId, IntegrationId, OAuthAttemptId, ProjectId,
    Result, Timestamp,
};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::{Connection, query, row};

/// One attempt to connect an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: OAuthAttemptId,
    /// The project.
    pub project_id: ProjectId,
    /// Who connects.
    pub user_id: ConnectedUserId,
    /// What is connected.
    pub integration_id: IntegrationId,
    /// The app registration it runs through; none with development keys.
    pub app_registration_id: Option<AppRegistrationId>,
    /// SHA-256 of the state parameter in lower-case hex.
    pub state_hash: String,
    /// What the SDK polls by; counts only together with the user, being short and client-made.
    pub session_key: Option<String>,
    /// SHA-256 of the one-time handle that the pop-up hands to its opener.
    pub handle_hash: Option<String>,
    /// How far it is.
    pub phase: Phase,
    /// What was asked: account type, tenant, origin, redirect address, install options.
    pub request: Value,
    /// Sealed: the PKCE verifier, later the tokens while the person chooses an account.
    pub secrets: Vec<u8>,
    /// Why it failed: `{code, message}`.
    pub outcome: Option<Value>,
    /// What came of it.
    pub credential_id: Option<CredentialId>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it is over, finished or not.
    pub expires_at: Timestamp,
}

/// How far an attempt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The person is at the provider.
    Started,
    /// The callback came; its code is being exchanged. It cannot come twice.
    Exchanging,
    /// Signed in; the person chooses which account to use.
    Choosing,
    /// A credential was stored.
    Done,
    /// It ended without one.
    Failed,
}

impl Phase {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Started, "started"),
        (Self::Exchanging, "exchanging"),
        (Self::Choosing, "choosing"),
        (Self::Done, "done"),
        (Self::Failed, "failed"),
    ];

    fn text(self) -> &'static str {
        Self::ALL.iter().find(|(phase, _)| *phase == self).map_or("", |(_, text)| text)
    }

    fn parse(text: &str) -> Self {
        Self::ALL.iter().find(|(_, name)| *name == text).map_or(Self::Failed, |(phase, _)| *phase)
    }
}

macro_rules! columns {
    () => {
        "id, project_id, user_id, integration_id, app_registration_id, state_hash, session_key, \
         handle_hash, phase, request, secrets, outcome, credential_id, created_at, expires_at"
    };
}

fn read(found: &AnyRow) -> Result<Attempt> {
    Ok(Attempt {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        user_id: row::id(found, "user_id")?,
        integration_id: row::id(found, "integration_id")?,
        app_registration_id: row::optional_id(found, "app_registration_id")?,
        state_hash: row::get(found, "state_hash")?,
        session_key: row::get(found, "session_key")?,
        handle_hash: row::get(found, "handle_hash")?,
        phase: Phase::parse(&row::get::<String>(found, "phase")?),
        request: row::json(found, "request")?,
        secrets: row::get(found, "secrets")?,
        outcome: row::optional_json(found, "outcome")?,
        credential_id: row::optional_id(found, "credential_id")?,
        created_at: row::time(found, "created_at")?,
        expires_at: row::time(found, "expires_at")?,
    })
}

/// Adds an attempt.
pub async fn insert(conn: &mut Connection, attempt: &Attempt) -> Result<()> {
    let statement = sqlx::query(
        "insert into oauth_attempts (id, project_id, user_id, integration_id, \
         app_registration_id, state_hash, session_key, phase, request, secrets, created_at, \
         expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(attempt.id.to_string())
    .bind(attempt.project_id.to_string())
    .bind(attempt.user_id.to_string())
    .bind(attempt.integration_id.to_string())
    .bind(attempt.app_registration_id.map(|id| id.to_string()))
    .bind(&attempt.state_hash)
    .bind(attempt.session_key.as_deref())
    .bind(attempt.phase.text())
    .bind(row::to_json(&attempt.request))
    .bind(&attempt.secrets)
    .bind(attempt.created_at.0)
    .bind(attempt.expires_at.0);
    query::execute(conn, statement).await.map(drop)
}

/// Stores phase and what came of it, if the attempt is still in phase `from`. False when it is
/// not: another callback was faster.
pub async fn advance(conn: &mut Connection, attempt: &Attempt, from: Phase) -> Result<bool> {
    let statement = sqlx::query(
        "update oauth_attempts set phase = $4, secrets = $5, outcome = $6, credential_id = $7, \
         handle_hash = $8 where project_id = $1 and id = $2 and phase = $3",
    )
    .bind(attempt.project_id.to_string())
    .bind(attempt.id.to_string())
    .bind(from.text())
    .bind(attempt.phase.text())
    .bind(&attempt.secrets)
    .bind(attempt.outcome.as_ref().map(row::to_json))
    .bind(attempt.credential_id.map(|id| id.to_string()))
    .bind(attempt.handle_hash.as_deref());
    Ok(query::execute(conn, statement).await? > 0)
}

/// The attempt whose state parameter has this hash.
pub async fn find_by_state(conn: &mut Connection, state_hash: &str) -> Result<Option<Attempt>> {
    let statement =
        sqlx::query(concat!("select ", columns!(), " from oauth_attempts where state_hash = $1"))
            .bind(state_hash);
    query::find(conn, statement, read).await
}

/// The user's attempt whose one-time handle has this hash.
pub async fn find_by_handle(
    conn: &mut Connection,
    project_id: ProjectId,
    user_id: ConnectedUserId,
    handle_hash: &str,
) -> Result<Option<Attempt>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from oauth_attempts \
         where project_id = $1 and user_id = $2 and handle_hash = $3"
    ))
    .bind(project_id.to_string())
    .bind(user_id.to_string())
    .bind(handle_hash);
    query::find(conn, statement, read).await
}

/// The user's newest attempt that the SDK polls by this key.
pub async fn find_by_session(
    conn: &mut Connection,
    project_id: ProjectId,
    user_id: ConnectedUserId,
    session_key: &str,
) -> Result<Option<Attempt>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from oauth_attempts \
         where project_id = $1 and user_id = $2 and session_key = $3 \
         order by created_at desc, id desc limit 1"
    ))
    .bind(project_id.to_string())
    .bind(user_id.to_string())
    .bind(session_key);
    query::find(conn, statement, read).await
}

/// Ends polling by this key.
pub async fn forget_session(
    conn: &mut Connection,
    project_id: ProjectId,
    user_id: ConnectedUserId,
    session_key: &str,
) -> Result<()> {
    let statement = sqlx::query(
        "update oauth_attempts set session_key = null \
         where project_id = $1 and user_id = $2 and session_key = $3",
    )
    .bind(project_id.to_string())
    .bind(user_id.to_string())
    .bind(session_key);
    query::execute(conn, statement).await.map(drop)
}

/// What is sealed of a project's attempts that have not long ended, with their ids: the next ones
/// after an id.
pub async fn list_secrets(
    conn: &mut Connection,
    project_id: ProjectId,
    ended_after: Timestamp,
    after: Option<OAuthAttemptId>,
    limit: u32,
) -> Result<Vec<(OAuthAttemptId, Vec<u8>)>> {
    let statement = sqlx::query(
        "select id, secrets from oauth_attempts where project_id = $1 and expires_at > $2 \
         and length(secrets) > 0 and id > $3 order by id limit $4",
    )
    .bind(project_id.to_string())
    .bind(ended_after.0)
    .bind(after.map_or_else(String::new, |id| id.to_string()))
    .bind(i64::from(limit));
    query::list(conn, statement, |found| Ok((row::id(found, "id")?, row::get(found, "secrets")?)))
        .await
}

/// Deletes attempts whose time was over before `time`.
pub async fn delete_expired(conn: &mut Connection, time: Timestamp) -> Result<u64> {
    let statement = sqlx::query("delete from oauth_attempts where expires_at <= $1").bind(time.0);
    query::execute(conn, statement).await
}
