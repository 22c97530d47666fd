//! Opens connections: to where the operator says, through the operator's proxy, or to a checked
//! address that DNS gives.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use base::{Clock, Error, ErrorKind, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tower::Service;
use url::Url;

use super::address::Allowed;
use super::opened::Opened;

/// The longest answer an egress proxy may give to CONNECT.
const CONNECT_ANSWER_BYTES_MAX: usize = 8 * 1024;

/// Opens connections for one pool.
#[derive(Clone)]
pub(crate) struct Dialer(Arc<Route>);

struct Route {
    way: Way,
    clock: Clock,
    timeout: Duration,
    /// One permit for each connection that may be open at once.
    permits: Arc<Semaphore>,
}

/// How hosts are reached.
pub(crate) enum Way {
    /// Every host is at this address: a local stand-in for the provider.
    Fixed(SocketAddr),
    /// Through a proxy, which resolves names itself. Hosts that are addresses are checked here.
    Proxy(Url, Allowed),
    /// By DNS.
    Direct(Allowed),
}

impl Dialer {
    pub fn new(way: Way, clock: Clock, timeout: Duration, connections_max: usize) -> Self {
        let permits = Arc::new(Semaphore::new(connections_max));
        Self(Arc::new(Route { way, clock, timeout, permits }))
    }
}

impl Service<Uri> for Dialer {
    type Response = Opened;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let route = Arc::clone(&self.0);
        Box::pin(async move {
            let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
            let port =
                uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
            let opened = route.clock.timeout(route.timeout, route.open(&host, port)).await;
            opened.ok_or_else(|| unreachable(&host, "it did not answer in time"))?
        })
    }
}

impl Route {
    async fn open(&self, host: &str, port: u16) -> Result<Opened> {
        let permits = Arc::clone(&self.permits);
        let permit = permits.acquire_owned().await.map_err(Error::internal)?;
        let stream = match &self.way {
            Way::Fixed(address) => {
                TcpStream::connect(address).await.map_err(|cause| unreachable(host, cause))?
            }
            Way::Proxy(proxy, allowed) => through_proxy(proxy, allowed, host, port).await?,
            Way::Direct(allowed) => directly(allowed, host, port).await?,
        };
        // Small requests must not wait for an acknowledgement of the one before.
        stream.set_nodelay(true).map_err(|cause| unreachable(host, cause))?;
        Ok(Opened::new(stream, permit))
    }
}

/// Asks DNS once and tries the addresses it gave, each checked: what was checked is what is called.
async fn directly(allowed: &Allowed, host: &str, port: u16) -> Result<TcpStream> {
    let found = look_up(host, port).await?;
    let mut failure = None;
    for address in &found {
        if !allowed.permits(host, address.ip()) {
            continue;
        }
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(cause) => failure = Some(cause),
        }
    }
    Err(match failure {
        Some(cause) => unreachable(host, cause),
        None if found.is_empty() => unreachable(host, "its name has no address"),
        None => refused(host),
    })
}

async fn look_up(host: &str, port: u16) -> Result<Vec<SocketAddr>> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let found = tokio::net::lookup_host((host, port)).await;
    Ok(found.map_err(|cause| unreachable(host, cause))?.collect())
}

/// The proxy resolves names where we cannot look; what is plainly this machine is refused here.
fn require_elsewhere(allowed: &Allowed, host: &str) -> Result<()> {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    let ip = match host.parse::<IpAddr>() {
        Ok(ip) => ip,
        Err(_) if name == "localhost" || name.ends_with(".localhost") => {
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        }
        Err(_) => return Ok(()),
    };
    if allowed.permits(host, ip) { Ok(()) } else { Err(refused(host)) }
}

async fn through_proxy(proxy: &Url, allowed: &Allowed, host: &str, port: u16) -> Result<TcpStream> {
    require_elsewhere(allowed, host)?;
    let proxy_host = proxy.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let proxy_port = proxy.port_or_known_default().unwrap_or(80);
    let failed = |cause: std::io::Error| egress_failed(cause);
    let mut stream = TcpStream::connect((proxy_host, proxy_port)).await.map_err(failed)?;
    let target =
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if !proxy.username().is_empty() {
        let login = format!("{}:{}", proxy.username(), proxy.password().unwrap_or_default());
        let login = percent_encoding::percent_decode_str(&login).collect::<Vec<u8>>();
        request.push_str(&format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(login)));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await.map_err(failed)?;
    let mut answer = Vec::with_capacity(256);
    // Byte by byte: what follows the head belongs to the tunnel.
    while !answer.ends_with(b"\r\n\r\n") && answer.len() < CONNECT_ANSWER_BYTES_MAX {
        answer.push(stream.read_u8().await.map_err(failed)?);
    }
    let accepted = answer.get(9..12) == Some(b"200");
    if accepted { Ok(stream) } else { Err(egress_failed("the proxy refused the connection")) }
}

fn refused(host: &str) -> Error {
    let message = format!(
        "Gangway does not call {host}: its address is not public. An operator can allow it with \
         outbound.allow, unless it is link-local or of a cloud's metadata service."
    );
    Error::new(ErrorKind::Invalid, "address_refused", message)
}

fn unreachable(host: &str, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    let message = format!("Gangway cannot reach {host}. Try again in a moment.");
    Error::new(ErrorKind::Unavailable, "provider_unreachable", message).with_source(cause)
}

fn egress_failed(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    let message = "Gangway cannot call out through the proxy set in outbound.egress_proxy; its \
                   operator must look.";
    Error::new(ErrorKind::Unavailable, "egress_proxy", message).with_source(cause)
}

#[cfg(test)]
mod tests;
