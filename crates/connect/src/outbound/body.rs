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

/// The whole of a body, if it ends within `bytes_max`.
pub(crate) async fn gather(mut stream: Body, bytes_max: usize) -> Result<Bytes, BodyError> {
    let mut read = Vec::new();
    while let Some(frame) = stream.frame().await {
        read.extend_from_slice(frame?.data_ref().map_or(&[], |data| &data[..]));
        if read.len() > bytes_max {
            return Err(format!("it is longer than {bytes_max} bytes").into());
        }
    }
    Ok(read.into())
}
