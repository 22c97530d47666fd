//! Our own small calls: tokens, profiles, verification. Their answers are read whole, up to a limit.

use base::{Error, ErrorKind, Result};
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;

use super::body;
use super::network::Network;
use crate::provider::Provider;

/// What to ask.
pub(crate) struct Question {
    pub url: String,
    pub authorization: Option<HeaderValue>,
    /// A form to post; without one it is a GET.
    pub form: Option<String>,
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
        let (head, mut stream) = response.into_parts();
        let mut body = Vec::new();
        while let Some(frame) = stream.frame().await {
            let frame = frame.map_err(|cause| broken_off(provider).with_source(cause))?;
            body.extend_from_slice(frame.data_ref().map_or(&[], |data| &data[..]));
            if body.len() > self.limits.answer_bytes_max {
                return Err(broken_off(provider));
            }
        }
        let body = body.into();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

fn broken_off(provider: &Provider) -> Error {
    let message = format!("{} broke off its answer, or it was too long.", provider.name);
    Error::new(ErrorKind::Provider, "provider_broke_off", message)
}

fn request(provider: &Provider, question: Question) -> Result<Request<body::Body>> {
    let mut request = Request::builder().uri(question.url);
    for (name, value) in &provider.proxy.headers {
        request = request.header(name, value);
    }
    request = request.header(ACCEPT, "application/json");
    if let Some(authorization) = question.authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    let body = match question.form {
        None => body::empty(),
        Some(form) => {
            request = request
                .method(Method::POST)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            body::full(form)
        }
    };
    request.body(body).map_err(Error::internal)
}
