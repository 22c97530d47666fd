//! Connected users: the host's users, by the `sub` of their tokens.

use std::collections::HashMap;
use std::sync::LazyLock;

use base::{ConnectedUserId, ProjectId, Result, Timestamp};
use serde_json::{Map, Value};
use sqlx::any::AnyRow;

use crate::batch::Sized;
use crate::page::Cursor;
use crate::{Connection, Page, PageRequest, query, row};

/// One connected user of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectedUser {
    /// Our id.
    pub id: ConnectedUserId,
    /// Whose user it is.
    pub project_id: ProjectId,
    /// The host's id: the `sub` of the user's tokens.
    pub external_id: String,
    /// What the host says of the user; `Name` and `Email` are shown to people.
    pub metadata: Map<String, Value>,
    /// When the user was disabled, if so: nothing works for them until enabled again.
    pub disabled_at: Option<Timestamp>,
    /// When the user first appeared.
    pub created_at: Timestamp,
    /// When the user was last seen by a process that did not know them yet.
    pub last_active_at: Timestamp,
}

macro_rules! columns {
    () => {
        "id, project_id, external_id, metadata, disabled_at, created_at, last_active_at"
    };
}

fn read(found: &AnyRow) -> Result<ConnectedUser> {
    Ok(ConnectedUser {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        external_id: row::get(found, "external_id")?,
        metadata: row::json(found, "metadata")?,
        disabled_at: row::optional_time(found, "disabled_at")?,
        created_at: row::time(found, "created_at")?,
        last_active_at: row::time(found, "last_active_at")?,
    })
}

/// Adds the user, or, if the host's id is known, notes that the user was active; answers the user.
pub async fn ensure(conn: &mut Connection, user: &ConnectedUser) -> Result<ConnectedUser> {
    let statement = sqlx::query(concat!(
        "insert into connected_users \
         (id, project_id, external_id, metadata, created_at, last_active_at) \
         values ($1, $2, $3, $4, $5, $6) \
         on conflict (project_id, external_id) \
         do update set last_active_at = excluded.last_active_at \
         returning ",
        columns!()
    ))
    .bind(user.id.to_string())
    .bind(user.project_id.to_string())
    .bind(&user.external_id)
    .bind(row::to_json(&user.metadata))
    .bind(user.created_at.0)
    .bind(user.last_active_at.0);
    let found = query::find(conn, statement, read).await?;
    found.ok_or_else(|| base::Error::internal("an upsert returned no row"))
}

/// The user with this id.
pub async fn find(
    conn: &mut Connection,
    project_id: ProjectId,
    id: ConnectedUserId,
) -> Result<Option<ConnectedUser>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from connected_users where project_id = $1 and id = $2"
    ))
    .bind(project_id.to_string())
    .bind(id.to_string());
    query::find(conn, statement, read).await
}

/// The user whom the host knows by this id.
pub async fn find_external(
    conn: &mut Connection,
    project_id: ProjectId,
    external_id: &str,
) -> Result<Option<ConnectedUser>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from connected_users where project_id = $1 and external_id = $2"
    ))
    .bind(project_id.to_string())
    .bind(external_id);
    query::find(conn, statement, read).await
}

static EXTERNAL_IDS: LazyLock<Sized> = LazyLock::new(|| {
    Sized::new(
        "with wanted (project_id, id) as (values ",
        &["text", "text"],
        ") select connected_users.id, connected_users.external_id from wanted \
         join connected_users on connected_users.id = wanted.id \
         and connected_users.project_id = wanted.project_id",
    )
});

/// By what ids the host knows these users of a project; who was deleted is left out.
pub async fn external_ids(
    conn: &mut Connection,
    project_id: ProjectId,
    ids: &[ConnectedUserId],
) -> Result<HashMap<ConnectedUserId, String>> {
    let mut known = HashMap::with_capacity(ids.len());
    for (sql, part) in EXTERNAL_IDS.split(ids) {
        let mut statement = sqlx::query(sql);
        for id in part {
            statement = statement.bind(project_id.to_string()).bind(id.to_string());
        }
        let read = |found: &_| Ok((row::id(found, "id")?, row::get(found, "external_id")?));
        known.extend(query::list(conn, statement, read).await?);
    }
    Ok(known)
}

/// All users of a project, page by page.
pub async fn list(
    conn: &mut Connection,
    project_id: ProjectId,
    page: &PageRequest,
) -> Result<Page<ConnectedUser>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from connected_users \
         where project_id = $1 and (created_at, id) > ($2, $3) \
         order by created_at, id limit $4"
    ))
    .bind(project_id.to_string());
    query::page(conn, page.oldest_first(statement), page, read, |user| {
        Cursor::new(user.created_at, user.id)
    })
    .await
}

/// Stores metadata and the disabled mark. False when there is no such user.
pub async fn update(conn: &mut Connection, user: &ConnectedUser) -> Result<bool> {
    let statement = sqlx::query(
        "update connected_users set metadata = $3, disabled_at = $4 \
         where project_id = $1 and id = $2",
    )
    .bind(user.project_id.to_string())
    .bind(user.id.to_string())
    .bind(row::to_json(&user.metadata))
    .bind(user.disabled_at.map(|time| time.0));
    Ok(query::execute(conn, statement).await? > 0)
}

/// Deletes the user with all their credentials.
pub async fn delete(
    conn: &mut Connection,
    project_id: ProjectId,
    id: ConnectedUserId,
) -> Result<bool> {
    let statement = sqlx::query("delete from connected_users where project_id = $1 and id = $2")
        .bind(project_id.to_string())
        .bind(id.to_string());
    Ok(query::execute(conn, statement).await? > 0)
}
