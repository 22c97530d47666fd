//! The pools of connections: one for the world, and one for each endpoint profile that lives at an
//! address of its own, so that a connection to a stand-in is never taken for one to the provider.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{Clock, Error, Result};
use http::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;

use super::address::Allowed;
use super::body::Body;
use super::deadline;
use super::dial::{Dialer, Way};
use super::lane;
use crate::config::{ConnectConfig, OutboundConfig};
use crate::provider::Provider;

pub(crate) type Pool = Client<HttpsConnector<Dialer>, Body>;

/// Every connection to the outside.
pub(crate) struct Network {
    world: Pools,
    local: BTreeMap<String, Pools>,
    clock: Clock,
    pub limits: Arc<OutboundConfig>,
}

impl Network {
    pub fn new(config: &ConnectConfig, clock: &Clock) -> Result<Self> {
        let limits = &config.outbound;
        let way = match &limits.egress_proxy {
            Some(proxy) => Way::Proxy(parse_proxy(proxy)?, Allowed::parse(&limits.allow)?),
            None => Way::Direct(Allowed::parse(&limits.allow)?),
        };
        let trust = super::tls::public(limits.extra_ca_pem.as_deref())?;
        let world = Pools::new(way, &trust, limits, clock);
        let mut local = BTreeMap::new();
        for (profile, address) in &config.profile_addresses {
            let trust = super::tls::private(&address.ca_pem)?;
            let pools = Pools::new(Way::Fixed(address.socket), &trust, limits, clock);
            local.insert(profile.clone(), pools);
        }
        Ok(Self { world, local, clock: clock.clone(), limits: Arc::new(limits.clone()) })
    }

    /// The pool that reaches this profile's hosts.
    pub fn pool(&self, provider: &Provider, profile: &str) -> Result<&Pool> {
        if let Some(pools) = self.local.get(profile) {
            return Ok(pools.mine());
        }
        if provider.profile(profile)?.local {
            let message = format!(
                "The endpoint profile \"{profile}\" exists in development only; this \
                 installation has no address for it."
            );
            return Err(Error::invalid("profile_without_address", message));
        }
        Ok(self.world.mine())
    }

    /// The pool that reaches public addresses and those the operator allows.
    pub fn world(&self) -> &Pool {
        self.world.mine()
    }

    /// Sends under the deadlines. The answer's body streams.
    pub async fn send(&self, pool: &Pool, request: Request<Body>) -> Result<Response<Body>> {
        deadline::send(pool, request, &self.limits, &self.clock).await
    }
}

/// A pool for each lane, so that a connection is driven by the thread whose calls it carries.
struct Pools(Vec<Pool>);

impl Pools {
    fn new(way: Way, trust: &ClientConfig, limits: &OutboundConfig, clock: &Clock) -> Self {
        let (timeout, lanes) = (limits.connect_timeout, lane::count());
        let dialer = Dialer::new(way, clock.clone(), timeout, limits.connections_max);
        let idle_max = limits.idle_connections_max.div_ceil(lanes);
        let pool = |_| {
            let connector = HttpsConnectorBuilder::new()
                .with_tls_config(trust.clone())
                .https_or_http()
                .enable_http1()
                .wrap_connector(dialer.clone());
            Client::builder(TokioExecutor::new())
                .pool_max_idle_per_host(idle_max)
                .pool_idle_timeout(limits.idle_connection_lifetime)
                .pool_timer(TokioTimer::new())
                .build(connector)
        };
        Self((0..lanes).map(pool).collect())
    }

    /// The pool of the thread that asks.
    fn mine(&self) -> &Pool {
        &self.0[lane::current() % self.0.len()]
    }
}

fn parse_proxy(text: &str) -> Result<url::Url> {
    url::Url::parse(text).ok().filter(|url| url.scheme() == "http" && url.has_host()).ok_or_else(
        || {
            let message = "outbound.egress_proxy must read http://host:port.";
            Error::invalid("egress_proxy", message)
        },
    )
}
