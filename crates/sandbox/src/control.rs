//! `/_sandbox`: looking at the sandbox and setting it from outside its process.
//!
//! It is served on this machine's own names alone. What changes something wants JSON or a method
//! that a foreign page in a browser cannot send without being asked first, and is never told yes.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::World;
use crate::devops::bulk::BulkOrder;
use crate::devops::hooks::settings::HookSettings;
use crate::devops::hooks::state::Status;
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
        .route("/_sandbox/hooks", get(hook_settings).put(set_hooks))
        .route("/_sandbox/hooks/status", post(set_hook_status))
        .route("/_sandbox/work-items", post(add_work_items))
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

async fn add_work_items(State(world): State<Arc<World>>, Json(order): Json<BulkOrder>) -> Response {
    match world.add_work_items(&order) {
        Ok((first, last)) => {
            (StatusCode::CREATED, Json(json!({ "first": first, "last": last }))).into_response()
        }
        Err(text) => (StatusCode::BAD_REQUEST, text).into_response(),
    }
}

async fn hook_settings(State(world): State<Arc<World>>) -> Json<HookSettings> {
    Json(world.hook_settings())
}

async fn set_hooks(
    State(world): State<Arc<World>>,
    Json(settings): Json<HookSettings>,
) -> Json<HookSettings> {
    world.set_hooks(|current| *current = settings);
    Json(world.hook_settings())
}

/// Which subscription goes into which status.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusOrder {
    organization: String,
    subscription: Uuid,
    status: Status,
}

async fn set_hook_status(
    State(world): State<Arc<World>>,
    Json(order): Json<StatusOrder>,
) -> StatusCode {
    if world.set_hook_status(&order.organization, order.subscription, order.status) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}
