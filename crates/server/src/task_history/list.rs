//! Executions, page by page.

use std::collections::HashMap;

use axum::Json as Reply;
use axum::extract::State;
use base::{ConnectedUserId, ExecutionId, ProjectId, Result};
use serde::Serialize;
use store::executions::Execution;
use store::{Connection, execution_lists};
use utoipa::ToSchema;

use super::caller::Caller;
use super::query::ListQuery;
use super::wire::ExecutionBody;
use crate::app::App;
use crate::failure::Answer;

/// A page.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WorkflowExecutionPage)]
pub struct ListBody {
    workflow_executions: Vec<ExecutionBody>,
    /// Where the next page is, in full.
    next_link: Option<String>,
    /// How many there are on all pages, counted up to [`execution_lists::COUNTED_MAX`].
    total: i64,
}

/// Lists executions, the newest first, a hundred a page.
#[utoipa::path(get, path = "/projects/{project_id}/task-history/workflow-executions",
    tag = "task history", params(("project_id" = String, Path), ListQuery),
    responses((status = 200, body = ListBody), (status = "4XX", body = crate::api::openapi::Problem)))]
pub async fn list_workflow_executions(
    Caller(view): Caller,
    State(app): State<App>,
    query: ListQuery,
) -> Answer<Reply<ListBody>> {
    let mut conn = app.store().read().await?;
    let Some(filter) = query.filter(&mut conn, &view).await? else {
        return Ok(Reply(ListBody::default()));
    };
    let page = execution_lists::list(&mut conn, view.id(), &filter, &query.page()?).await?;
    let total = execution_lists::count(&mut conn, view.id(), &filter).await?;
    let next_link = page.next.map(|after| {
        let (url, id) = (app.public_url(), view.id());
        let query = query.next(&after.to_string());
        format!("{url}/projects/{id}/task-history/workflow-executions?{query}")
    });
    let workflow_executions = show(&app, &mut conn, view.id(), &page.items).await?;
    Ok(Reply(ListBody { workflow_executions, next_link, total }))
}

/// Shows executions, each with the user's id at the host and with the number of its tasks.
pub async fn show(
    app: &App,
    conn: &mut Connection,
    project_id: ProjectId,
    executions: &[Execution],
) -> Result<Vec<ExecutionBody>> {
    let ids: Vec<ExecutionId> = executions.iter().map(|execution| execution.id).collect();
    let tasks = store::journal::count_begun(conn, &ids).await?;
    let mut users: Vec<ConnectedUserId> =
        executions.iter().filter_map(|execution| execution.user_id).collect();
    users.sort_unstable();
    users.dedup();
    let users: HashMap<_, _> =
        store::connected_users::external_ids(conn, project_id, &users).await?;
    let now = app.clock().now();
    let shown = executions.iter().map(|execution| {
        let user = execution.user_id.and_then(|id| users.get(&id).cloned());
        let tasks = tasks.get(&execution.id).copied().unwrap_or(0);
        ExecutionBody::new(execution, user, tasks, now)
    });
    Ok(shown.collect())
}
