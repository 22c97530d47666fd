//! Turns what a database says into the one error type.

use base::{Error, ErrorKind};

/// A failed statement. A broken connection or a busy database is worth another try; the rest is
/// our fault.
pub(crate) fn database_error(cause: sqlx::Error) -> Error {
    match &cause {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => unavailable(cause),
        sqlx::Error::Database(e) if e.code().is_some_and(|code| is_passing(&code)) => {
            unavailable(cause)
        }
        _ => Error::internal(cause),
    }
}

/// Whether a database that answers with this code may well do what it is asked a little later.
fn is_passing(code: &str) -> bool {
    if let (5, Some(class)) = (code.len(), code.get(..2)) {
        // PostgreSQL's classes: connection lost, transaction to repeat, out of resources, an
        // operator's intervention, and a failing disk.
        return ["08", "40", "53", "57", "58"].contains(&class);
    }
    // SQLite's numbers, whose lowest byte is the class: busy, locked, read-only, a failing disk,
    // full, cannot open.
    code.parse::<u32>().is_ok_and(|number| [5, 6, 8, 10, 13, 14].contains(&(number & 0xff)))
}

fn unavailable(cause: sqlx::Error) -> Error {
    let message = "Gangway's database does not answer just now; try again in a moment.";
    Error::new(ErrorKind::Unavailable, "database_unavailable", message).with_source(cause)
}

/// A failed insert or update, where a clash with what is there already means `conflict`.
pub(crate) fn on_unique(cause: sqlx::Error, conflict: impl FnOnce() -> Error) -> Error {
    match &cause {
        sqlx::Error::Database(e) if e.is_unique_violation() => conflict().with_source(cause),
        _ => database_error(cause),
    }
}
