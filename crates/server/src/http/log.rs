//! One line in the log for each request, without anything secret.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, MatchedPath, Request};
use axum::response::Response;
use base::Timestamp;
use http::Method;

use super::client;
use crate::app::App;

/// A request as the log will name it. The route's pattern stands for the path, and the query is
/// left out: tokens of the vendor's SDK travel there.
pub struct Seen {
    at: Timestamp,
    method: Method,
    route: Option<MatchedPath>,
    client: Option<IpAddr>,
}

impl Seen {
    /// Takes down what the log needs, if anybody listens.
    pub fn of(app: &App, request: &Request) -> Option<Self> {
        if !tracing::enabled!(tracing::Level::DEBUG) {
            return None;
        }
        let trusted = &app.config().server.trusted_proxies;
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        Some(Self {
            at: app.clock().now(),
            method: request.method().clone(),
            route: request.extensions().get().cloned(),
            client: peer
                .map(|ConnectInfo(peer)| client::address(*peer, request.headers(), trusted)),
        })
    }

    /// Writes the line.
    pub fn tell(self, app: &App, response: &Response) {
        tracing::debug!(
            client = self.client.map(tracing::field::display),
            method = %self.method,
            route = self.route.as_ref().map_or("(none)", MatchedPath::as_str),
            status = response.status().as_u16(),
            duration_ms = app.clock().now().since(self.at).as_millis(),
            "request"
        );
    }
}
