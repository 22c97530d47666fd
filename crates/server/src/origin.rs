//! Origins of the host's pages: which are listed, and whether a page's is among them.

use base::{Error, Result};
use url::{Origin, Url};

/// Stands for any port, on this machine's own names alone: a developer's page moves around.
const ANY_PORT: &str = ":*";
const LOOPBACK: [&str; 3] = ["http://localhost", "http://127.0.0.1", "http://[::1]"];

/// Pages of this machine, on any port.
pub fn loopback() -> Vec<String> {
    LOOPBACK.map(|host| format!("{host}{ANY_PORT}")).to_vec()
}

/// An entry of a project's list, as a browser writes the origin.
pub fn parse(text: &str) -> Result<String> {
    if text.strip_suffix(ANY_PORT).is_some_and(|host| LOOPBACK.contains(&host)) {
        return Ok(text.to_owned());
    }
    let bare = text.trim_end_matches('/');
    match Url::parse(text).map(|url| url.origin()) {
        Ok(origin @ Origin::Tuple(..))
            if bare == origin.ascii_serialization() && is_plain(bare) =>
        {
            Ok(bare.to_owned())
        }
        _ => Err(Error::invalid(
            "invalid_origin",
            format!(
                "\"{text}\" is not an origin: write scheme, host and port only, such as \
                 https://app.example.com, or http://localhost:* for any port of your machine."
            ),
        )),
    }
}

/// Whether it is written with nothing that means something in a policy for browsers: a host may
/// contain `;`, `,` and `*`.
pub fn is_plain(origin: &str) -> bool {
    origin.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:/[]".contains(&byte))
}

/// Whether an entry of the list covers a page's origin.
pub fn covers(entry: &str, origin: &str) -> bool {
    match entry.strip_suffix(ANY_PORT) {
        None => entry == origin,
        Some(host) => origin.strip_prefix(host).is_some_and(|rest| {
            rest.is_empty()
                || rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port_and_nothing_else() {
        assert_eq!(parse("http://localhost:3000/").unwrap(), "http://localhost:3000");
        assert_eq!(parse("http://localhost:*").unwrap(), "http://localhost:*");
        for wrong in [
            "localhost:3000",
            "https://a.example/app",
            "https://a.example:*",
            "http://localhost:*/",
            "*",
            "null",
            "https://u@a.example",
            "https://*",
            "https://!;x",
            "https://a;script-src-elem",
            "https://a,b.example",
        ] {
            assert_eq!(parse(wrong).unwrap_err().code(), "invalid_origin", "{wrong}");
        }
    }

    #[test]
    fn any_port_means_any_port_of_that_host_alone() {
        assert!(covers("http://localhost:*", "http://localhost:3000"));
        assert!(covers("http://localhost:*", "http://localhost"));
        for foreign in ["http://localhost.evil.example", "http://localhost:3000.evil.example"] {
            assert!(!covers("http://localhost:*", foreign), "{foreign}");
        }
        assert!(!covers("https://a.example", "https://a.example:444"));
    }
}
