//! The one error envelope: `{ "message", "code", "status", "meta" }`.

use axum::Json;
use axum::response::{IntoResponse, Response};
use base::{Error, ErrorKind};
use http::StatusCode;
use serde_json::{Value, json};

/// When whoever is turned away for now may come back, where nobody knows better.
const RETRY_AFTER_SECONDS: u64 = 1;

/// What a handler answers.
pub type Answer<T = Response> = Result<T, Failure>;

/// An error on its way to the caller.
#[derive(Debug)]
pub struct Failure(pub Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// The HTTP status of each kind of error.
pub fn status_of(error: &Error) -> StatusCode {
    match (error.kind(), error.code()) {
        (_, "url_too_long") => StatusCode::URI_TOO_LONG,
        (_, "headers_too_large") => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        (_, "method_not_allowed") => StatusCode::METHOD_NOT_ALLOWED,
        (ErrorKind::Invalid, _) => StatusCode::BAD_REQUEST,
        (ErrorKind::Unauthenticated, _) => StatusCode::UNAUTHORIZED,
        (ErrorKind::Forbidden, _) => StatusCode::FORBIDDEN,
        (ErrorKind::NotFound, _) => StatusCode::NOT_FOUND,
        (ErrorKind::Conflict, _) => StatusCode::CONFLICT,
        (ErrorKind::TooLarge, _) => StatusCode::PAYLOAD_TOO_LARGE,
        (ErrorKind::RateLimited, _) => StatusCode::TOO_MANY_REQUESTS,
        (ErrorKind::Provider, _) => StatusCode::BAD_GATEWAY,
        (ErrorKind::Unavailable, _) => StatusCode::SERVICE_UNAVAILABLE,
        (ErrorKind::Timeout, _) => StatusCode::GATEWAY_TIMEOUT,
        (ErrorKind::Internal, _) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The envelope of an error.
pub fn envelope(error: &Error) -> Value {
    json!({
        "message": error.message(),
        "code": error.code(),
        "status": status_of(error).as_u16(),
        "meta": error.meta().unwrap_or(&json!({})),
    })
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let status = status_of(&error);
        if status.is_server_error() {
            tracing::error!(code = error.code(), cause = ?error, "request failed");
        } else {
            tracing::debug!(code = error.code(), cause = ?error, "request refused");
        }
        let mut response = (status, Json(envelope(&error))).into_response();
        let asked = error.meta().and_then(|meta| meta["retryAfterSeconds"].as_u64());
        let is_passing = status == StatusCode::SERVICE_UNAVAILABLE;
        if let Some(seconds) = asked.or(is_passing.then_some(RETRY_AFTER_SECONDS)) {
            response.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
