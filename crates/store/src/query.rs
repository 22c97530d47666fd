//! Runs statements; the table modules say which and how their rows read.

use base::{Error, Result};
use sqlx::Any;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;

use crate::Connection;
use crate::error::{database_error, on_unique};
use crate::page::{Cursor, Page, PageRequest};

pub(crate) type Statement<'q> = Query<'q, Any, AnyArguments>;

/// Runs a statement and answers how many rows it touched.
pub(crate) async fn execute(conn: &mut Connection, statement: Statement<'_>) -> Result<u64> {
    statement.execute(conn).await.map(|done| done.rows_affected()).map_err(database_error)
}

/// Runs an insert or update where a clash with a unique index means `conflict`.
pub(crate) async fn execute_unique(
    conn: &mut Connection,
    statement: Statement<'_>,
    conflict: impl FnOnce() -> Error,
) -> Result<u64> {
    let done = statement.execute(conn).await.map_err(|e| on_unique(e, conflict))?;
    Ok(done.rows_affected())
}

/// The row, if there is one.
pub(crate) async fn find<T>(
    conn: &mut Connection,
    statement: Statement<'_>,
    read: fn(&AnyRow) -> Result<T>,
) -> Result<Option<T>> {
    let found = statement.fetch_optional(conn).await.map_err(database_error)?;
    found.as_ref().map(read).transpose()
}

/// Every row.
pub(crate) async fn list<T>(
    conn: &mut Connection,
    statement: Statement<'_>,
    read: fn(&AnyRow) -> Result<T>,
) -> Result<Vec<T>> {
    statement.fetch_all(conn).await.map_err(database_error)?.iter().map(read).collect()
}

/// A page. [`PageRequest::oldest_first`] and [`PageRequest::newest_first`] have told the statement
/// which; `place` is where a row stands in the list.
pub(crate) async fn page<T>(
    conn: &mut Connection,
    statement: Statement<'_>,
    page: &PageRequest,
    read: fn(&AnyRow) -> Result<T>,
    place: impl Fn(&T) -> Cursor,
) -> Result<Page<T>> {
    Ok(Page::of(list(conn, statement, read).await?, page.rows(), place))
}
