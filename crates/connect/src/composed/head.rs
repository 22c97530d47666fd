//! The headers of a composed request.

use base::{Error, Result};
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::ComposedRequest;
use super::body::Encoded;
use super::resolver::{Resolver, scalar};
use crate::outbound::{Authority, headers as crossing};
use crate::reference;

/// How many bytes all headers may have.
const HEADERS_BYTES_MAX: usize = 64 * 1024;
/// What is asked for where the step does not say: JSON, but anything before nothing.
const ACCEPTED: HeaderValue = HeaderValue::from_static("application/json, */*;q=0.8");
const OUR_NAME: HeaderValue = HeaderValue::from_static("Gangway");

/// The headers that the step gives. With an account's authority, those are left out that a proxied
/// call leaves out.
pub(super) fn headers(
    request: &ComposedRequest,
    authority: &Authority,
    resolver: &mut Resolver,
) -> Result<HeaderMap> {
    let (mut headers, mut bytes) = (HeaderMap::new(), 0);
    for (name, value) in &request.headers {
        let (name, holds_reference) = (name_of(name)?, !reference::references_in(value).is_empty());
        let values = match resolver.value(value)? {
            serde_json::Value::Array(items) => items,
            value => vec![value],
        };
        for value in values {
            let Some(text) = scalar(value, &format!("The header \"{name}\""))? else { continue };
            bytes += name.as_str().len() + text.len();
            if bytes > HEADERS_BYTES_MAX {
                let message = format!("The headers are longer than {HEADERS_BYTES_MAX} bytes.");
                return Err(Error::invalid("headers_too_long", message));
            }
            let mut value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
                let message = format!("The header \"{name}\" holds characters that none can have.");
                Error::invalid("invalid_header", message)
            })?;
            value.set_sensitive(holds_reference);
            headers.append(name.clone(), value);
        }
    }
    if matches!(authority, Authority::Credential(_)) {
        crossing::keep_for_provider(&mut headers);
    } else if let Some(name) = headers.keys().find(|name| crossing::is_ours(name)) {
        let message = format!("The header \"{name}\" follows from the request; leave it out.");
        return Err(Error::invalid("invalid_header", message));
    }
    Ok(headers)
}

/// Adds what the step leaves to us.
pub(super) fn complete(
    headers: &mut HeaderMap,
    encoded: &Encoded,
    authority: &Authority,
) -> Result<()> {
    if let Some(kind) = encoded.content_type(authority) {
        // A multipart body's type names its boundary, which only we know.
        if encoded.is_multipart() || !headers.contains_key(CONTENT_TYPE) {
            let kind = HeaderValue::from_str(&kind).map_err(|_| {
                let message = "The type of the file to send is none that a header can have.";
                Error::invalid("invalid_header", message)
            })?;
            headers.insert(CONTENT_TYPE, kind);
        }
    }
    headers.entry(ACCEPT).or_insert(ACCEPTED);
    if matches!(authority, Authority::None) {
        headers.entry(USER_AGENT).or_insert(OUR_NAME);
    }
    Ok(())
}

fn name_of(name: &str) -> Result<HeaderName> {
    reference::unescape_key(name).trim().parse().map_err(|_| {
        Error::invalid("invalid_header", format!("\"{name}\" is no name that a header can have."))
    })
}
