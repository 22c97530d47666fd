//! Where calls go: which host serves which path, and which hosts a credential may be sent to.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base::{Error, Result};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::template;

/// The rule that turns a path into an address.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// The host of every area that no other is named for. It may name account variables,
    /// `{subdomain}.zendesk.com`; a variable may also hold an https origin.
    pub default_host: String,
    /// What a `default_host` with variables must turn out as; `*` stands for one label.
    #[serde(default)]
    pub account_hosts: Vec<String>,
    /// Whether calls and tokens go without TLS. Only a connector of the operator's own may say so,
    /// and only for hosts that `outbound.allow` lists.
    #[serde(default)]
    pub plain_http: bool,
    /// A path that has one of these segments is complete but for `prefix`; another is `bare`.
    #[serde(default)]
    pub markers: Vec<String>,
    /// A path that begins with one of these is complete but for `prefix` too.
    #[serde(default)]
    pub complete_paths: Vec<String>,
    /// What stands before a complete path.
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
    /// The header by which the provider names a call; its support asks for it.
    #[serde(default, deserialize_with = "header_name")]
    pub activity_id_header: Option<HeaderName>,
    /// Paths, from what follows the marker on, whose JSON answers tell clients where to call next.
    /// Calls from clients that know nothing of us get our addresses instead of the provider's.
    #[serde(default)]
    pub rewrite: Vec<String>,
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
    /// Whether a credential with these variables may be sent to this host.
    pub(crate) fn allows_host(&self, host: &str, variables: &BTreeMap<String, String>) -> bool {
        self.is_fixed_host(host)
            || (self.default_host.contains('{')
                && self
                    .account_host(&self.default_host, variables)
                    .is_ok_and(|own| own.eq_ignore_ascii_case(host)))
    }

    /// Whether it is one of the hosts of every account.
    pub(super) fn is_fixed_host(&self, host: &str) -> bool {
        host.eq_ignore_ascii_case(&self.default_host)
            || self.areas.iter().any(|area| host.eq_ignore_ascii_case(&area.host))
            || self.hosts.iter().any(|pattern| host_matches(pattern, host))
    }

    /// The host that a template such as `{subdomain}.zendesk.com` means for an account.
    pub(crate) fn account_host<'t>(
        &self,
        template: &'t str,
        variables: &BTreeMap<String, String>,
    ) -> Result<Cow<'t, str>> {
        if !template.contains('{') {
            return Ok(Cow::Borrowed(template));
        }
        let bare = |value: &String| {
            let value = value.strip_prefix("https://").unwrap_or(value);
            value.trim_end_matches('/').to_ascii_lowercase()
        };
        let host = template::fill(template, |name| variables.get(name).map(bare))?;
        if self.account_hosts.iter().any(|pattern| host_matches(pattern, &host)) {
            return Ok(Cow::Owned(host));
        }
        let message = "The connected account names a host that is not its provider's.";
        Err(Error::invalid("foreign_host", message))
    }

    /// What follows the marker in a path; the whole path where there is no marker.
    pub(crate) fn after_marker<'p>(&self, path: &'p str) -> &'p str {
        let mut start = 0;
        for segment in path.split('/') {
            let end = start + segment.len();
            if self.markers.iter().any(|marker| marker.eq_ignore_ascii_case(segment)) {
                return path.get(end + 1..).unwrap_or_default();
            }
            start = end + 1;
        }
        path.trim_start_matches('/')
    }

    /// Whether answers of this path tell clients where to call next.
    pub(crate) fn rewrites(&self, path: &str) -> bool {
        let path = self.after_marker(path);
        self.rewrite.iter().any(|begin| {
            let (head, tail) = path.split_at_checked(begin.len()).unwrap_or((path, ""));
            head.eq_ignore_ascii_case(begin) && (tail.is_empty() || tail.starts_with('/'))
        })
    }

    /// `https`, unless the operator has said otherwise.
    pub(crate) const fn scheme(&self) -> &'static str {
        if self.plain_http { "http" } else { "https" }
    }

    /// An address of our own small calls, `https://{subdomain}.zendesk.com/api/v2/users/me.json`.
    pub(crate) fn address(
        &self,
        template: &str,
        variables: &BTreeMap<String, String>,
    ) -> Result<String> {
        let (scheme, host, path) = parts(template);
        let host = self.account_host(host, variables)?;
        let path = template::fill_url(path, |name| variables.get(name).map(String::as_str))?;
        Ok(format!("{scheme}{host}{path}"))
    }
}

/// Scheme, host and the rest of an address.
pub(super) fn parts(address: &str) -> (&str, &str, &str) {
    let after = address.find("://").map_or(0, |place| place + 3);
    let (scheme, rest) = address.split_at(after);
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    (scheme, host, path)
}

fn headers<'de, D: Deserializer<'de>>(document: D) -> std::result::Result<HeaderMap, D::Error> {
    let named = BTreeMap::<String, String>::deserialize(document)?;
    let parsed = named.iter().map(|(name, value)| {
        let wrong = || D::Error::custom(format!("\"{name}: {value}\" is not a header"));
        let name: HeaderName = name.parse().map_err(|_| wrong())?;
        Ok((name, value.parse::<HeaderValue>().map_err(|_| wrong())?))
    });
    parsed.collect()
}

fn header_name<'de, D: Deserializer<'de>>(
    document: D,
) -> std::result::Result<Option<HeaderName>, D::Error> {
    let name = String::deserialize(document)?;
    name.parse().map(Some).map_err(|_| D::Error::custom(format!("\"{name}\" is not a header")))
}

fn host_matches(pattern: &str, host: &str) -> bool {
    let mut labels = host.split('.');
    let mut expected = pattern.split('.');
    loop {
        match (expected.next(), labels.next()) {
            (None, None) => return true,
            (Some("*"), Some(label)) if is_label(label) => {}
            (Some(one), Some(label)) if one.eq_ignore_ascii_case(label) => {}
            _ => return false,
        }
    }
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zendesk() -> Proxy {
        toml::from_str("default_host = \"{site}.zendesk.com\"\naccount_hosts = [\"*.zendesk.com\"]")
            .unwrap()
    }

    fn account(site: &str) -> BTreeMap<String, String> {
        [("site".to_owned(), site.to_owned())].into()
    }

    #[test]
    fn an_accounts_own_host_is_made_of_its_variables_and_no_other_accounts() {
        let acme = account("Acme");
        assert!(zendesk().allows_host("acme.zendesk.com", &acme));
        assert!(!zendesk().allows_host("other.zendesk.com", &acme));
        assert_eq!(
            zendesk().address("https://{site}.zendesk.com/me", &acme).unwrap(),
            "https://acme.zendesk.com/me"
        );
    }

    #[test]
    fn a_variable_cannot_lead_to_a_host_of_another_kind() {
        for hostile in ["evil.example/", "a.b", "evil.example#", "a@evil", "", "a:443", "evil%2f"] {
            let error = zendesk().account_host("{site}.zendesk.com", &account(hostile));
            assert_eq!(error.expect_err(hostile).code(), "foreign_host");
        }
        let whole: Proxy = toml::from_str(
            "default_host = \"{instance}\"\naccount_hosts = [\"*.my.salesforce.com\"]",
        )
        .unwrap();
        let variables =
            [("instance".to_owned(), "https://acme.my.salesforce.com".to_owned())].into();
        let host = whole.account_host(&whole.default_host, &variables).unwrap();
        assert_eq!(host, "acme.my.salesforce.com");
        let evil = [("instance".to_owned(), "https://evil.example".to_owned())].into();
        assert!(whole.account_host(&whole.default_host, &evil).is_err());
    }

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
