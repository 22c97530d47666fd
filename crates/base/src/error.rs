//! The one error type: a kind for programs, a sentence for people, a cause for logs.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

/// The result of anything that can fail with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What class of failure this is. The server turns each into one HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The caller sent something wrong (400).
    Invalid,
    /// The caller did not prove who they are (401).
    Unauthenticated,
    /// The caller may not do this (403).
    Forbidden,
    /// There is no such thing, or it belongs to someone else (404).
    NotFound,
    /// It clashes with what is there already (409).
    Conflict,
    /// Larger than the limit named in the message (413).
    TooLarge,
    /// Too many requests (429).
    RateLimited,
    /// The provider answered with an error, or not as agreed (502).
    Provider,
    /// Something we need is not there just now; trying again later may help (503).
    Unavailable,
    /// The provider took longer than the limit (504).
    Timeout,
    /// Our own fault (500).
    Internal,
}

/// What failed, for programs (`kind`, `code`), for people (`message`) and for logs (`source`).
///
/// The message says what failed, whose fault it is and what to do. Neither message nor meta may
/// hold a secret; the source is never shown outside the log. Clones, for callers that waited for
/// the same thing, share the source.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    code: &'static str,
    message: String,
    meta: Option<Value>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of `kind` with a stable `code` (snake_case) and a sentence.
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, code, message: message.into(), meta: None, source: None }))
    }

    /// The caller sent something wrong.
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, code, message)
    }

    /// There is no such thing for this caller.
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, code, message)
    }

    /// Our own fault; the cause goes to the log, the caller gets a plain sentence.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let message = "Gangway failed to handle this; the cause is in its log.";
        Self::new(ErrorKind::Internal, "internal", message).with_source(source)
    }

    /// Adds the cause, for the log.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// Adds facts for the caller's program, such as the provider's own status and text.
    #[must_use]
    pub fn with_meta(mut self, meta: Value) -> Self {
        self.0.meta = Some(meta);
        self
    }

    /// The class of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The sentence for people.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Facts for the caller's program.
    pub fn meta(&self) -> Option<&Value> {
        self.0.meta.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

/// Kind, code, sentence and the whole chain of causes, on one line for the log.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}: {}", self.0.kind, self.0.code, self.0.message)?;
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            write!(f, " <- {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| &**source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_for_the_log_and_not_for_the_caller() {
        let error = Error::internal(std::io::Error::other("disk on fire"));
        assert_eq!(error.to_string(), "Gangway failed to handle this; the cause is in its log.");
        assert!(format!("{error:?}").ends_with("<- disk on fire"));
    }
}
