//! API tokens of the management API: only their hashes are stored.

use base::{ApiTokenId, ProjectId, Result, Timestamp};
use sqlx::any::AnyRow;

use crate::{Connection, query, row};

/// One API token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// The project it may manage; none: every project.
    pub project_id: Option<ProjectId>,
    /// What people call it.
    pub name: String,
    /// SHA-256 of the token in lower-case hex. The token itself has 256 random bits, so that no
    /// slow hash is needed.
    pub hash: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

macro_rules! columns {
    () => {
        "id, project_id, name, hash, created_at, revoked_at"
    };
}

fn read(found: &AnyRow) -> Result<ApiToken> {
    Ok(ApiToken {
        id: row::id(found, "id")?,
        project_id: row::optional_id(found, "project_id")?,
        name: row::get(found, "name")?,
        hash: row::get(found, "hash")?,
        created_at: row::time(found, "created_at")?,
        revoked_at: row::optional_time(found, "revoked_at")?,
    })
}

/// Adds a token.
pub async fn insert(conn: &mut Connection, token: &ApiToken) -> Result<()> {
    let statement = sqlx::query(
        "insert into api_tokens (id, project_id, name, hash, created_at) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind(token.id.to_string())
    .bind(token.project_id.map(|id| id.to_string()))
    .bind(&token.name)
    .bind(&token.hash)
    .bind(token.created_at.0);
    query::execute(conn, statement).await.map(drop)
}

/// The token with this hash, unless it is revoked.
pub async fn find_active(conn: &mut Connection, hash: &str) -> Result<Option<ApiToken>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from api_tokens where hash = $1 and revoked_at is null"
    ))
    .bind(hash);
    query::find(conn, statement, read).await
}

/// All tokens, revoked ones too, oldest first: those of one project, or those of every project.
pub async fn list(conn: &mut Connection, project_id: Option<ProjectId>) -> Result<Vec<ApiToken>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from api_tokens where coalesce(project_id, '') = $1 order by created_at, id"
    ))
    .bind(project_id.map(|id| id.to_string()).unwrap_or_default());
    query::list(conn, statement, read).await
}

/// Revokes a token of this project (or, without one, of every project).
pub async fn revoke(
    conn: &mut Connection,
    project_id: Option<ProjectId>,
    id: ApiTokenId,
    now: Timestamp,
) -> Result<bool> {
    let statement = sqlx::query(
        "update api_tokens set revoked_at = $3 \
         where coalesce(project_id, '') = $1 and id = $2 and revoked_at is null",
    )
    .bind(project_id.map(|id| id.to_string()).unwrap_or_default())
    .bind(id.to_string())
    .bind(now.0);
    Ok(query::execute(conn, statement).await? > 0)
}
