//! Calls to the management API of a running Gangway, for its command line.

use base::{Clock, Error, ErrorKind, Result, Secret};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, StatusCode, Uri};
use serde_json::Value;

use crate::ConnectConfig;
use crate::config::OutboundConfig;
use crate::outbound::body;
use crate::outbound::network::Network;

/// How long an answer may be: a page of the largest definitions.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A server and the token it is called with.
pub struct ManagementApi {
    network: Network,
    url: String,
    token: Secret<String>,
}

impl ManagementApi {
    /// A server at `url`, which may be on this machine or in this network: whoever runs the command
    /// has named it.
    ///
    /// # Errors
    /// `invalid_url` when that is no address of a server.
    pub fn new(
        url: &str,
        token: Secret<String>,
        outbound: OutboundConfig,
        clock: &Clock,
    ) -> Result<Self> {
        let url = url.trim_end_matches('/').to_owned();
        let read = url::Url::parse(&url).ok();
        let read = read.filter(|url| matches!(url.scheme(), "http" | "https"));
        let host = read.as_ref().and_then(url::Url::host_str).ok_or_else(|| {
            Error::invalid("invalid_url", format!("\"{url}\" is no address of a server."))
        })?;
        let named = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let mut config = ConnectConfig::new(&url);
        config.outbound = OutboundConfig { allow: vec![named], ..outbound };
        Ok(Self { network: Network::new(&config, clock)?, url, token })
    }

    /// Calls a path of the API. The answer is JSON, or null where there is none.
    ///
    /// # Errors
    /// `server_unreachable`, or what the server says, with its own code and sentence in the message
    /// and its `meta`.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let request = self.request(method, path, body)?;
        let sent = self.network.send(self.network.world(), request).await;
        let response = sent.map_err(|cause| self.unreachable().with_source(cause))?;
        let (head, stream) = response.into_parts();
        let read = body::gather(stream, ANSWER_BYTES_MAX).await;
        let bytes = read.map_err(|cause| self.unreachable().with_source(cause))?;
        let answer = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).map_err(|_| self.foreign(head.status))?
        };
        if head.status.is_success() { Ok(answer) } else { Err(self.refused(head.status, &answer)) }
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Request<body::Body>> {
        let uri: Uri = format!("{}{path}", self.url).parse().map_err(Error::internal)?;
        let text = format!("Bearer {}", self.token.expose());
        let mut bearer = HeaderValue::try_from(text).map_err(|_| {
            Error::invalid("invalid_api_token", "The API token holds characters that none has.")
        })?;
        bearer.set_sensitive(true);
        let content = body.map_or_else(body::empty, |body| body::full(body.to_string()));
        Request::builder()
            .method(method)
            .uri(uri)
            .header(AUTHORIZATION, bearer)
            .header(CONTENT_TYPE, "application/json")
            .body(content)
            .map_err(Error::internal)
    }

    fn unreachable(&self) -> Error {
        let message = format!("The server at {} does not answer: is it running?", self.url);
        Error::new(ErrorKind::Unavailable, "server_unreachable", message)
    }

    fn foreign(&self, status: StatusCode) -> Error {
        let message = format!("What answers at {} ({status}) is no Gangway.", self.url);
        Error::new(ErrorKind::Provider, "foreign_server", message)
    }

    fn refused(&self, status: StatusCode, answer: &Value) -> Error {
        let Some(message) = answer["message"].as_str() else { return self.foreign(status) };
        let (kind, code) = match status {
            StatusCode::UNAUTHORIZED => (ErrorKind::Unauthenticated, "unauthenticated"),
            StatusCode::NOT_FOUND => (ErrorKind::NotFound, "not_found"),
            StatusCode::CONFLICT => (ErrorKind::Conflict, "conflict"),
            status if status.is_client_error() => (ErrorKind::Invalid, "refused"),
            _ => (ErrorKind::Unavailable, "server_failed"),
        };
        Error::new(kind, code, message).with_meta(answer["meta"].clone())
    }
}
