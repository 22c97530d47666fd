//! A service that notifications are sent to, which answers as a test says.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::Clock;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// How long a test waits for something that must happen.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A running service; it answers 200 unless other statuses are ordered.
pub struct Receiver {
    address: SocketAddr,
    statuses: Arc<Mutex<VecDeque<u16>>>,
    seen: mpsc::UnboundedReceiver<Seen>,
}

/// A notification that arrived.
#[derive(Debug)]
pub struct Seen {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let statuses = Arc::new(Mutex::new(VecDeque::new()));
        let (sender, seen) = mpsc::unbounded_channel();
        let orders = Arc::clone(&statuses);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (orders, sender) = (Arc::clone(&orders), sender.clone());
                let service = service_fn(move |request: Request<Incoming>| {
                    let (orders, sender) = (Arc::clone(&orders), sender.clone());
                    async move {
                        let (parts, body) = request.into_parts();
                        let body = body.collect().await?.to_bytes();
                        let body = serde_json::from_slice(&body).unwrap_or_default();
                        let path = parts.uri.path().to_owned();
                        let _ = sender.send(Seen { path, headers: parts.headers, body });
                        let status = orders.lock().expect("the orders").pop_front();
                        let mut response = Response::new(Full::new(Bytes::from_static(b"noted")));
                        *response.status_mut() =
                            http::StatusCode::from_u16(status.unwrap_or(200)).expect("a status");
                        Ok::<_, hyper::Error>(response)
                    }
                });
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        Self { address, statuses, seen }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// What the next answers are.
    pub fn answers(&self, statuses: &[u16]) {
        self.statuses.lock().expect("the orders").extend(statuses);
    }

    /// The next notification.
    pub async fn next(&mut self) -> Seen {
        let next = Clock::system().timeout(PATIENCE, self.seen.recv()).await;
        next.flatten().expect("a notification arrives")
    }

    /// Whether all that arrived was looked at.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }
}
