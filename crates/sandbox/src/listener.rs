//! Accepting connections, in the clear and over TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base::Clock;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::front::Front;

/// How many connections one listener serves at once; more wait in the system's queue.
const MAX_CONNECTIONS: usize = 2_048;
/// How long a caller may take to agree on TLS.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// How long after a failed accept to try again: it fails when the process is out of files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// One bound address and how it speaks.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    /// `None` speaks in the clear.
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) front: Arc<Front>,
    pub(crate) clock: Clock,
}

impl Listener {
    pub(crate) fn address(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Serves until told to stop, then lets open requests finish. Whoever drops this future ends
    /// those too.
    pub(crate) async fn serve(self, mut stop: watch::Receiver<bool>) {
        let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let mut connections = JoinSet::new();
        loop {
            let permit = Arc::clone(&room).acquire_owned().await;
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            while connections.try_join_next().is_some() {}
            let Ok((stream, _)) = accepted else {
                self.clock.sleep_until(self.clock.now() + ACCEPT_PAUSE).await;
                continue;
            };
            let (tls, front, stop) = (self.tls.clone(), Arc::clone(&self.front), stop.clone());
            connections.spawn(async move {
                serve_stream(stream, tls, front, stop).await;
                drop(permit);
            });
        }
        drop(self.socket);
        while connections.join_next().await.is_some() {}
    }
}

async fn serve_stream(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    front: Arc<Front>,
    mut stop: watch::Receiver<bool>,
) {
    // Without it small answers wait for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else { return serve_connection(stream, "http", front, stop).await };
    // A failed handshake is the caller's affair: it knows why, and there is nobody else to tell.
    // The machine's time, not the sandbox's: a test clock would keep a silent caller for ever.
    let machine = Clock::system();
    let shaken = tokio::select! {
        shaken = machine.timeout(HANDSHAKE_LIMIT, tls.accept(stream)) => shaken,
        _ = stop.wait_for(|stop| *stop) => None,
    };
    if let Some(Ok(stream)) = shaken {
        serve_connection(stream, "https", front, stop).await;
    }
}

async fn serve_connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    scheme: &'static str,
    front: Arc<Front>,
    mut stop: watch::Receiver<bool>,
) {
    let service = service_fn(move |request| {
        let front = Arc::clone(&front);
        async move { front.answer(scheme, request).await }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new());
    builder.http2().timer(TokioTimer::new());
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // A connection that breaks off is no event of the sandbox: the request log has what came.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stop.wait_for(|stop| *stop) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
