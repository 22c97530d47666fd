//! May a credential go there? Only by https, and only to its provider's hosts.

use base::{Error, Result};
use http::{HeaderMap, Uri};

use crate::provider::Provider;

/// Refuses an address that is not the provider's.
pub(crate) fn require(provider: &Provider, uri: &Uri) -> Result<()> {
    let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    let host = authority.strip_suffix(":443").unwrap_or(authority);
    if uri.scheme_str() == Some("https") && provider.proxy.allows_host(host) {
        return Ok(());
    }
    let message = format!(
        "\"{authority}\" is not one of the hosts of {}; a connected account is never sent \
         elsewhere.",
        provider.name
    );
    Err(Error::invalid("foreign_host", message))
}

/// Adds the headers that every call to this provider carries, unless the caller has set them.
pub(crate) fn complete(provider: &Provider, headers: &mut HeaderMap) {
    for (name, value) in &provider.proxy.headers {
        if !headers.contains_key(name) {
            headers.insert(name, value.clone());
        }
    }
}
