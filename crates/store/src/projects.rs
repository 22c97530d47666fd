//! Projects: the tenants.

use base::{ProjectId, Result, Timestamp};
use sqlx::any::AnyRow;

use crate::database::is_shared;
use crate::page::Cursor;
use crate::{Connection, Page, PageRequest, query, row};

/// One project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// What people call it.
    pub name: String,
    /// Origins of the host's pages (`https://app.example.com`), which may call, frame and message.
    pub allowed_origins: Vec<String>,
    /// The project's data keys, wrapped by the master key.
    pub data_key: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When name or origins last changed.
    pub updated_at: Timestamp,
}

macro_rules! columns {
    () => {
        "id, name, allowed_origins, data_key, created_at, updated_at"
    };
}

fn read(found: &AnyRow) -> Result<Project> {
    Ok(Project {
        id: row::id(found, "id")?,
        name: row::get(found, "name")?,
        allowed_origins: row::json(found, "allowed_origins")?,
        data_key: row::get(found, "data_key")?,
        created_at: row::time(found, "created_at")?,
        updated_at: row::time(found, "updated_at")?,
    })
}

/// Adds a project.
pub async fn insert(conn: &mut Connection, project: &Project) -> Result<()> {
    let statement = sqlx::query(
        "insert into projects (id, name, allowed_origins, data_key, created_at, updated_at) \
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(project.id.to_string())
    .bind(&project.name)
    .bind(row::to_json(&project.allowed_origins))
    .bind(&project.data_key)
    .bind(project.created_at.0)
    .bind(project.updated_at.0);
    query::execute(conn, statement).await.map(drop)
}

/// The project with this id.
pub async fn find(conn: &mut Connection, id: ProjectId) -> Result<Option<Project>> {
    let statement = sqlx::query(concat!("select ", columns!(), " from projects where id = $1"))
        .bind(id.to_string());
    query::find(conn, statement, read).await
}

/// All projects, page by page.
pub async fn list(conn: &mut Connection, page: &PageRequest) -> Result<Page<Project>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from projects where (created_at, id) > ($1, $2) \
         order by created_at, id limit $3"
    ));
    query::page(conn, page.oldest_first(statement), page, read, |project| {
        Cursor::new(project.created_at, project.id)
    })
    .await
}

/// The allowed origins of every project, each list once.
pub async fn list_allowed_origins(conn: &mut Connection) -> Result<Vec<Vec<String>>> {
    let statement =
        sqlx::query("select distinct allowed_origins from projects order by allowed_origins");
    query::list(conn, statement, |found| row::json(found, "allowed_origins")).await
}

/// Projects with their wrapped data keys in the order of their ids, the next ones after an id.
pub async fn list_data_keys(
    conn: &mut Connection,
    after: Option<ProjectId>,
    limit: u32,
) -> Result<Vec<(ProjectId, Vec<u8>)>> {
    let statement =
        sqlx::query("select id, data_key from projects where id > $1 order by id limit $2")
            .bind(after.map_or_else(String::new, |id| id.to_string()))
            .bind(i64::from(limit));
    query::list(conn, statement, |found| Ok((row::id(found, "id")?, row::get(found, "data_key")?)))
        .await
}

/// The project's wrapped data keys, which nobody replaces before this transaction ends; any number
/// of transactions may hold them at once.
pub async fn hold_data_key(conn: &mut Connection, id: ProjectId) -> Result<Option<Vec<u8>>> {
    let statement = if is_shared(conn) {
        sqlx::query("select data_key from projects where id = $1 for share")
    } else {
        sqlx::query("select data_key from projects where id = $1")
    };
    query::find(conn, statement.bind(id.to_string()), |found| row::get(found, "data_key")).await
}

/// The same, waiting until no other transaction holds them, and making those that want to wait.
pub async fn lock_data_key(conn: &mut Connection, id: ProjectId) -> Result<Option<Vec<u8>>> {
    let statement =
        sqlx::query("update projects set data_key = data_key where id = $1 returning data_key")
            .bind(id.to_string());
    query::find(conn, statement, |found| row::get(found, "data_key")).await
}

/// Projects whose wrapped data keys are longer than this, in the order of their ids, the next ones
/// after an id: those that have more than one.
pub async fn list_long_data_keys(
    conn: &mut Connection,
    bytes: usize,
    after: Option<ProjectId>,
    limit: u32,
) -> Result<Vec<ProjectId>> {
    let statement = sqlx::query(
        "select id from projects where length(data_key) > $1 and id > $2 order by id limit $3",
    )
    .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
    .bind(after.map_or_else(String::new, |id| id.to_string()))
    .bind(i64::from(limit));
    query::list(conn, statement, |found| row::id(found, "id")).await
}

/// Puts the same data key wrapped anew in the place of what was read. False when that is not there
/// any more.
pub async fn replace_data_key(
    conn: &mut Connection,
    id: ProjectId,
    read: &[u8],
    wrapped: &[u8],
) -> Result<bool> {
    let statement =
        sqlx::query("update projects set data_key = $3 where id = $1 and data_key = $2")
            .bind(id.to_string())
            .bind(read.to_vec())
            .bind(wrapped.to_vec());
    Ok(query::execute(conn, statement).await? > 0)
}

/// Stores name and allowed origins. False when there is no such project.
pub async fn update(conn: &mut Connection, project: &Project) -> Result<bool> {
    let statement = sqlx::query(
        "update projects set name = $2, allowed_origins = $3, updated_at = $4 where id = $1",
    )
    .bind(project.id.to_string())
    .bind(&project.name)
    .bind(row::to_json(&project.allowed_origins))
    .bind(project.updated_at.0);
    Ok(query::execute(conn, statement).await? > 0)
}

/// Deletes the project and everything that hangs from it, its data key included.
pub async fn delete(conn: &mut Connection, id: ProjectId) -> Result<bool> {
    let statement = sqlx::query("delete from projects where id = $1").bind(id.to_string());
    Ok(query::execute(conn, statement).await? > 0)
}
