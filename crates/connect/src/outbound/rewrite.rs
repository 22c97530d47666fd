//! Puts our addresses in the place of the provider's, so that a client that knows nothing of us
//! calls through us wherever an answer sends it.

use std::sync::Arc;

use base::{Error, ErrorKind, Result};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, LOCATION};
use http::{HeaderValue, Response};
use serde_json::Value;

use super::body::{self, Body};
use crate::held::Held;

/// For the answers to one client.
pub(crate) struct Rewriter<'r> {
    pub held: &'r Arc<Held>,
    /// Our address, which a host follows.
    pub base: &'r str,
}

impl Rewriter<'_> {
    /// Our address for one of the provider's.
    fn ours(&self, address: &str) -> Option<String> {
        let proxy = &self.held.provider.proxy;
        let (scheme, rest) = address.split_once("://")?;
        if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let host = authority.strip_suffix(":443").unwrap_or(authority);
        let known = proxy.allows_host(host, &self.held.variables);
        known.then(|| format!("{}/{}{path}", self.base, host.to_ascii_lowercase()))
    }

    /// Keeps a client that follows redirects with us.
    pub fn location(&self, headers: &mut HeaderMap) {
        let address = headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let ours = address.and_then(|address| self.ours(address));
        if let Some(ours) = ours.and_then(|ours| HeaderValue::from_str(&ours).ok()) {
            headers.insert(LOCATION, ours);
        }
    }

    /// Rewrites every address in a JSON answer; any other answer streams on as it is.
    pub async fn document(
        &self,
        answer: Response<Body>,
        bytes_max: usize,
    ) -> Result<Response<Body>> {
        let kind = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !kind.is_some_and(|kind| kind.to_ascii_lowercase().contains("json")) {
            return Ok(answer);
        }
        let name = &self.held.provider.name;
        if answer.headers().contains_key(CONTENT_ENCODING) {
            return Err(unreadable(name));
        }
        let (mut head, stream) = answer.into_parts();
        let read = body::gather(stream, bytes_max).await;
        let bytes = read.map_err(|cause| unreadable(name).with_source(cause))?;
        if bytes.is_empty() {
            return Ok(Response::from_parts(head, body::empty()));
        }
        let mut document: Value =
            serde_json::from_slice(&bytes).map_err(|cause| unreadable(name).with_source(cause))?;
        self.rewrite(&mut document);
        let text = document.to_string();
        head.headers.insert(CONTENT_LENGTH, text.len().into());
        head.headers.remove(ETAG);
        Ok(Response::from_parts(head, body::full(text)))
    }

    /// serde_json reads documents up to 128 levels deep, so this ends.
    fn rewrite(&self, document: &mut Value) {
        match document {
            Value::String(text) => {
                if let Some(ours) = self.ours(text) {
                    *text = ours;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.rewrite(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.rewrite(field)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Passing on what could not be read would lead the client past us, with a token in its hand.
fn unreadable(provider: &str) -> Error {
    let message = format!(
        "{provider} told where to call next in a form that Gangway cannot read: the answer is too \
         long, broke off, or is encoded."
    );
    Error::new(ErrorKind::Provider, "answer_unreadable", message)
}
