//! Where calls go: which host serves which path, and which hosts a credential may be sent to.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// The rule that turns a path into an address.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// The host of every area that no other is named for.
    pub default_host: String,
    /// A path that has one of these segments is complete but for `prefix`; another is `bare`.
    #[serde(default)]
    pub markers: Vec<String>,
    /// What stands before a path with a marker.
    #[serde(default)]
    pub prefix: String,
    /// What stands before a path without one.
    #[serde(default)]
    pub bare_prefix: String,
    /// Areas with a host of their own. The area is the segment after the marker, or the first of a
    /// bare path; a marker can be an area itself.
    #[serde(default)]
    pub areas: Vec<Area>,
    /// The hosts calls may go to, besides those above; `*` stands for one label.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Headers that every call carries unless the caller sets them.
    #[serde(default, deserialize_with = "headers")]
    pub headers: HeaderMap,
    /// Words in a redirect's address that show that it leads to a sign-in page.
    #[serde(default)]
    pub sign_in_redirects: Vec<String>,
    /// Whether a success may in truth be a sign-in page: status 203, or HTML where JSON was asked.
    #[serde(default)]
    pub sign_in_page_as_success: bool,
    /// Whether a JSON body that is a list of JSON Patch operations is sent as such when its
    /// content type is left to us.
    #[serde(default)]
    pub recognises_json_patch: bool,
}

/// Areas of one host.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// The host.
    pub host: String,
    /// Which areas it serves.
    pub areas: Vec<String>,
    /// What stands before a path with a marker here, where it is not the usual prefix.
    pub prefix: Option<String>,
    /// What stands before a bare path here, where it is not the usual prefix.
    pub bare_prefix: Option<String>,
}

impl Proxy {
    /// Whether a credential may be sent to this host.
    pub(crate) fn allows_host(&self, host: &str) -> bool {
        host.eq_ignore_ascii_case(&self.default_host)
            || self.areas.iter().any(|area| host.eq_ignore_ascii_case(&area.host))
            || self.hosts.iter().any(|pattern| host_matches(pattern, host))
    }
}

fn headers<'de, D: Deserializer<'de>>(document: D) -> Result<HeaderMap, D::Error> {
    let named = BTreeMap::<String, String>::deserialize(document)?;
    let parsed = named.iter().map(|(name, value)| {
        let wrong = || D::Error::custom(format!("\"{name}: {value}\" is not a header"));
        let name: HeaderName = name.parse().map_err(|_| wrong())?;
        Ok((name, value.parse::<HeaderValue>().map_err(|_| wrong())?))
    });
    parsed.collect()
}

fn host_matches(pattern: &str, host: &str) -> bool {
    let mut labels = host.split('.');
    let mut expected = pattern.split('.');
    loop {
        match (expected.next(), labels.next()) {
            (None, None) => return true,
            (Some("*"), Some(label)) if !label.is_empty() => {}
            (Some(one), Some(label)) if one.eq_ignore_ascii_case(label) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_in_a_host_pattern_stands_for_exactly_one_label() {
        assert!(host_matches("*.visualstudio.com", "acme.visualstudio.com"));
        assert!(host_matches("*.visualstudio.com", "ACME.VisualStudio.com"));
        assert!(!host_matches("*.visualstudio.com", "visualstudio.com"));
        assert!(!host_matches("*.visualstudio.com", ".visualstudio.com"));
        assert!(!host_matches("*.visualstudio.com", "a.b.visualstudio.com"));
        assert!(!host_matches("*.visualstudio.com", "acme.visualstudio.com.evil.example"));
    }
}
