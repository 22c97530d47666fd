//! Where a composed request goes.

use base::{Error, Result};
use http::Uri;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::{Url, form_urlencoded};

use super::ComposedRequest;
use super::resolver::{Resolver, pairs};
use crate::held::Held;
use crate::outbound::guard::require_plain;
use crate::outbound::resolve::of_url;
use crate::reference;

/// The longest address, in bytes.
const ADDRESS_BYTES_MAX: usize = 16 * 1024;
/// What no address can hold as it is. A percent sign stands: what is encoded already stays so.
const NOT_IN_ADDRESSES: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The address of a request to anybody.
pub(super) fn of_world(request: &ComposedRequest, resolver: &mut Resolver) -> Result<Uri> {
    let text = resolver.some_text(&request.url, "The address")?;
    let query = pairs(resolver, &request.query, "The parameter")?;
    let mut url = whole(&text)?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    uri(&url)
}

/// The address that a text gives in full.
pub(super) fn whole(text: &str) -> Result<Url> {
    let mut url = Url::parse(text.trim()).map_err(|_| malformed())?;
    url.set_fragment(None);
    Ok(url)
}

/// An address that may be called.
pub(super) fn uri(url: &Url) -> Result<Uri> {
    if url.as_str().len() > ADDRESS_BYTES_MAX {
        let message = format!("The address is longer than {ADDRESS_BYTES_MAX} bytes.");
        return Err(Error::invalid("url_too_long", message));
    }
    let encoded = utf8_percent_encode(url.as_str(), NOT_IN_ADDRESSES).to_string();
    let uri = encoded.parse().map_err(|_| malformed())?;
    require_plain(&uri)?;
    Ok(uri)
}

/// The address of a request with an account, by the rule of proxied calls; and, where it holds a
/// secret, what the request log is told instead.
pub(super) fn of_account(
    held: &Held,
    request: &ComposedRequest,
    resolver: &mut Resolver,
) -> Result<(Uri, Option<Uri>)> {
    let text = resolver.some_text(&request.url, "The path")?;
    let query = pairs(resolver, &request.query, "The parameter")?;
    let uri = place(held, &text, &query)?;
    if reference::references_in(&request.url).is_empty() {
        return Ok((uri, None));
    }
    let named = reference::resolve(&request.url, &mut |one| Ok::<_, Error>(one.written()))?;
    let shown = named.as_str().and_then(|text| place(held, text, &[]).ok());
    // Where the secret is part of the host, even the parts of the path cannot be told apart.
    let shown = shown.filter(|shown| shown.host() == uri.host()).or_else(|| {
        let host = uri.host()?;
        format!("{}://{host}/", uri.scheme_str()?).parse().ok()
    });
    Ok((uri, shown))
}

fn place(held: &Held, text: &str, query: &[(String, String)]) -> Result<Uri> {
    let text = &text[..text.find('#').unwrap_or(text.len())];
    let mut address = utf8_percent_encode(text.trim(), NOT_IN_ADDRESSES).to_string();
    if !query.is_empty() {
        address.push(if address.contains('?') { '&' } else { '?' });
        address.push_str(
            &form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish(),
        );
    }
    if is_whole(&address) {
        return of_url(&held.provider, &held.variables, &address);
    }
    if !address.starts_with('/') {
        address.insert(0, '/');
    }
    held.provider.resolve(&held.variables, &address)
}

fn is_whole(address: &str) -> bool {
    let scheme = address.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|name| ["http", "https"].iter().any(|one| one.eq_ignore_ascii_case(name)))
}

fn malformed() -> Error {
    let message = "The address is not one that can be called: give it in full, as in \
                   https://api.example/v1/things.";
    Error::invalid("invalid_address", message)
}
