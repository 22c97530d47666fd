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
        sqlx::Error::Database(e) if is_busy_or_full(e.message()) => unavailable(cause),
        _ => Error::internal(cause),
    }
}

fn is_busy_or_full(message: &str) -> bool {
    ["database is locked", "disk is full", "disk I/O error", "readonly database", "shutting down"]
        .iter()
        .any(|text| message.contains(text))
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
