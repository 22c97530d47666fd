//! One line in the log for each request, without anything secret.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::client;
use crate::app::App;

/// Logs method, route, status and duration. The route's pattern stands for the path, and the query
/// is left out: tokens of the vendor's SDK travel there.
pub async fn apply(State(app): State<App>, request: Request, next: Next) -> Response {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return next.run(request).await;
    }
    let started = app.clock().now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let client = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| {
        client::address(*peer, request.headers(), &app.config().server.trusted_proxies)
    });
    let response = next.run(request).await;
    tracing::debug!(
        client = client.map(tracing::field::display),
        %method,
        route = route.as_ref().map_or("(none)", MatchedPath::as_str),
        status = response.status().as_u16(),
        duration_ms = app.clock().now().since(started).as_millis(),
        "request"
    );
    response
}
