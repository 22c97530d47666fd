//! One execution: the runs of its steps, and doing it again.

use axum::Json as Reply;
use axum::extract::{Path, State};
use base::{Error, ExecutionId, Result, WorkflowId};
use engine::journal::Event;
use engine::runner::ReplayFrom;
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use store::executions::Execution;
use utoipa::ToSchema;
use uuid::Uuid;

use super::caller::Caller;
use super::list::show;
use super::query::status;
use super::wire::{ExecutionBody, StepDataBody, StepExecutionBody, Steps};
use crate::app::App;
use crate::failure::Answer;
use crate::projects::ProjectView;

/// An execution with the runs of its steps.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WorkflowExecutionDetail)]
pub struct DetailBody {
    #[serde(flatten)]
    execution: ExecutionBody,
    step_executions: Vec<StepExecutionBody>,
}

/// Shows an execution with its trigger and the runs of its steps.
#[utoipa::path(get, path = "/projects/{project_id}/task-history/workflow-executions/{execution_id}",
    tag = "task history", params(("project_id" = String, Path), ("execution_id" = String, Path)),
    responses((status = 200, body = DetailBody), (status = "4XX", body = crate::api::openapi::Problem)))]
pub async fn get_workflow_execution(
    Caller(view): Caller,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Reply<DetailBody>> {
    let (execution, events) = app.runner().history(view.id(), id.parse()?).await?;
    let step_executions = steps(&app, &execution, &events).await.list();
    let execution = show_one(&app, &view, execution).await?;
    Ok(Reply(DetailBody { execution, step_executions }))
}

/// Shows what a run of a step was given and gave.
#[utoipa::path(get, path = "/projects/{project_id}/task-history/workflow-executions/{execution_id}/step-executions/{step_execution_id}",
    tag = "task history", params(("project_id" = String, Path), ("execution_id" = String, Path),
        ("step_execution_id" = String, Path)),
    responses((status = 200, body = StepDataBody), (status = "4XX", body = crate::api::openapi::Problem)))]
pub async fn get_step_execution(
    Caller(view): Caller,
    State(app): State<App>,
    Path((_, id, step)): Path<(String, String, String)>,
) -> Answer<Reply<StepDataBody>> {
    let (execution, events) = app.runner().history(view.id(), id.parse()?).await?;
    let steps = steps(&app, &execution, &events).await;
    let found = step.parse::<Uuid>().ok().and_then(|id| steps.data(id));
    let found = found.ok_or_else(|| {
        let message = format!("The execution has no step execution {step}.");
        Error::not_found("step_execution_not_found", message)
    })?;
    Ok(Reply(found))
}

/// A new execution.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WorkflowExecutionReplay)]
pub struct ReplayBody {
    #[schema(value_type = String, format = "uuid")]
    id: ExecutionId,
    user_id: Option<String>,
    #[schema(value_type = String, format = "uuid")]
    workflow_id: WorkflowId,
    status: &'static str,
    date_started: String,
}

/// Does an execution again from its trigger, with the version that ran.
#[utoipa::path(post, path = "/projects/{project_id}/task-history/workflow-executions/{execution_id}/replay",
    tag = "task history", params(("project_id" = String, Path), ("execution_id" = String, Path)),
    responses((status = 201, body = ReplayBody), (status = "4XX", body = crate::api::openapi::Problem)))]
pub async fn replay_workflow_execution(
    Caller(view): Caller,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<(StatusCode, Reply<ReplayBody>)> {
    let new = app.runner().replay(view.id(), id.parse()?, None, ReplayFrom::Trigger).await?;
    let (execution, _) = app.runner().history(view.id(), new).await?;
    let mut conn = app.store().read().await?;
    let users: Vec<_> = execution.user_id.into_iter().collect();
    let users = store::connected_users::external_ids(&mut conn, view.id(), &users).await?;
    let body = ReplayBody {
        id: execution.id,
        user_id: users.into_values().next(),
        workflow_id: execution.workflow_id,
        status: status(execution.status),
        date_started: execution.created_at.to_rfc3339(),
    };
    Ok((StatusCode::CREATED, Reply(body)))
}

async fn show_one(app: &App, view: &ProjectView, execution: Execution) -> Result<ExecutionBody> {
    let mut conn = app.store().read().await?;
    let shown = show(app, &mut conn, view.id(), &[execution]).await?;
    shown.into_iter().next().ok_or_else(|| Error::internal("an execution was not shown"))
}

async fn steps<'e>(app: &App, execution: &'e Execution, events: &[Event]) -> Steps<'e> {
    let trigger = events.iter().find_map(|event| match event {
        Event::Triggered { input, .. } => Some(input.clone()),
        _ => None,
    });
    let runs = app.runner().step_runs(execution, events).await;
    Steps { execution, trigger: trigger.unwrap_or(Value::Null), runs }
}
