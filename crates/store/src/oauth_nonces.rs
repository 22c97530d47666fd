//! Nonces of the connect pop-up: each binds a browser's cookie to who connects what.

use base::{ConnectedUserId, IntegrationId, ProjectId, Result, Timestamp};
use sqlx::any::AnyRow;

use crate::{Connection, query, row};

/// One nonce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce {
    /// SHA-256 of the cookie's value in lower-case hex.
    pub hash: String,
    /// The project.
    pub project_id: ProjectId,
    /// Who connects.
    pub user_id: ConnectedUserId,
    /// What is connected.
    pub integration_id: IntegrationId,
    /// Origin of the page that opened the pop-up.
    pub origin: String,
    /// When it stops counting.
    pub expires_at: Timestamp,
}

macro_rules! columns {
    () => {
        "hash, project_id, user_id, integration_id, origin, expires_at"
    };
}

fn read(found: &AnyRow) -> Result<Nonce> {
    Ok(Nonce {
        hash: row::get(found, "hash")?,
        project_id: row::id(found, "project_id")?,
        user_id: row::id(found, "user_id")?,
        integration_id: row::id(found, "integration_id")?,
        origin: row::get(found, "origin")?,
        expires_at: row::time(found, "expires_at")?,
    })
}

/// Adds a nonce.
pub async fn insert(conn: &mut Connection, nonce: &Nonce) -> Result<()> {
    let statement = sqlx::query(
        "insert into oauth_nonces \
         (hash, project_id, user_id, integration_id, origin, expires_at) \
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&nonce.hash)
    .bind(nonce.project_id.to_string())
    .bind(nonce.user_id.to_string())
    .bind(nonce.integration_id.to_string())
    .bind(&nonce.origin)
    .bind(nonce.expires_at.0);
    query::execute(conn, statement).await.map(drop)
}

/// The nonce with this hash.
pub async fn find(conn: &mut Connection, hash: &str) -> Result<Option<Nonce>> {
    let statement =
        sqlx::query(concat!("select ", columns!(), " from oauth_nonces where hash = $1"))
            .bind(hash);
    query::find(conn, statement, read).await
}

/// Deletes one nonce, which has done its work, and answers what it was. Of several callers one
/// gets it.
pub async fn take(conn: &mut Connection, hash: &str) -> Result<Option<Nonce>> {
    let statement =
        sqlx::query(concat!("delete from oauth_nonces where hash = $1 returning ", columns!()))
            .bind(hash);
    query::find(conn, statement, read).await
}

/// Deletes nonces whose time is over.
pub async fn delete_expired(conn: &mut Connection, now: Timestamp) -> Result<u64> {
    let statement = sqlx::query("delete from oauth_nonces where expires_at <= $1").bind(now.0);
    query::execute(conn, statement).await
}
