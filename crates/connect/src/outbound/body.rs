//! The one body type of calls and answers: streamed, never gathered as a whole.

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, Full};

/// What can go wrong while a body streams.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// A streamed body. `UnsyncBoxBody::new(body.map_err(Into::into))` makes one of any other.
pub type Body = UnsyncBoxBody<Bytes, BodyError>;

/// No body.
pub fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A body of these bytes.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}
