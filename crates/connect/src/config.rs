//! What the operator decides about connecting and calling out.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use base::Secret;

use crate::files::FILE_BYTES_MAX;

/// Settings of [`crate::Connect`].
#[derive(Clone, Debug)]
pub struct ConnectConfig {
    /// Our own address as browsers see it, with no slash at the end; `/oauth` is added to it.
    pub public_url: String,
    /// The endpoint profile of accounts connected through a host developer's own app, unless the
    /// integration's settings name another: `public`.
    pub profile: String,
    /// By slug: the app that integrations without one of their own use.
    pub development_keys: HashMap<String, DevelopmentKeys>,
    /// By endpoint profile: where its hosts are, instead of where DNS says.
    pub profile_addresses: HashMap<String, ProfileAddress>,
    /// How long a person may take from pressing "connect" to being back.
    pub attempt_lifetime: Duration,
    /// How many users' accounts are kept in memory.
    pub accounts_cached_max: usize,
    /// How many successful calls a second get an entry of their own in the request log; the others
    /// are counted by the minute.
    pub successes_logged_per_second_max: u32,
    /// The largest file that a step hands on, in bytes.
    pub file_bytes_max: u64,
    /// Calls to the outside.
    pub outbound: OutboundConfig,
}

impl ConnectConfig {
    /// The defaults, for a server at `public_url`.
    pub fn new(public_url: impl Into<String>) -> Self {
        Self {
            public_url: public_url.into().trim_end_matches('/').to_owned(),
            profile: "public".to_owned(),
            development_keys: HashMap::new(),
            profile_addresses: HashMap::new(),
            attempt_lifetime: Duration::from_secs(600),
            accounts_cached_max: 100_000,
            successes_logged_per_second_max: 10,
            file_bytes_max: FILE_BYTES_MAX,
            outbound: OutboundConfig::default(),
        }
    }
}

/// An app registration that comes with the installation instead of from a host developer.
#[derive(Clone, Debug)]
pub struct DevelopmentKeys {
    /// The client id.
    pub client_id: String,
    /// The client secret.
    pub client_secret: Secret<String>,
    /// The endpoint profile it belongs to: `development` for the sandbox's.
    pub profile: String,
}

/// Where all hosts of an endpoint profile are found: how development reaches the sandbox. Host
/// header and TLS name stay the provider's.
#[derive(Clone, Debug)]
pub struct ProfileAddress {
    /// Where the browser signs in, instead of the profile's authorize origin.
    pub browser_origin: String,
    /// Where our own calls go, by TLS.
    pub socket: SocketAddr,
    /// The certificate authority that vouches for it; no other is trusted there.
    pub ca_pem: String,
}

/// What becomes of calls with a credential while its provider wants none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimit {
    /// They are refused at once, and told when to come again.
    Refuse,
    /// They wait in line for up to this long.
    Wait(Duration),
}

/// Settings of the one door to the outside.
#[derive(Clone, Debug)]
pub struct OutboundConfig {
    /// How long opening a connection may take.
    pub connect_timeout: Duration,
    /// How long the provider may take to begin its answer after the last byte it was sent.
    pub first_byte_timeout: Duration,
    /// How long a body may stand still, in either direction.
    pub idle_timeout: Duration,
    /// Bodies up to this size are kept, so that a call can be repeated after a renewed token.
    pub retry_body_bytes_max: usize,
    /// The largest answer that our own small calls (tokens, profiles) read.
    pub answer_bytes_max: usize,
    /// Connections open at once, to all hosts together; a call waits for one of them to close, for
    /// no longer than opening may take.
    pub connections_max: usize,
    /// Idle connections kept per host.
    pub idle_connections_max: usize,
    /// How long an idle connection is kept.
    pub idle_connection_lifetime: Duration,
    /// What becomes of calls while the provider wants none.
    pub rate_limit: RateLimit,
    /// Certificate authorities trusted besides the system's, as PEM.
    pub extra_ca_pem: Option<String>,
    /// `http://host:port` of a proxy that all calls must take.
    pub egress_proxy: Option<String>,
    /// Hosts and CIDRs that may be reached though they are not public. Never link-local addresses
    /// or those of a cloud's metadata service.
    pub allow: Vec<String>,
}

impl Default for OutboundConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_secs(100),
            idle_timeout: Duration::from_secs(60),
            retry_body_bytes_max: 64 * 1024,
            answer_bytes_max: 1024 * 1024,
            connections_max: 8_192,
            idle_connections_max: 256,
            idle_connection_lifetime: Duration::from_secs(60),
            rate_limit: RateLimit::Refuse,
            extra_ca_pem: None,
            egress_proxy: None,
            allow: Vec::new(),
        }
    }
}
