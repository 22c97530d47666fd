//! Sizes that a request may not exceed, told in our own envelope.

use axum::extract::Request;
use base::{Error, Result};
use http::HeaderMap;

use crate::config::Server;

/// Refuses an over-long URL and oversized headers before anything else looks at them.
pub fn check(limits: &Server, request: &Request) -> Result<()> {
    let url_bytes = request.uri().path_and_query().map_or(0, |text| text.as_str().len());
    if url_bytes > limits.url_bytes_max {
        return Err(too_large("url_too_long", "URL", url_bytes, limits.url_bytes_max));
    }
    let header_bytes = size_of(request.headers());
    if header_bytes > limits.header_bytes_max {
        let bytes_max = limits.header_bytes_max;
        return Err(too_large("headers_too_large", "header block", header_bytes, bytes_max));
    }
    Ok(())
}

fn size_of(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

fn too_large(code: &'static str, what: &str, bytes: usize, bytes_max: usize) -> Error {
    let message =
        format!("The request's {what} has {bytes} bytes; at most {bytes_max} are accepted.");
    Error::invalid(code, message)
}
