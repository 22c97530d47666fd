//! Signing keys: the public halves by which user tokens are checked.

use base::{ProjectId, Result, SigningKeyId, Timestamp};
use sqlx::any::AnyRow;

use crate::{Connection, query, row};

/// One signing key of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// Its id.
    pub id: SigningKeyId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// `RS256`, `ES256` or `EdDSA`: the only algorithm it is used with.
    pub algorithm: String,
    /// The public key as PEM.
    pub public_key: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

macro_rules! columns {
    () => {
        "id, project_id, algorithm, public_key, created_at, revoked_at"
    };
}

fn read(found: &AnyRow) -> Result<SigningKey> {
    Ok(SigningKey {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        algorithm: row::get(found, "algorithm")?,
        public_key: row::get(found, "public_key")?,
        created_at: row::time(found, "created_at")?,
        revoked_at: row::optional_time(found, "revoked_at")?,
    })
}

/// Adds a key.
pub async fn insert(conn: &mut Connection, key: &SigningKey) -> Result<()> {
    let statement = sqlx::query(
        "insert into signing_keys (id, project_id, algorithm, public_key, created_at) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind(key.id.to_string())
    .bind(key.project_id.to_string())
    .bind(&key.algorithm)
    .bind(&key.public_key)
    .bind(key.created_at.0);
    query::execute(conn, statement).await.map(drop)
}

/// All keys of a project, revoked ones too, oldest first.
pub async fn list(conn: &mut Connection, project_id: ProjectId) -> Result<Vec<SigningKey>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from signing_keys where project_id = $1 order by created_at, id"
    ))
    .bind(project_id.to_string());
    query::list(conn, statement, read).await
}

/// Revokes a key. False when there is no such key or it is revoked already.
pub async fn revoke(
    conn: &mut Connection,
    project_id: ProjectId,
    id: SigningKeyId,
    now: Timestamp,
) -> Result<bool> {
    let statement = sqlx::query(
        "update signing_keys set revoked_at = $3 \
         where project_id = $1 and id = $2 and revoked_at is null",
    )
    .bind(project_id.to_string())
    .bind(id.to_string())
    .bind(now.0);
    Ok(query::execute(conn, statement).await? > 0)
}
