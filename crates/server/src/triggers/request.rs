//! Requests of the host application that start a workflow, and may wait for its answer.

use std::time::Duration;

use axum::Json as Reply;
use axum::response::{IntoResponse, Response};
use base::{Error, ExecutionId, Result, WorkflowId};
use engine::definition::Trigger;
use engine::runner::{Answer, Start};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};
use store::executions::Status;

use super::app_event::dedup_key;
use super::matching::{Chosen, KnownUser};
use super::request_check;
use crate::app::App;
use crate::projects::ProjectView;
use crate::workflows::live::LiveWorkflow;

/// How long a caller waits for the answer of a response step.
pub const PATIENCE: Duration = Duration::from_secs(55);
/// What a caller gets whose patience was too short, in the vendor's words.
const NOT_COMPLETED: &str = "Workflow has been enqueued but has not completed.";

/// What a request brings along.
pub struct Brought {
    /// Its headers.
    pub headers: HeaderMap,
    /// The parameters of its query; those that come several times are lists.
    pub params: Map<String, Value>,
    /// Its body.
    pub body: Value,
}

/// The live workflow with this id, if a request starts it.
///
/// # Errors
/// `workflow_not_found`.
pub fn find(view: &ProjectView, id: WorkflowId) -> Result<&LiveWorkflow> {
    let is_wanted = |workflow: &&LiveWorkflow| matches!(workflow.trigger, Trigger::Request(_));
    view.workflow(id).filter(is_wanted).ok_or_else(|| {
        let message = format!("No workflow {id} is deployed that a request starts.");
        Error::not_found("workflow_not_found", message)
    })
}

/// Checks the request, starts the workflow for the user and answers: 202 at once, or what its
/// response step says.
///
/// # Errors
/// `workflow_not_enabled`, `invalid_request` with every fault, `invalid_idempotency_key`; `overloaded` and the like.
pub async fn receive(
    app: &App,
    view: &ProjectView,
    workflow: &LiveWorkflow,
    (user, chosen): (&KnownUser, &Chosen),
    brought: Brought,
) -> Result<Response> {
    let Trigger::Request(expected) = &workflow.trigger else {
        return Err(Error::internal("the workflow is started otherwise"));
    };
    request_check::check(expected, &brought)?;
    let key = brought.headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    let key = key.map(str::to_owned);
    let input = request_check::input(brought);
    // Where several configurations are on, one answer is wanted all the same: the first's.
    let start = user.starts(workflow, chosen, view.id(), &input).into_iter().next();
    let mut start = start.ok_or_else(|| {
        let message = format!("\"{}\" is not on for this user: switch it on first.", workflow.name);
        Error::not_found("workflow_not_enabled", message)
    })?;
    start.dedup_key = dedup_key("request", key.as_deref(), &start)?;
    if workflow.responds { wait(app, start).await } else { enqueue(app, start).await }
}

async fn enqueue(app: &App, start: Start) -> Result<Response> {
    let begun = app.runner().begin(start).await?;
    Ok(accepted(begun))
}

/// None: the same request was accepted before.
fn accepted(id: Option<ExecutionId>) -> Response {
    (StatusCode::ACCEPTED, Reply(json!({ "executionId": id }))).into_response()
}

async fn wait(app: &App, start: Start) -> Result<Response> {
    let submitted = app.clock().now();
    let (project_id, workflow_id) = (start.project_id, start.workflow_id);
    let waited = app.runner().begin_and_wait(start, PATIENCE).await;
    let (id, answer) = waited?;
    if let Some(answer) = answer {
        return Ok(respond(answer));
    }
    let mut conn = app.store().read().await?;
    let found = store::executions::find(&mut conn, project_id, id).await?;
    match found {
        // It came to its end on a way without an answer.
        Some(execution) if execution.status == Status::Succeeded => Ok(accepted(Some(id))),
        // The very same request was accepted before; its answer went to whoever sent that.
        None => Ok(accepted(None)),
        Some(_) => {
            let body = json!({
                "message": NOT_COMPLETED,
                "dateSubmitted": submitted.to_rfc3339(),
                "projectId": project_id,
                "workflowId": workflow_id,
                "executionId": id,
            });
            let status = StatusCode::from_u16(542).map_err(Error::internal)?;
            Ok((status, Reply(body)).into_response())
        }
    }
}

/// The answer of a response step as HTTP.
fn respond(answer: Answer) -> Response {
    let status = match &answer.status {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let status = status
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (200..600).contains(status))
        .and_then(|status| StatusCode::from_u16(status).ok())
        .unwrap_or(StatusCode::OK);
    let headers = headers(&answer.headers);
    let is_json = headers
        .get(CONTENT_TYPE)
        .is_none_or(|kind| kind.to_str().is_ok_and(|kind| kind.contains("json")));
    let mut response = match answer.body {
        Value::Null => status.into_response(),
        Value::String(text) if !is_json => (status, text).into_response(),
        body => (status, Reply(body)).into_response(),
    };
    response.headers_mut().extend(headers);
    response
}

/// The headers that a workflow may set. How the body is sent is not its to say.
fn headers(given: &Map<String, Value>) -> HeaderMap {
    let one = |(name, value): (&String, &Value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let name: HeaderName = name.parse().ok()?;
        let is_ours = [CONTENT_LENGTH, TRANSFER_ENCODING, http::header::CONNECTION].contains(&name);
        Some((name, HeaderValue::from_str(&text).ok()?)).filter(|_| !is_ours)
    };
    given.iter().filter_map(one).collect()
}
