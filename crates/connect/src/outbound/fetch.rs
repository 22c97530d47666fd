//! Our own small calls: tokens, profiles, verification. Their answers are read whole, up to a limit.

use base::{Error, ErrorKind, Result};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use serde_json::Value;

use super::body;
use super::network::Network;
use crate::provider::Provider;
use crate::secrets::Authorization;

/// What to ask.
pub(crate) struct Question {
    pub url: String,
    pub authorization: Option<Authorization>,
    /// What to post; without it it is a GET.
    pub form: Option<Form>,
}

/// A document to post.
pub(crate) enum Form {
    /// `name=value&…`
    Pairs(String),
    Json(String),
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON, if it is that.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// The text or number at a JSON pointer.
pub(crate) fn text_at(document: &Value, pointer: &str) -> Option<String> {
    match document.pointer(pointer)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

impl Network {
    /// Asks a provider something of our own.
    pub async fn fetch(
        &self,
        provider: &Provider,
        profile: &str,
        question: Question,
    ) -> Result<Answer> {
        let pool = self.pool(provider, profile)?;
        let response = self.send(pool, request(provider, question)?).await?;
        let (head, stream) = response.into_parts();
        let read = body::gather(stream, self.limits.answer_bytes_max).await;
        let body = read.map_err(|cause| broken_off(provider).with_source(cause))?;
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

/// The code of the error when an answer did not come to its end.
pub(crate) use super::deadline::BROKE_OFF;

fn broken_off(provider: &Provider) -> Error {
    let message = format!("{} broke off its answer, or it was too long.", provider.name);
    Error::new(ErrorKind::Provider, BROKE_OFF, message)
}

fn request(provider: &Provider, question: Question) -> Result<Request<body::Body>> {
    let mut uri: Uri = question.url.parse().map_err(Error::internal)?;
    let mut headers = provider.proxy.headers.clone();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(authorization) = question.authorization {
        authorization.attach(&mut uri, &mut headers)?;
    }
    let posted = match question.form {
        None => None,
        Some(Form::Pairs(text)) => Some(("application/x-www-form-urlencoded", text)),
        Some(Form::Json(text)) => Some(("application/json", text)),
    };
    let mut request = Request::new(body::empty());
    if let Some((kind, text)) = posted {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        *request.method_mut() = Method::POST;
        *request.body_mut() = body::full(text);
    }
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}
