//! Accepts connections and serves them until told to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use base::Clock;
use futures_util::future::join_all;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::ServiceExt as _;

use super::patience::Patient;
use crate::config::Server;

/// How large hyper's read buffer may grow: above our own header limit, so that our sentence and not
/// a bare status answers a request that exceeds it.
const READ_BUFFER_BYTES_MAX: usize = 256 * 1024;
/// How many connections may wait to be accepted.
const BACKLOG: u32 = 4_096;
/// How many header lines hyper parses.
const HEADER_LINES_MAX: usize = 256;

/// How many requests one HTTP/2 connection may have under way.
const STREAMS_MAX: u32 = 256;
/// How often a silent HTTP/2 client is asked whether it is still there, and how long it may take to
/// answer.
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// How long nothing is accepted after that has failed, as it does while file descriptors are short.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How connections are served.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a client may take to send a request's headers.
    pub header_read: Duration,
    /// How long a client may leave an answer unread.
    pub unread: Duration,
    /// How many clients may be connected at once; more wait to be accepted.
    pub connections_max: usize,
    /// How long open requests may still run after the stop.
    pub drain: Duration,
}

impl Limits {
    /// Those of the settings.
    pub const fn of(server: &Server) -> Self {
        Self {
            header_read: server.header_timeout,
            unread: server.unread_timeout,
            connections_max: server.connections_max,
            drain: server.shutdown_timeout,
        }
    }
}

/// Bound addresses: for each core a socket of its own, between which the kernel spreads connections.
pub struct Listeners {
    addresses: Vec<SocketAddr>,
    cores: Vec<Vec<std::net::TcpListener>>,
}

impl Listeners {
    /// Binds every address, or none.
    pub async fn bind(addresses: &[SocketAddr]) -> io::Result<Self> {
        let cores = std::thread::available_parallelism()?.get();
        let mut bound = Self { addresses: Vec::new(), cores: Vec::new() };
        bound.cores.resize_with(cores, Vec::new);
        for address in addresses {
            // Sockets that share a port would let a second server in unnoticed; this one would not.
            let alone = TcpListener::bind(address).await.map_err(|cause| {
                io::Error::new(cause.kind(), format!("cannot listen on {address}: {cause}"))
            })?;
            let address = alone.local_addr()?;
            drop(alone);
            bound.addresses.push(address);
            for sockets in &mut bound.cores {
                sockets.push(shared_socket(address)?);
            }
        }
        Ok(bound)
    }

    /// The addresses, with the ports that were found where 0 was asked for.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}

fn shared_socket(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Serves `router` until `stop` turns true, then lets open requests finish.
///
/// Each core has a thread with a runtime and outgoing connections of its own: a call stays on the
/// core that accepted it.
pub async fn serve(
    listeners: Listeners,
    router: Router,
    limits: Limits,
    stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let permits = Arc::new(Semaphore::new(limits.connections_max));
    let mut threads = Vec::new();
    for (core, sockets) in listeners.cores.into_iter().enumerate() {
        let (router, permits, stop) = (router.clone(), Arc::clone(&permits), stop.clone());
        let run = move || {
            connect::outbound::lane::enter(core);
            serve_core(sockets, &router, limits, &permits, &stop)
        };
        threads.push(std::thread::Builder::new().name(format!("serve-{core}")).spawn(run)?);
    }
    for thread in threads {
        let ended = tokio::task::spawn_blocking(move || thread.join()).await?;
        ended.map_err(|_| io::Error::other("a serving thread has panicked"))??;
    }
    Ok(())
}

fn serve_core(
    sockets: Vec<std::net::TcpListener>,
    router: &Router,
    limits: Limits,
    permits: &Arc<Semaphore>,
    stop: &watch::Receiver<bool>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listeners = sockets.into_iter().map(TcpListener::from_std);
        let listeners = listeners.collect::<io::Result<Vec<_>>>()?;
        let loops = listeners
            .into_iter()
            .map(|listener| accept_loop(listener, router, limits, permits, stop.clone()));
        join_all(loops).await;
        Ok(())
    })
}

async fn accept_loop(
    listener: TcpListener,
    router: &Router,
    limits: Limits,
    permits: &Arc<Semaphore>,
    mut stop: watch::Receiver<bool>,
) {
    let open = GracefulShutdown::new();
    let accept = async || {
        let permit = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
        listener.accept().await.map(|(stream, peer)| (stream, peer, permit))
    };
    loop {
        let accepted = tokio::select! {
            accepted = accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, peer, permit)) => {
                spawn_connection(stream, peer, permit, router.clone(), limits, &open);
            }
            // Out of file descriptors, or the client left before we looked: the next may do better.
            Err(cause) => {
                tracing::warn!(%cause, "cannot accept a connection");
                let clock = Clock::system();
                clock.sleep_until(clock.now() + ACCEPT_PAUSE).await;
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
    permit: OwnedSemaphorePermit,
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
    server
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(READ_BUFFER_BYTES_MAX as u32)
        .max_concurrent_streams(STREAMS_MAX)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_INTERVAL);
    let connection = server
        .serve_connection_with_upgrades(
            TokioIo::new(Patient::new(stream, limits.unread)),
            TowerToHyperService::new(service),
        )
        .into_owned();
    let connection = open.watch(connection);
    tokio::spawn(async move {
        if let Err(cause) = connection.await {
            tracing::debug!(%cause, "connection ended early");
        }
        drop(permit);
    });
}
