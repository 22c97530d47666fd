//! `/_sandbox`: looking at the sandbox and setting it from outside its process.
//!
//! It is served on this machine's own names alone. What changes something wants JSON or a method
//! that a foreign page in a browser cannot send without being asked first, and is never told yes.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::World;
use crate::entra::EntraSettings;
use crate::faults::{Fault, MAX_FAULTS};
use crate::requests::SeenRequest;

/// Where these addresses begin.
pub(crate) const PREFIX: &str = "/_sandbox/";

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/_sandbox/requests", get(list_requests).delete(take_requests))
        .route("/_sandbox/faults", get(list_faults).post(order_fault).delete(clear_faults))
        .route("/_sandbox/entra", get(entra_settings).put(set_entra))
        .route("/_sandbox/clock", get(clock))
}

async fn list_requests(State(world): State<Arc<World>>) -> Json<Vec<SeenRequest>> {
    Json(world.requests.list())
}

async fn take_requests(State(world): State<Arc<World>>) -> Json<Vec<SeenRequest>> {
    Json(world.requests.take())
}

async fn list_faults(State(world): State<Arc<World>>) -> Json<Vec<Fault>> {
    Json(world.faults.list())
}

async fn order_fault(State(world): State<Arc<World>>, Json(fault): Json<Fault>) -> Response {
    if world.faults.order(fault) {
        return StatusCode::CREATED.into_response();
    }
    let text = format!("{MAX_FAULTS} faults wait already. DELETE this address to forget them.");
    (StatusCode::CONFLICT, text).into_response()
}

async fn clear_faults(State(world): State<Arc<World>>) -> StatusCode {
    world.faults.clear();
    StatusCode::NO_CONTENT
}

async fn entra_settings(State(world): State<Arc<World>>) -> Json<EntraSettings> {
    Json(world.entra_settings())
}

async fn set_entra(
    State(world): State<Arc<World>>,
    Json(settings): Json<EntraSettings>,
) -> Json<EntraSettings> {
    world.set_entra(|current| *current = settings);
    Json(world.entra_settings())
}

async fn clock(State(world): State<Arc<World>>) -> Json<Value> {
    let now = world.clock.now();
    Json(json!({ "now": now.to_rfc3339(), "microseconds": now }))
}
