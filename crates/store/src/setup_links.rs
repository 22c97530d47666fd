//! Setup Links: each lets one connected user in to the hosted portal until it ends or is revoked.

use base::{ConnectedUserId, ProjectId, Result, SetupLinkId, Timestamp};
use sqlx::any::AnyRow;

use crate::page::Cursor;
use crate::{Connection, Page, PageRequest, query, row};

/// One Setup Link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupLink {
    /// Its id.
    pub id: SetupLinkId,
    /// Its project.
    pub project_id: ProjectId,
    /// The one person it is for.
    pub user_id: ConnectedUserId,
    /// SHA-256 of its token in lower-case hex.
    pub hash: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops counting.
    pub expires_at: Timestamp,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

macro_rules! columns {
    () => {
        "id, project_id, user_id, hash, created_at, expires_at, revoked_at"
    };
}

fn read(found: &AnyRow) -> Result<SetupLink> {
    Ok(SetupLink {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        user_id: row::id(found, "user_id")?,
        hash: row::get(found, "hash")?,
        created_at: row::time(found, "created_at")?,
        expires_at: row::time(found, "expires_at")?,
        revoked_at: row::optional_time(found, "revoked_at")?,
    })
}

/// Adds a link.
pub async fn insert(conn: &mut Connection, link: &SetupLink) -> Result<()> {
    let statement = sqlx::query(
        "insert into setup_links (id, project_id, user_id, hash, created_at, expires_at) \
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(link.id.to_string())
    .bind(link.project_id.to_string())
    .bind(link.user_id.to_string())
    .bind(&link.hash)
    .bind(link.created_at.0)
    .bind(link.expires_at.0);
    query::execute(conn, statement).await.map(drop)
}

/// The project's link with this hash, unless it has ended or was revoked.
pub async fn find_active(
    conn: &mut Connection,
    project_id: ProjectId,
    hash: &str,
    now: Timestamp,
) -> Result<Option<SetupLink>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from setup_links where project_id = $1 and hash = $2 \
         and expires_at > $3 and revoked_at is null"
    ))
    .bind(project_id.to_string())
    .bind(hash)
    .bind(now.0);
    query::find(conn, statement, read).await
}

/// All links of a project, page by page.
pub async fn list(
    conn: &mut Connection,
    project_id: ProjectId,
    page: &PageRequest,
) -> Result<Page<SetupLink>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from setup_links where project_id = $1 and (created_at, id) > ($2, $3) \
         order by created_at, id limit $4"
    ))
    .bind(project_id.to_string());
    query::page(conn, page.oldest_first(statement), page, read, |link| {
        Cursor::new(link.created_at, link.id)
    })
    .await
}

/// Revokes a link. False when there is no such link or it is revoked already.
pub async fn revoke(
    conn: &mut Connection,
    project_id: ProjectId,
    id: SetupLinkId,
    now: Timestamp,
) -> Result<bool> {
    let statement = sqlx::query(
        "update setup_links set revoked_at = $3 \
         where project_id = $1 and id = $2 and revoked_at is null",
    )
    .bind(project_id.to_string())
    .bind(id.to_string())
    .bind(now.0);
    Ok(query::execute(conn, statement).await? > 0)
}
