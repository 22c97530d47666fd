//! `[server]`: mode, addresses, request limits.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use url::{Host, Url};

use super::network::Network;
use super::problem::Problems;
use super::values;

/// What this start is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Real accounts: nothing is made up.
    Production,
    /// Keys are made, and the sandbox and the example host page run.
    Development,
}

impl Mode {
    /// The name in the settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Development => "development",
        }
    }
}

/// The server itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// What this start is for.
    pub mode: Mode,
    /// The address under which browsers reach Gangway, if set; [`super::Config::public_url`] is
    /// never empty.
    #[serde(deserialize_with = "public_url")]
    pub public_url: Option<String>,
    /// Addresses to listen on.
    #[serde(deserialize_with = "values::socket_addresses")]
    pub listen: Vec<SocketAddr>,
    /// Where Gangway keeps its files.
    pub data_directory: PathBuf,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    #[serde(deserialize_with = "values::list")]
    pub trusted_proxies: Vec<Network>,
    /// The longest URL.
    #[serde(deserialize_with = "values::at_least_one")]
    pub url_bytes_max: usize,
    /// The largest sum of header bytes.
    #[serde(deserialize_with = "values::at_least_one")]
    pub header_bytes_max: usize,
    /// The largest body of an API call.
    #[serde(deserialize_with = "values::at_least_one")]
    pub body_bytes_max: usize,
    /// How long a client may take to send the headers of its next request.
    #[serde(rename = "header_timeout_seconds", deserialize_with = "values::seconds")]
    pub header_timeout: Duration,
    /// How long a client may leave an answer unread.
    #[serde(rename = "unread_timeout_seconds", deserialize_with = "values::seconds")]
    pub unread_timeout: Duration,
    /// How many clients may be connected at once, at each address.
    #[serde(deserialize_with = "values::at_least_one")]
    pub connections_max: usize,
    /// How long an API call may take.
    #[serde(rename = "request_timeout_seconds", deserialize_with = "values::seconds")]
    pub request_timeout: Duration,
    /// How long requests under way may go on when Gangway stops.
    #[serde(rename = "shutdown_timeout_seconds", deserialize_with = "values::seconds")]
    pub shutdown_timeout: Duration,
}

impl Server {
    pub(super) fn check(&self, problems: &mut Problems) {
        if self.listen.is_empty() {
            problems.add("server.listen", "Name at least one address, such as 127.0.0.1:8080.");
        }
        if self.data_directory.as_os_str().is_empty() {
            problems.add("server.data_directory", "Name a directory, such as \"data\".");
        }
        if self.mode == Mode::Production {
            self.check_public_url(problems);
        }
    }

    fn check_public_url(&self, problems: &mut Problems) {
        let Some(url) = &self.public_url else {
            problems.add(
                "server.public_url",
                "Production needs the address under which browsers reach Gangway, such as \
                 https://gangway.example.com. Set it here or as GANGWAY_SERVER__PUBLIC_URL.",
            );
            return;
        };
        if !url.starts_with("https://") && !is_local(url) {
            problems.add(
                "server.public_url",
                "It must begin with https:// unless the host is localhost: tokens travel over it. \
                 Put a reverse proxy with a certificate before Gangway and name its address.",
            );
        }
    }
}

fn is_local(url: &str) -> bool {
    match Url::parse(url).as_ref().map(Url::host) {
        Ok(Some(Host::Domain(name))) => name == "localhost",
        Ok(Some(Host::Ipv4(ip))) => ip.is_loopback(),
        Ok(Some(Host::Ipv6(ip))) => ip.is_loopback(),
        _ => false,
    }
}

fn public_url<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let text = values::optional_text(d)?;
    text.map(|text| origin(&text).map_err(serde::de::Error::custom)).transpose()
}

/// Scheme, host and port, without a slash at the end.
fn origin(text: &str) -> Result<String, &'static str> {
    let wrong = "It must be scheme, host and port and nothing else: https://gangway.example.com.";
    let url = Url::parse(text).map_err(|_| wrong)?;
    let is_bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !is_bare || !matches!(url.scheme(), "http" | "https") {
        return Err(wrong);
    }
    if url.as_str().contains("proxy") {
        return Err("It must not contain the letters \"proxy\": the browser SDK takes every \
                    address with them for a proxied call. Choose another host name.");
    }
    Ok(url.origin().ascii_serialization())
}
