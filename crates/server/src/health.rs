//! Is the process alive, is it ready to work.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app::App;
use crate::failure::Answer;

/// The process answers.
pub async fn alive() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// The process answers and its database does.
pub async fn ready(State(app): State<App>) -> Answer<Json<Value>> {
    app.store().ping().await?;
    Ok(Json(json!({ "status": "ok" })))
}
