//! What every request passes before a handler sees it.

pub mod body;
pub mod client;
pub mod cors;
pub mod deadline;
pub mod limits;
pub mod log;
mod patience;
pub mod serve;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::failure::Failure;
use crate::metrics::Requests;

/// The whole way in and out: sizes, cross-origin rules, the log.
pub async fn apply(State(app): State<App>, request: Request, next: Next) -> Response {
    let (seen, class) = (log::Seen::of(&app, &request), Requests::class(request.uri()));
    let response = match limits::check(&app.config().server, &request) {
        Ok(()) => cors::apply(&app, request, next).await,
        Err(error) => Failure(error).into_response(),
    };
    app.metrics().requests.count(class, response.status());
    if let Some(seen) = seen {
        seen.tell(&app, &response);
    }
    response
}
