//! May a call go there? With a credential only by https (unless the operator says otherwise), and only to its provider's hosts.

use std::collections::BTreeMap;

use base::{Error, Result};
use http::{HeaderMap, Uri};
use url::Host;

use crate::provider::Provider;

/// Refuses an address that is not the provider's, for an account with these variables.
pub(crate) fn require(
    provider: &Provider,
    variables: &BTreeMap<String, String>,
    uri: &Uri,
) -> Result<()> {
    let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    let host = authority.strip_suffix(":443").unwrap_or(authority);
    if uri.scheme_str() == Some(provider.proxy.scheme())
        && provider.proxy.allows_host(host, variables)
    {
        return Ok(());
    }
    let message = format!(
        "\"{authority}\" is not one of the hosts of {}; a connected account is never sent \
         elsewhere.",
        provider.name
    );
    Err(Error::invalid("foreign_host", message))
}

/// Refuses an address that two programs could read as two: with a login before the host, or with
/// the host in another than its usual spelling.
pub(crate) fn require_plain(uri: &Uri) -> Result<()> {
    let host = uri.host().unwrap_or_default();
    let is_usual = match Host::parse(host) {
        Ok(Host::Ipv6(_)) => true,
        Ok(read) => read.to_string().eq_ignore_ascii_case(host),
        Err(_) => false,
    };
    let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    if is_usual && !authority.contains('@') && matches!(uri.scheme_str(), Some("http" | "https")) {
        return Ok(());
    }
    let message = "The address must be http or https with a plain host and no login in it.";
    Err(Error::invalid("invalid_address", message))
}

/// Adds the headers that every call to this provider carries, unless the caller has set them.
pub(crate) fn complete(provider: &Provider, headers: &mut HeaderMap) {
    for (name, value) in &provider.proxy.headers {
        if !headers.contains_key(name) {
            headers.insert(name, value.clone());
        }
    }
}
