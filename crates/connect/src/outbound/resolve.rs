//! Turns the path of a call into an address at the provider, by the rule of its connector. The
//! query and every encoded character stay byte for byte as they came.

use std::collections::BTreeMap;

use base::{Error, Result};
use http::Uri;

use crate::provider::{Provider, Proxy, template};

/// The longest address of a call.
const ADDRESS_BYTES_MAX: usize = 16 * 1024;

/// The address of a path such as `/projects?api-version=7.1`.
pub(crate) fn of_path(
    provider: &Provider,
    variables: &BTreeMap<String, String>,
    path_and_query: &str,
) -> Result<Uri> {
    require_short(path_and_query)?;
    let (path, query) = split_query(path_and_query);
    let path = collapse(path);
    require_plain(&path)?;
    let (host, prefix) = place(&provider.proxy, &path);
    let prefix = template::fill_url(prefix, |name| variables.get(name).map(String::as_str))?;
    let host = provider.proxy.account_host(host, variables)?;
    parse(&format!("{}://{host}{prefix}{path}{query}", provider.proxy.scheme()))
}

/// The address that a caller gave in full, if it is one of the provider's.
pub(crate) fn of_url(
    provider: &Provider,
    variables: &BTreeMap<String, String>,
    url: &str,
) -> Result<Uri> {
    require_short(url)?;
    let wanted = provider.proxy.scheme();
    let found = url.split_once("://").filter(|(scheme, _)| scheme.eq_ignore_ascii_case(wanted));
    let (_, rest) = found.ok_or_else(|| not_its_own(provider, url))?;
    of_full_path(provider, variables, rest)
}

/// The address that begins with its host: `dev.azure.com/acme/_apis/projects`.
pub(crate) fn of_full_path(
    provider: &Provider,
    variables: &BTreeMap<String, String>,
    rest: &str,
) -> Result<Uri> {
    require_short(rest)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.strip_suffix(":443").unwrap_or(authority);
    if !provider.proxy.allows_host(host, variables) {
        return Err(not_its_own(provider, rest));
    }
    let (path, query) = split_query(path);
    let path = collapse(path);
    require_plain(&path)?;
    let scheme = provider.proxy.scheme();
    parse(&format!("{scheme}://{}{path}{query}", host.to_lowercase()))
}

/// The host that serves a path, and what stands before the path there.
fn place<'p>(proxy: &'p Proxy, path: &str) -> (&'p str, &'p str) {
    if proxy.complete_paths.iter().any(|begin| path.starts_with(begin.as_str())) {
        return (&proxy.default_host, &proxy.prefix);
    }
    let mut segments = path.split('/').skip(1);
    let is_marker = |segment: &str| proxy.markers.iter().any(|m| m.eq_ignore_ascii_case(segment));
    let first = segments.clone().next().unwrap_or_default();
    let marker = segments.find(|segment| is_marker(segment));
    let named = match marker {
        Some(_) => segments.next().unwrap_or_default(),
        None => first,
    };
    let serves = |name: &str| {
        proxy.areas.iter().find(|area| area.areas.iter().any(|a| a.eq_ignore_ascii_case(name)))
    };
    let area = marker.and_then(serves).or_else(|| serves(named));
    let usual = if marker.is_some() { &proxy.prefix } else { &proxy.bare_prefix };
    let own = area.and_then(|area| match marker {
        Some(_) => area.prefix.as_ref(),
        None => area.bare_prefix.as_ref(),
    });
    (area.map_or(&proxy.default_host, |area| &area.host), own.unwrap_or(usual))
}

/// The query with its question mark.
fn split_query(text: &str) -> (&str, &str) {
    let text = &text[..text.find('#').unwrap_or(text.len())];
    text.split_at(text.find('?').unwrap_or(text.len()))
}

/// Real clients send doubled slashes.
fn collapse(path: &str) -> String {
    let mut collapsed = String::with_capacity(path.len() + 1);
    collapsed.push('/');
    for c in path.chars() {
        if c != '/' || !collapsed.ends_with('/') {
            collapsed.push(c);
        }
    }
    collapsed
}

/// A path that climbs could end elsewhere than where it was looked up.
fn require_plain(path: &str) -> Result<()> {
    let climbs = path.split('/').any(|segment| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        segment == "." || segment == ".."
    });
    if climbs || path.contains('\\') {
        let message = "The path must not hold \".\" or \"..\" segments or backslashes.";
        return Err(Error::invalid("invalid_path", message));
    }
    Ok(())
}

fn require_short(address: &str) -> Result<()> {
    if address.len() <= ADDRESS_BYTES_MAX {
        return Ok(());
    }
    let message = format!("The address is longer than {ADDRESS_BYTES_MAX} bytes.");
    Err(Error::invalid("url_too_long", message))
}

fn parse(address: &str) -> Result<Uri> {
    address.parse().map_err(|_| {
        let message = "The path holds characters that must be percent-encoded.";
        Error::invalid("invalid_path", message)
    })
}

fn not_its_own(provider: &Provider, url: &str) -> Error {
    let shown: String = url.chars().take_while(|c| !matches!(c, '?' | '#')).take(200).collect();
    let message = format!(
        "\"{shown}\" is not an https address of {}; a connected account is never sent elsewhere.",
        provider.name
    );
    Error::invalid("foreign_host", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::template::fill;

    fn proxy() -> Proxy {
        toml::from_str(
            r#"
            default_host = "api.example"
            markers = ["_apis"]
            prefix = "/{site}"
            bare_prefix = "/{site}/_apis"
            [[areas]]
            host = "graph.example"
            areas = ["graph"]
            [[areas]]
            host = "accounts.example"
            areas = ["accounts"]
            prefix = ""
            bare_prefix = "/_apis"
            "#,
        )
        .unwrap()
    }

    fn placed(path: &str) -> String {
        let proxy = proxy();
        let (host, prefix) = place(&proxy, path);
        fill(&format!("{host}{prefix}{path}"), |_| Some("acme".to_owned())).unwrap()
    }

    #[test]
    fn the_area_chooses_the_host_and_the_marker_the_prefix() {
        assert_eq!(placed("/projects"), "api.example/acme/_apis/projects");
        assert_eq!(placed("/_apis/projects"), "api.example/acme/_apis/projects");
        assert_eq!(placed("/Demo/_APIS/wit"), "api.example/acme/Demo/_APIS/wit");
        assert_eq!(placed("/Graph/users"), "graph.example/acme/_apis/Graph/users");
        assert_eq!(placed("/Demo/_apis/graph/x"), "graph.example/acme/Demo/_apis/graph/x");
        assert_eq!(placed("/accounts"), "accounts.example/_apis/accounts");
        assert_eq!(placed("/_apis/accounts"), "accounts.example/_apis/accounts");
        assert_eq!(placed("/graph/_apis/wit"), "api.example/acme/graph/_apis/wit");
        assert_eq!(placed("/"), "api.example/acme/_apis/");
    }

    #[test]
    fn repeated_slashes_collapse_and_nothing_else_changes() {
        assert_eq!(collapse("//a///b%2F%2f/$c//"), "/a/b%2F%2f/$c/");
        assert_eq!(split_query("/a?b=//c%20?d#e"), ("/a", "?b=//c%20?d"));
    }

    #[test]
    fn paths_that_climb_and_addresses_that_are_too_long_are_refused() {
        for path in ["/..", "/a/../b", "/%2e%2E/b", "/.%2e", "/a/./b", "/a\\b"] {
            assert_eq!(require_plain(path).expect_err(path).code(), "invalid_path");
        }
        assert!(require_plain("/a..b/...c/.d").is_ok());
        let long = "a".repeat(ADDRESS_BYTES_MAX + 1);
        assert_eq!(require_short(&long).expect_err("long").code(), "url_too_long");
    }
}
