//! Accepts connections and serves them until told to stop.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use futures_util::future::join_all;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::ServiceExt as _;

use crate::config::Server;

/// How large hyper's read buffer may grow: above our own header limit, so that our sentence and not
/// a bare status answers a request that exceeds it.
const READ_BUFFER_BYTES_MAX: usize = 256 * 1024;
/// How many header lines hyper parses.
const HEADER_LINES_MAX: usize = 256;

/// How connections are served.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a client may take to send a request's headers.
    pub header_read: Duration,
    /// How long open requests may still run after the stop.
    pub drain: Duration,
}

impl Limits {
    /// Those of the settings.
    pub const fn of(server: &Server) -> Self {
        Self { header_read: server.header_timeout, drain: server.shutdown_timeout }
    }
}

/// Binds every address, or none.
pub async fn bind(addresses: &[SocketAddr]) -> io::Result<Vec<TcpListener>> {
    let mut listeners = Vec::with_capacity(addresses.len());
    for address in addresses {
        let listener = TcpListener::bind(address).await.map_err(|cause| {
            io::Error::new(cause.kind(), format!("cannot listen on {address}: {cause}"))
        })?;
        listeners.push(listener);
    }
    Ok(listeners)
}

/// Serves `router` on `listeners` until `stop` turns true, then lets open requests finish.
pub async fn serve(
    listeners: Vec<TcpListener>,
    router: Router,
    limits: Limits,
    stop: watch::Receiver<bool>,
) {
    let loops = listeners
        .into_iter()
        .map(|listener| accept_loop(listener, router.clone(), limits, stop.clone()));
    join_all(loops).await;
}

async fn accept_loop(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) {
    let open = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, peer)) => spawn_connection(stream, peer, router.clone(), limits, &open),
            // Out of file descriptors, or the client left before we looked: the next may do better.
            Err(cause) => {
                tracing::warn!(%cause, "cannot accept a connection");
                tokio::task::yield_now().await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(limits.drain, open.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish before the stop");
    }
}

fn spawn_connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    open: &GracefulShutdown,
) {
    // Without this small answers wait for the peer's delayed acknowledgement, some 40 ms.
    if let Err(cause) = stream.set_nodelay(true) {
        tracing::debug!(%cause, "cannot set TCP_NODELAY");
    }
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(Body::new)
    });
    let mut server = auto::Builder::new(TokioExecutor::new());
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read)
        .max_headers(HEADER_LINES_MAX)
        .max_buf_size(READ_BUFFER_BYTES_MAX);
    server.http2().timer(TokioTimer::new()).max_header_list_size(READ_BUFFER_BYTES_MAX as u32);
    let connection = server
        .serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service))
        .into_owned();
    let connection = open.watch(connection);
    tokio::spawn(async move {
        if let Err(cause) = connection.await {
            tracing::debug!(%cause, "connection ended early");
        }
    });
}
