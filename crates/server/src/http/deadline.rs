//! How long an API call may take. Streams (proxied calls) have deadlines of their own.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::{Error, ErrorKind};

use crate::app::App;
use crate::failure::Failure;

/// Answers with our own sentence when the handler takes longer than the setting allows.
pub async fn apply(State(app): State<App>, request: Request, next: Next) -> Response {
    let limit = app.config().server.request_timeout;
    let answered = app.clock().timeout(limit, next.run(request)).await;
    answered.unwrap_or_else(|| {
        let message = "Gangway took too long to answer this; try again in a moment.";
        Failure(Error::new(ErrorKind::Unavailable, "request_timeout", message)).into_response()
    })
}
