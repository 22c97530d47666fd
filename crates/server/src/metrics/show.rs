//! `GET /metrics`.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_TYPE;

use super::guard::Monitoring;
use crate::app::App;
use crate::failure::Answer;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Shows everything that is counted.
pub async fn show(_: Monitoring, State(app): State<App>) -> Answer<Response> {
    let metrics = app.metrics();
    // What the database cannot tell just now keeps its last value: the rest matters most then.
    if let Err(error) = metrics.readings.read(&app).await {
        tracing::warn!(cause = ?error, "some metrics are not fresh");
    }
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], metrics.text()).into_response())
}
