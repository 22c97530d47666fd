//! Executions: what ran, what happened in it, and ending it or doing it again.

use axum::Json as Reply;
use axum::extract::{FromRequestParts, Path, Query, State};
use base::{
    ConfigurationId, ConnectedUserId, CredentialId, Error, ExecutionId, Result, WorkflowId,
    WorkflowVersionId,
};
use engine::journal::Event;
use engine::runner::ReplayFrom;
use http::request::Parts;
use serde::{Deserialize, Serialize};
use store::PageRequest;
use store::execution_lists::{self, Filter};
use store::executions::{Execution, Status};
use utoipa::{IntoParams, ToSchema};

use super::paging::PageBody;
use super::steps::StepBody;
use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::{Answer, Failure};
use crate::http::body::Json;
use crate::projects::ProjectView;

/// One run of a workflow.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Execution)]
pub struct ExecutionBody {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: ExecutionId,
    /// The workflow.
    #[schema(value_type = String, format = "uuid")]
    pub workflow_id: WorkflowId,
    /// The version that runs.
    #[schema(value_type = String, format = "uuid")]
    pub version_id: WorkflowVersionId,
    /// In whose name.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub connected_user_id: Option<ConnectedUserId>,
    /// With which account.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub credential_id: Option<CredentialId>,
    /// With which settings.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub configuration_id: Option<ConfigurationId>,
    /// The kind of the trigger.
    pub trigger: String,
    /// `queued`, `running`, `waiting`, `paused`, `succeeded`, `failed` or `cancelled`.
    pub status: String,
    /// Whether it is a test.
    pub is_test: bool,
    /// RFC 3339; when it goes on, while it waits.
    pub due_at: Option<String>,
    /// The execution that it repeats.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub replay_of: Option<ExecutionId>,
    /// RFC 3339; when its trigger was accepted.
    pub created_at: String,
    /// RFC 3339.
    pub finished_at: Option<String>,
}

impl From<Execution> for ExecutionBody {
    fn from(execution: Execution) -> Self {
        Self {
            id: execution.id,
            workflow_id: execution.workflow_id,
            version_id: execution.version_id,
            connected_user_id: execution.user_id,
            credential_id: execution.credential_id,
            configuration_id: execution.configuration_id,
            trigger: execution.trigger_kind,
            status: execution.status.as_str().to_owned(),
            is_test: execution.is_test,
            due_at: execution.due_at.map(|time| time.to_rfc3339()),
            replay_of: execution.replay_of,
            created_at: execution.created_at.to_rfc3339(),
            finished_at: execution.finished_at.map(|time| time.to_rfc3339()),
        }
    }
}

/// An execution with everything that happened in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExecutionDetail {
    /// The execution.
    #[serde(flatten)]
    pub execution: ExecutionBody,
    /// What happened, in order: objects with `event` and `at` (microseconds since the epoch), and
    /// where it is about a step, `step`.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<Event>,
    /// The same, read as runs of steps, in the order in which they began.
    pub steps: Vec<StepBody>,
}

/// Which executions are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct ExecutionQuery {
    /// The `next` of the page before; left out for the first.
    pub after: Option<String>,
    /// How many items, at most 200.
    #[param(maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Only executions of this workflow.
    #[param(value_type = Option<String>, format = "uuid")]
    pub workflow: Option<WorkflowId>,
    /// Only executions of workflows of this integration, by its connector: `azuredevops`.
    pub integration: Option<String>,
    /// Only executions in the name of this connected user.
    #[param(value_type = Option<String>, format = "uuid")]
    pub connected_user: Option<ConnectedUserId>,
    /// Only executions that stand so; up to four, with commas between.
    pub status: Option<String>,
    /// Only executions accepted then or later; RFC 3339.
    pub since: Option<String>,
    /// Only executions accepted before; RFC 3339.
    pub until: Option<String>,
}

impl ExecutionQuery {
    fn filter(&self, view: &ProjectView) -> Result<Filter> {
        let time = |text: &Option<String>| text.as_deref().map(str::parse).transpose();
        let slug = self.integration.as_deref();
        let integration = slug.map(|slug| view.integration_of(slug)).transpose()?;
        Ok(Filter {
            workflow_id: self.workflow,
            integration_id: integration.map(|integration| integration.id),
            user_id: self.connected_user,
            statuses: statuses(self.status.as_deref().unwrap_or_default())?,
            since: time(&self.since)?,
            until: time(&self.until)?,
            ..Filter::default()
        })
    }
}

fn statuses(text: &str) -> Result<Vec<Status>> {
    let names = text.split(',').filter(|name| !name.is_empty());
    let read = names.map(|name| {
        Status::parse(name).ok_or_else(|| {
            let message = format!("There is no status \"{name}\".");
            Error::invalid("unknown_status", message)
        })
    });
    let statuses: Vec<Status> = read.collect::<Result<_>>()?;
    if statuses.len() > 4 {
        return Err(Error::invalid("too_many_statuses", "Ask for at most four statuses."));
    }
    Ok(statuses)
}

impl FromRequestParts<App> for ExecutionQuery {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let Query(query) = Query::from_request_parts(parts, app).await.map_err(|cause| {
            Error::invalid("invalid_query", format!("The query has another form: {cause}."))
        })?;
        Ok(query)
    }
}

/// Lists executions, the newest first.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/executions", tag = "executions",
    params(("project_id" = String, Path), ExecutionQuery),
    responses((status = 200, body = PageBody<ExecutionBody>), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_executions(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    query: ExecutionQuery,
) -> Answer<Reply<PageBody<ExecutionBody>>> {
    let after = query.after.as_deref().map(str::parse).transpose()?;
    let page = PageRequest { after, limit: query.limit.unwrap_or(0) };
    let mut conn = app.store().read().await?;
    let page = execution_lists::list(&mut conn, view.id(), &query.filter(&view)?, &page).await?;
    Ok(Reply(PageBody::of(page, ExecutionBody::from)))
}

/// Shows an execution with everything that happened in it.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/executions/{execution_id}", tag = "executions",
    params(("project_id" = String, Path), ("execution_id" = String, Path)),
    responses((status = 200, body = ExecutionDetail), (status = "4XX", body = super::openapi::Problem)))]
pub async fn get_execution(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Reply<ExecutionDetail>> {
    let (execution, events) = app.runner().history(view.id(), id.parse()?).await?;
    let runs = app.runner().step_runs(&execution, &events).await;
    let steps = runs.into_iter().map(StepBody::from).collect();
    Ok(Reply(ExecutionDetail { execution: execution.into(), events, steps }))
}

/// Ends an execution. A call that is on its way may still take effect; nothing comes after it.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/executions/{execution_id}/cancel", tag = "executions",
    params(("project_id" = String, Path), ("execution_id" = String, Path)),
    responses((status = 200, body = ExecutionBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn cancel_execution(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Reply<ExecutionBody>> {
    let id: ExecutionId = id.parse()?;
    app.runner().cancel(view.id(), id, "Ended through the management API.").await?;
    let (execution, _) = app.runner().history(view.id(), id).await?;
    Ok(Reply(execution.into()))
}

/// How an execution is done again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[derive(Default)]
pub struct Replay {
    /// With the version that is live now, instead of the one it ran.
    pub live_version: bool,
    /// From the step that failed, with the outputs of those before it, instead of from the trigger.
    pub from_failed_step: bool,
}

/// Does an execution again, and answers the new one.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/executions/{execution_id}/replay", tag = "executions",
    params(("project_id" = String, Path), ("execution_id" = String, Path)),
    request_body = Replay,
    responses((status = 201, body = ExecutionBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn replay_execution(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    Json(replay): Json<Replay>,
) -> Answer<(http::StatusCode, Reply<ExecutionBody>)> {
    let id: ExecutionId = id.parse()?;
    let from = if replay.from_failed_step { ReplayFrom::FailedStep } else { ReplayFrom::Trigger };
    let version =
        if replay.live_version { Some(live_version(&app, &view, id).await?) } else { None };
    let new = app.runner().replay(view.id(), id, version, from).await?;
    let (execution, _) = app.runner().history(view.id(), new).await?;
    Ok((http::StatusCode::CREATED, Reply(execution.into())))
}

async fn live_version(app: &App, view: &ProjectView, id: ExecutionId) -> Result<WorkflowVersionId> {
    let (execution, _) = app.runner().history(view.id(), id).await?;
    let mut conn = app.store().read().await?;
    let found = store::workflows::find(&mut conn, view.id(), execution.workflow_id).await?;
    found.and_then(|workflow| workflow.live_version_id).ok_or_else(|| {
        let message = "The workflow is not deployed: replay with the version that ran.";
        Error::invalid("workflow_not_deployed", message)
    })
}
