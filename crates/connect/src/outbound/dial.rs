//! Opens connections: to where the operator says, through the operator's proxy, or to a checked
//! address that DNS gives.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use base::{Clock, Error, ErrorKind, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tower::Service;
use url::Url;

use super::address::Allowed;

/// The longest answer an egress proxy may give to CONNECT.
const CONNECT_ANSWER_BYTES_MAX: usize = 8 * 1024;

/// Opens connections for one pool.
#[derive(Clone)]
pub(crate) struct Dialer(Arc<Route>);

struct Route {
    way: Way,
    clock: Clock,
    timeout: Duration,
}

/// How hosts are reached.
pub(crate) enum Way {
    /// Every host is at this address: a local stand-in for the provider.
    Fixed(SocketAddr),
    /// Through a proxy, which resolves names itself.
    Proxy(Url),
    /// By DNS.
    Direct(Allowed),
}

impl Dialer {
    pub fn new(way: Way, clock: Clock, timeout: Duration) -> Self {
        Self(Arc::new(Route { way, clock, timeout }))
    }
}

impl Service<Uri> for Dialer {
    type Response = TokioIo<TcpStream>;
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
            let stream =
                opened.ok_or_else(|| unreachable(&host, "it did not answer in time"))??;
            // Small requests must not wait for an acknowledgement of the one before.
            stream.set_nodelay(true).map_err(|cause| unreachable(&host, cause))?;
            Ok(TokioIo::new(stream))
        })
    }
}

impl Route {
    async fn open(&self, host: &str, port: u16) -> Result<TcpStream> {
        match &self.way {
            Way::Fixed(address) => {
                TcpStream::connect(address).await.map_err(|cause| unreachable(host, cause))
            }
            Way::Proxy(proxy) => through_proxy(proxy, host, port).await,
            Way::Direct(allowed) => directly(allowed, host, port).await,
        }
    }
}

async fn directly(allowed: &Allowed, host: &str, port: u16) -> Result<TcpStream> {
    let found: Vec<SocketAddr> = match host.parse::<IpAddr>() {
        Ok(ip) => vec![SocketAddr::new(ip, port)],
        Err(_) => tokio::net::lookup_host((host, port))
            .await
            .map_err(|cause| unreachable(host, cause))?
            .collect(),
    };
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
        None => Error::new(
            ErrorKind::Invalid,
            "address_refused",
            format!(
                "Gangway does not call {host}: its address is not public. An operator can allow \
                 it with outbound.allow."
            ),
        ),
    })
}

async fn through_proxy(proxy: &Url, host: &str, port: u16) -> Result<TcpStream> {
    if let Ok(ip) = host.parse::<IpAddr>()
        && !Allowed::default().permits(host, ip)
    {
        return Err(Error::invalid(
            "address_refused",
            format!("Gangway does not call {host}: its address is not public."),
        ));
    }
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

fn unreachable(host: &str, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    let message = format!("Gangway cannot reach {host}. Try again in a moment.");
    Error::new(ErrorKind::Unavailable, "provider_unreachable", message).with_source(cause)
}

fn egress_failed(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    let message = "Gangway cannot call out through the proxy set in outbound.egress_proxy; its \
                   operator must look.";
    Error::new(ErrorKind::Unavailable, "egress_proxy", message).with_source(cause)
}
