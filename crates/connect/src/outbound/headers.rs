//! Which headers cross. What concerns one connection, one browser or ourselves does not.

use http::HeaderMap;
use http::header::{self, HeaderName};

/// Headers of one connection (RFC 9110), dropped both ways.
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::PROXY_AUTHENTICATE,
];

/// Headers of a caller that are theirs and ours, not the provider's.
const NOT_SENT: [HeaderName; 14] = [
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::HOST,
    header::COOKIE,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::ORIGIN,
    header::REFERER,
    header::FORWARDED,
    header::VIA,
    header::ACCESS_CONTROL_REQUEST_HEADERS,
    header::ACCESS_CONTROL_REQUEST_METHOD,
    header::UPGRADE_INSECURE_REQUESTS,
    HeaderName::from_static("x-real-ip"),
];
const NOT_SENT_PREFIXES: [&str; 4] = ["x-paragon-", "x-gangway-", "x-forwarded-", "sec-"];

/// Headers of an answer that would speak for our own origin, or to its browser.
const NOT_RETURNED: [HeaderName; 9] = [
    header::SET_COOKIE,
    HeaderName::from_static("set-cookie2"),
    header::WWW_AUTHENTICATE,
    header::STRICT_TRANSPORT_SECURITY,
    header::ALT_SVC,
    header::PUBLIC_KEY_PINS,
    HeaderName::from_static("clear-site-data"),
    HeaderName::from_static("nel"),
    HeaderName::from_static("report-to"),
];
const NOT_RETURNED_PREFIXES: [&str; 1] = ["access-control-"];

/// Keeps what may be sent to a provider.
pub(crate) fn keep_for_provider(headers: &mut HeaderMap) {
    remove(headers, &NOT_SENT, &NOT_SENT_PREFIXES);
}

/// Keeps what may be returned to a caller.
pub(crate) fn keep_for_caller(headers: &mut HeaderMap) {
    remove(headers, &NOT_RETURNED, &NOT_RETURNED_PREFIXES);
}

/// Whether a header concerns the connection or the length of the body, which are ours to say.
pub(crate) fn is_ours(name: &HeaderName) -> bool {
    const OURS: [HeaderName; 3] = [header::HOST, header::CONTENT_LENGTH, header::EXPECT];
    OURS.iter().chain(&HOP_BY_HOP).any(|one| one == name)
}

fn remove(headers: &mut HeaderMap, names: &[HeaderName], prefixes: &[&str]) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(names).chain(&named) {
        headers.remove(name);
    }
    let prefixed: Vec<HeaderName> = headers
        .keys()
        .filter(|name| prefixes.iter().any(|prefix| name.as_str().starts_with(prefix)))
        .cloned()
        .collect();
    for name in prefixed {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(names: &[(&'static str, &'static str)]) -> HeaderMap {
        names.iter().map(|(n, v)| (HeaderName::from_static(n), v.parse().unwrap())).collect()
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        headers.keys().map(HeaderName::as_str).collect()
    }

    #[test]
    fn a_provider_sees_nothing_of_the_connection_the_browser_and_ourselves() {
        let mut sent = headers(&[
            ("authorization", "Bearer ours"),
            ("cookie", "a=b"),
            ("connection", "close, x-hop"),
            ("x-hop", "1"),
            ("x-paragon-credential", "1"),
            ("x-gangway-organization", "acme"),
            ("x-forwarded-for", "10.0.0.1"),
            ("sec-fetch-mode", "cors"),
            ("host", "gangway.example"),
            ("content-type", "application/json"),
            ("x-ms-client", "kept"),
        ]);
        keep_for_provider(&mut sent);
        assert_eq!(names(&sent), ["content-type", "x-ms-client"]);
    }

    #[test]
    fn a_caller_sees_no_cookies_and_nothing_that_speaks_for_our_origin() {
        let mut returned = headers(&[
            ("set-cookie", "a=b"),
            ("strict-transport-security", "max-age=1"),
            ("access-control-allow-origin", "*"),
            ("transfer-encoding", "chunked"),
            ("activityid", "kept"),
        ]);
        keep_for_caller(&mut returned);
        assert_eq!(names(&returned), ["activityid"]);
    }
}
