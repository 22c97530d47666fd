//! What starts workflows for a user, sent by the host's own programs.

use axum::Json as Reply;
use axum::extract::{Path, State};
use axum::response::Response;
use base::ExecutionId;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::Answer;
use crate::http::body::Json;
use crate::triggers::app_event::{self, AppEvent, user_of_host};
use crate::triggers::matching::Chosen;
use crate::triggers::request::{self, Brought};

/// Something that happened in the host application.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAppEvent {
    /// The event's name, as triggers name it.
    pub name: String,
    /// What it brings along: `trigger` in expressions.
    #[schema(value_type = Object)]
    #[serde(default)]
    pub payload: Value,
    /// The host's own id of the user.
    pub user_id: String,
    /// Only this account: its id or its external id.
    pub credential_id: Option<String>,
    /// Only these settings.
    pub configuration_id: Option<String>,
    /// The caller's own name for this very event: a second one with it starts nothing.
    pub idempotency_key: Option<String>,
}

/// What an event started.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    /// The executions.
    #[schema(value_type = Vec<String>)]
    pub execution_ids: Vec<ExecutionId>,
}

/// A request that starts a workflow.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NewRequest {
    /// The host's own id of the user.
    pub user_id: String,
    /// Only this account: its id or its external id.
    pub credential_id: Option<String>,
    /// Only these settings.
    pub configuration_id: Option<String>,
    /// The body that the workflow sees.
    #[schema(value_type = Object)]
    pub body: Value,
    /// The parameters that the workflow sees.
    #[schema(value_type = Object)]
    pub params: Map<String, Value>,
    /// The headers that the workflow sees.
    pub headers: BTreeMap<String, String>,
}

/// Tells workflows of something that happened in the host application. When this answers, what it
/// starts is on disk.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/app-events", tag = "triggers",
    params(("project_id" = String, Path)), request_body = NewAppEvent,
    responses((status = 201, body = Started), (status = "4XX", body = super::openapi::Problem),
        (status = 503, body = super::openapi::Problem)))]
pub async fn send_app_event(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Json(body): Json<NewAppEvent>,
) -> Answer<(StatusCode, Reply<Started>)> {
    let user = user_of_host(&app, view.id(), &body.user_id).await?;
    let (credential, configuration) = (body.credential_id, body.configuration_id);
    let chosen =
        Chosen::of(&app, &view, user.id, credential.as_deref(), configuration.as_deref()).await?;
    let key = body.idempotency_key.as_deref();
    let event = AppEvent { name: &body.name, payload: &body.payload, key };
    let execution_ids = app_event::receive(&app, &view, &user, &chosen, event).await?;
    Ok((StatusCode::CREATED, Reply(Started { execution_ids })))
}

/// Starts a workflow whose trigger is a request. With a response step its answer is this call's
/// answer, within 55 seconds; else the answer is 202 at once.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/workflows/{workflow_id}/requests",
    tag = "triggers",
    params(("project_id" = String, Path), ("workflow_id" = String, Path)), request_body = NewRequest,
    responses((status = 202, description = "It is on disk."),
        (status = "4XX", body = super::openapi::Problem),
        (status = 542, description = "It goes on without an answer so far.")))]
pub async fn send_request(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    Json(sent): Json<NewRequest>,
) -> Answer<Response> {
    let workflow = request::find(&view, id.parse()?)?;
    let user = user_of_host(&app, view.id(), &sent.user_id).await?;
    let (credential, configuration) = (sent.credential_id, sent.configuration_id);
    let chosen =
        Chosen::of(&app, &view, user.id, credential.as_deref(), configuration.as_deref()).await?;
    let header = |(name, value): (&String, &String)| {
        let name: HeaderName = name.parse().ok()?;
        Some((name, HeaderValue::from_str(value).ok()?))
    };
    let headers: HeaderMap = sent.headers.iter().filter_map(header).collect();
    let brought = Brought { headers, params: sent.params, body: sent.body };
    Ok(request::receive(&app, &view, workflow, (&user, &chosen), brought).await?)
}
