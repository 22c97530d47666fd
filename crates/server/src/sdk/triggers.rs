//! What starts workflows in the name of an end user.

use axum::Json as Reply;
use axum::extract::{Path, State};
use axum::response::Response;
use base::Result;
use http::{HeaderMap, StatusCode, Uri};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::auth::end_user::EndUser;
use crate::failure::Answer;
use crate::http::body::Json;
use crate::triggers::app_event::{self, AppEvent};
use crate::triggers::matching::Chosen;
use crate::triggers::request::{self, Brought};
use crate::triggers::request_check::params;

/// An App Event as the SDK sends it.
#[derive(Deserialize)]
pub struct EventBody {
    name: String,
    #[serde(default)]
    payload: Value,
}

/// `POST /projects/{project_id}/sdk/events/trigger`: 201 once everything it starts is on disk.
pub async fn send_event(
    user: EndUser,
    State(app): State<App>,
    headers: HeaderMap,
    Json(body): Json<EventBody>,
) -> Answer<(StatusCode, Reply<Value>)> {
    let view = &user.project;
    let chosen = Chosen::of_headers(&app, view, user.id(), &headers).await?;
    let known = app.matching().user(&app, view.id(), user.id()).await?;
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    let event = AppEvent { name: &body.name, payload: &body.payload, key };
    let begun = app_event::receive(&app, view, &known, &chosen, event).await?;
    Ok((StatusCode::CREATED, Reply(json!({ "executionIds": begun }))))
}

/// `POST /projects/{project_id}/sdk/triggers/{workflow_id}`: 202, or what the response step says. For
/// 401 and 403 it says 422: the SDK would sign the end user out.
pub async fn start_workflow(
    user: EndUser,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Answer<Response> {
    let started: Result<Response> = async {
        let view = &user.project;
        let workflow = request::find(view, id.parse()?)?;
        let chosen = Chosen::of_headers(&app, view, user.id(), &headers).await?;
        let known = app.matching().user(&app, view.id(), user.id()).await?;
        let brought = Brought { params: params(uri.query())?, headers, body };
        request::receive(&app, view, workflow, (&known, &chosen), brought).await
    }
    .await;
    let mut answer = started?;
    if [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status()) {
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(answer)
}
