//! The body of a composed request.

use base::{Error, ProjectId, Result};
use bytes::Bytes;
use futures_util::StreamExt as _;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyDataStream, BodyExt as _};
use serde::Deserialize as _;
use serde_json::Value;
use std::pin::Pin;
use std::task::{Context, Poll};
use url::form_urlencoded;

use super::multipart;
use super::resolver::{Resolver, pairs};
use super::{ComposedBody, ComposedRequest};
use crate::Connect;
use crate::files::FileValue;
use crate::outbound::{Authority, Body, BodyError, body, infer};

/// The largest body that is not of files, in bytes.
pub(super) const TEXT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A body, and what it is.
#[derive(Default)]
pub(super) struct Encoded {
    kind: Kind,
    pieces: Vec<Piece>,
}

/// A part of a body.
pub(super) enum Piece {
    Bytes(Bytes),
    /// A file and its length.
    File(Body, u64),
}

#[derive(Default, PartialEq)]
enum Kind {
    #[default]
    Nothing,
    Json,
    Multipart(String),
    Other(String),
}

/// Puts plaintext into the body and writes it down.
pub(super) async fn encode(
    connect: &Connect,
    project_id: ProjectId,
    request: &ComposedRequest,
    resolver: &mut Resolver,
) -> Result<Encoded> {
    let encoded = match &request.body {
        None => Encoded::default(),
        Some(ComposedBody::Json(content)) => {
            let text = resolver.value(content)?.to_string();
            Encoded::text(Kind::Json, text)
        }
        Some(ComposedBody::Form(content)) => {
            let fields = pairs(resolver, fields(content)?, "The field")?;
            let text =
                form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            Encoded::text(other("application/x-www-form-urlencoded"), text)
        }
        Some(ComposedBody::Xml(content)) => {
            let text = resolver.text(content, "The XML of the body")?.unwrap_or_default();
            Encoded::text(other("application/xml"), text)
        }
        Some(ComposedBody::Raw(content)) => match FileValue::deserialize(content) {
            Ok(file) => {
                let (file, bytes) = connect.open_file(project_id, &file).await?;
                let pieces = vec![Piece::File(bytes, file.size)];
                Encoded { kind: Kind::Other(file.mime_type), pieces }
            }
            Err(_) => {
                let text = resolver.text(content, "The body")?.unwrap_or_default();
                Encoded::text(other("text/plain; charset=utf-8"), text)
            }
        },
        Some(ComposedBody::Multipart(content)) => {
            let boundary = connect.0.random.token();
            let fields = fields(content)?;
            let pieces =
                multipart::encode(connect, project_id, fields, &boundary, resolver).await?;
            let kind = Kind::Multipart(format!("multipart/form-data; boundary={boundary}"));
            Encoded { kind, pieces }
        }
    };
    if encoded.text_bytes() > TEXT_BYTES_MAX {
        let message = format!("The body is longer than {TEXT_BYTES_MAX} bytes; send it as a file.");
        return Err(Error::invalid("body_too_long", message));
    }
    Ok(encoded)
}

fn other(kind: &str) -> Kind {
    Kind::Other(kind.to_owned())
}

fn fields(content: &Value) -> Result<&serde_json::Map<String, Value>> {
    content.as_object().ok_or_else(|| {
        let message = "The fields of the body must be an object of names and values.";
        Error::invalid("invalid_body", message)
    })
}

impl Encoded {
    fn text(kind: Kind, text: String) -> Self {
        Self { kind, pieces: vec![Piece::Bytes(text.into())] }
    }

    fn text_bytes(&self) -> usize {
        let length = |piece: &Piece| match piece {
            Piece::Bytes(bytes) => bytes.len(),
            Piece::File(..) => 0,
        };
        self.pieces.iter().map(length).sum()
    }

    /// What the body is, for its header.
    pub fn content_type(&self, authority: &Authority) -> Option<String> {
        match (&self.kind, authority, self.pieces.first()) {
            (Kind::Nothing, _, _) => None,
            (Kind::Json, Authority::Credential(held), Some(Piece::Bytes(text))) => {
                infer(text, held.provider.proxy.recognises_json_patch).map(str::to_owned)
            }
            (Kind::Json, _, _) => Some("application/json".to_owned()),
            (Kind::Multipart(kind) | Kind::Other(kind), _, _) => Some(kind.clone()),
        }
    }

    pub fn is_multipart(&self) -> bool {
        matches!(self.kind, Kind::Multipart(_))
    }

    /// The body itself.
    pub fn into_body(mut self) -> Body {
        if self.pieces.len() <= 1
            && let Some(Piece::Bytes(_)) | None = self.pieces.first()
        {
            return match self.pieces.pop() {
                Some(Piece::Bytes(bytes)) => body::full(bytes),
                _ => body::empty(),
            };
        }
        let length = |piece: &Piece| match piece {
            Piece::Bytes(bytes) => bytes.len() as u64,
            Piece::File(_, size) => *size,
        };
        let size = self.pieces.iter().map(length).sum();
        let streams = self.pieces.into_iter().map(|piece| match piece {
            Piece::Bytes(bytes) => BodyDataStream::new(body::full(bytes)),
            Piece::File(body, _) => BodyDataStream::new(body),
        });
        let data = futures_util::stream::iter(streams).flatten();
        Joined { data: Box::pin(data), size }.boxed_unsync()
    }
}

/// Pieces one after the other, of a length that is known.
struct Joined {
    data: Pin<Box<dyn futures_util::Stream<Item = Result<Bytes, BodyError>> + Send>>,
    size: u64,
}

impl HttpBody for Joined {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.data.as_mut().poll_next(context).map_ok(Frame::data)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.size)
    }
}
