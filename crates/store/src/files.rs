//! Files that steps hand on: a row for what is known of one, and its bytes in sealed chunks.

use base::{ExecutionId, FileId, ProjectId, Result, Timestamp};
use sqlx::any::AnyRow;

use crate::{Connection, query, row};

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its id, to which its chunks are bound.
    pub id: FileId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// The execution that it goes with.
    pub execution_id: ExecutionId,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub mime_type: String,
    /// Its length in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// When its first byte came.
    pub created_at: Timestamp,
}

fn read(found: &AnyRow) -> Result<File> {
    Ok(File {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        execution_id: row::id(found, "execution_id")?,
        name: row::get(found, "name")?,
        mime_type: row::get(found, "mime_type")?,
        size: u64::try_from(row::get::<i64>(found, "size")?).unwrap_or(0),
        sha256: row::get(found, "sha256")?,
        created_at: row::time(found, "created_at")?,
    })
}

/// Begins a file, which nobody finds before it is [`finish`]ed. Its size and checksum do not count
/// yet.
pub async fn begin(conn: &mut Connection, file: &File) -> Result<()> {
    let statement = sqlx::query(
        "insert into files (id, project_id, execution_id, name, mime_type, size, created_at) \
         values ($1, $2, $3, $4, $5, 0, $6)",
    )
    .bind(file.id.to_string())
    .bind(file.project_id.to_string())
    .bind(file.execution_id.to_string())
    .bind(&file.name)
    .bind(&file.mime_type)
    .bind(file.created_at.0);
    query::execute(conn, statement).await.map(drop)
}

/// Adds the chunk with this number, counted from 0.
pub async fn add_chunk(
    conn: &mut Connection,
    id: FileId,
    number: u32,
    sealed: &[u8],
) -> Result<()> {
    let statement =
        sqlx::query("insert into file_chunks (file_id, number, bytes) values ($1, $2, $3)")
            .bind(id.to_string())
            .bind(i64::from(number))
            .bind(sealed);
    query::execute(conn, statement).await.map(drop)
}

/// Ends a file: its size and checksum are known now.
pub async fn finish(conn: &mut Connection, file: &File) -> Result<()> {
    let statement =
        sqlx::query("update files set size = $3, sha256 = $4 where project_id = $1 and id = $2")
            .bind(file.project_id.to_string())
            .bind(file.id.to_string())
            .bind(i64::try_from(file.size).unwrap_or(i64::MAX))
            .bind(&file.sha256);
    query::execute(conn, statement).await.map(drop)
}

/// The finished file with this id.
pub async fn find(
    conn: &mut Connection,
    project_id: ProjectId,
    id: FileId,
) -> Result<Option<File>> {
    let statement = sqlx::query(
        "select id, project_id, execution_id, name, mime_type, size, sha256, created_at \
         from files where project_id = $1 and id = $2 and sha256 is not null",
    )
    .bind(project_id.to_string())
    .bind(id.to_string());
    query::find(conn, statement, read).await
}

/// One sealed chunk of a file.
pub async fn chunk(
    conn: &mut Connection,
    project_id: ProjectId,
    id: FileId,
    number: u32,
) -> Result<Option<Vec<u8>>> {
    let statement = sqlx::query(
        "select bytes from file_chunks join files on files.id = file_chunks.file_id \
         where files.project_id = $1 and files.id = $2 and file_chunks.number = $3",
    )
    .bind(project_id.to_string())
    .bind(id.to_string())
    .bind(i64::from(number));
    query::find(conn, statement, |found| row::get(found, "bytes")).await
}

/// The beginning of each chunk of a project's files, enough to tell which key has sealed it, with its
/// place: the next ones after a place.
pub async fn list_chunk_heads(
    conn: &mut Connection,
    project_id: ProjectId,
    after: Option<(FileId, u32)>,
    limit: u32,
) -> Result<Vec<((FileId, u32), Vec<u8>)>> {
    let (id, number) =
        after.map_or((String::new(), -1), |(id, number)| (id.to_string(), i64::from(number)));
    let statement = sqlx::query(
        "select file_id, number, substr(bytes, 1, 9) as head from file_chunks \
         where file_id in (select id from files where project_id = $1) \
         and (file_id, number) > ($2, $3) order by file_id, number limit $4",
    )
    .bind(project_id.to_string())
    .bind(id)
    .bind(number)
    .bind(i64::from(limit));
    query::list(conn, statement, |found| {
        let number = u32::try_from(row::get::<i64>(found, "number")?).unwrap_or(u32::MAX);
        Ok(((row::id(found, "file_id")?, number), row::get(found, "head")?))
    })
    .await
}

/// Puts the same chunk sealed anew in the place of what was read. False when that is not there any
/// more.
pub async fn replace_chunk(
    conn: &mut Connection,
    (id, number): (FileId, u32),
    read: &[u8],
    sealed: &[u8],
) -> Result<bool> {
    let statement = sqlx::query(
        "update file_chunks set bytes = $4 where file_id = $1 and number = $2 and bytes = $3",
    )
    .bind(id.to_string())
    .bind(i64::from(number))
    .bind(read.to_vec())
    .bind(sealed.to_vec());
    Ok(query::execute(conn, statement).await? > 0)
}

/// Deletes a file and its chunks. False when there is none.
pub async fn delete(conn: &mut Connection, project_id: ProjectId, id: FileId) -> Result<bool> {
    let statement = sqlx::query("delete from files where project_id = $1 and id = $2")
        .bind(project_id.to_string())
        .bind(id.to_string());
    Ok(query::execute(conn, statement).await? > 0)
}
