//! Sizes that a request may not exceed, told in our own envelope.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::{Error, ErrorKind};
use http::HeaderMap;

use crate::app::App;
use crate::failure::Failure;

/// Refuses an over-long URL and oversized headers before anything else looks at them.
pub async fn apply(State(app): State<App>, request: Request, next: Next) -> Response {
    let limits = &app.config().server;
    let url_bytes = request.uri().path_and_query().map_or(0, |text| text.as_str().len());
    if url_bytes > limits.url_bytes_max {
        return refuse("url_too_long", "URL", url_bytes, limits.url_bytes_max);
    }
    let header_bytes = size_of(request.headers());
    if header_bytes > limits.header_bytes_max {
        return refuse("headers_too_large", "header block", header_bytes, limits.header_bytes_max);
    }
    next.run(request).await
}

fn size_of(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

fn refuse(code: &'static str, what: &str, bytes: usize, bytes_max: usize) -> Response {
    let message =
        format!("The request's {what} has {bytes} bytes; at most {bytes_max} are accepted.");
    Failure(Error::new(ErrorKind::Invalid, code, message)).into_response()
}
