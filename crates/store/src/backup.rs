//! Copies of an SQLite database. PostgreSQL has its own tools for this.

use std::path::Path;

use base::{Error, ErrorKind, Result};
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, ConnectOptions as _, Connection as _, Row as _};

use crate::error::database_error;
use crate::{Store, migrate};

/// What a copy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The version of its schema.
    pub schema: i64,
    /// How many projects it holds.
    pub projects: u64,
}

impl Store {
    /// Copies the database as it is at one moment into `file`, which must be empty or not there,
    /// while others go on writing. The copy is on the disk when this returns.
    ///
    /// # Errors
    /// When the database is no SQLite file, or the copy cannot be written.
    pub async fn copy_to(&self, file: &Path) -> Result<()> {
        let target = file.to_str().ok_or_else(|| {
            Error::invalid("backup_name", "The backup's name must be readable as text.")
        })?;
        let mut conn = self.read().await?;
        let copied = sqlx::query("vacuum into $1").bind(target.to_owned()).execute(&mut *conn);
        copied.await.map_err(|cause| {
            let message = format!(
                "The backup {} cannot be written: check its folder and the free space there.",
                file.display()
            );
            Error::new(ErrorKind::Unavailable, "backup_failed", message).with_source(cause)
        })?;
        let synced = std::fs::File::open(file).and_then(|copy| copy.sync_all());
        synced.map_err(Error::internal)
    }
}

/// Opens a copy without changing it and checks it from its first page to its last.
///
/// # Errors
/// `backup_unreadable`, `backup_damaged`, `database_newer`.
pub async fn check(file: &Path) -> Result<Contents> {
    let mut conn = open(file).await.map_err(|cause| unreadable(file, cause))?;
    let checked = read(&mut conn, file).await;
    conn.close().await.map_err(database_error)?;
    checked
}

async fn open(file: &Path) -> Result<AnyConnection, sqlx::Error> {
    sqlx::any::install_default_drivers();
    let mut options: AnyConnectOptions = "sqlite://".parse()?;
    let path = std::path::absolute(file)?;
    options.database_url.set_path(path.to_str().unwrap_or_default());
    // Nobody writes to it, and so no file beside it is needed.
    options.database_url.set_query(Some("mode=ro&immutable=true"));
    options.disable_statement_logging().connect().await
}

async fn read(conn: &mut AnyConnection, file: &Path) -> Result<Contents> {
    let found = sqlx::query("pragma integrity_check(1)").fetch_one(&mut *conn).await;
    let verdict: String =
        found.and_then(|row| row.try_get(0)).map_err(|cause| unreadable(file, cause))?;
    if verdict != "ok" {
        let message = format!("{} is damaged: take another backup.", file.display());
        return Err(Error::invalid("backup_damaged", message).with_source(verdict));
    }
    let schema = migrate::applied(&mut *conn).await.map_err(|cause| unreadable(file, cause))?;
    migrate::require_known(schema)?;
    let projects: i64 = sqlx::query("select count(*) as n from projects")
        .fetch_one(conn)
        .await
        .and_then(|row| row.try_get("n"))
        .map_err(|cause| unreadable(file, cause))?;
    Ok(Contents { schema, projects: projects.unsigned_abs() })
}

fn unreadable(file: &Path, cause: sqlx::Error) -> Error {
    let message = format!("{} is not a backup of Gangway, or is damaged.", file.display());
    Error::invalid("backup_unreadable", message).with_source(cause)
}
