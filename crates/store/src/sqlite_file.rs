//! The file of an SQLite database.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::str::FromStr as _;

use base::{Error, Result};
use sqlx::sqlite::SqliteConnectOptions;

use crate::Engine;

/// The file of the database at this address; none for PostgreSQL.
///
/// # Errors
/// When it is no address of a database.
pub fn of(url: &str) -> Result<Option<PathBuf>> {
    match Engine::of(url)? {
        Engine::Postgres => Ok(None),
        Engine::Sqlite => path(url).map(Some).map_err(|cause| {
            let message = "The address of the SQLite file must read sqlite:///path/file.db.";
            Error::invalid("database_url", message).with_source(cause)
        }),
    }
}

/// Makes a file that is not there yet, for its owner only. SQLite gives the files that it makes
/// beside it the same mode.
pub(crate) fn make(url: &str) -> Result<(), sqlx::Error> {
    let mut file = OpenOptions::new();
    match file.write(true).create_new(true).mode(0o600).open(path(url)?) {
        Err(cause) if cause.kind() != std::io::ErrorKind::AlreadyExists => Err(cause.into()),
        _ => Ok(()),
    }
}

fn path(url: &str) -> Result<PathBuf, sqlx::Error> {
    Ok(SqliteConnectOptions::from_str(url)?.get_filename().to_owned())
}
