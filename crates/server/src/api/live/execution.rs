//! One execution, row by row of its journal.

use axum::extract::{Path, State};
use axum::response::Response;
use base::{Error, ExecutionId, ProjectId, Result};
use engine::runner::Topic;
use futures_util::stream;
use http::HeaderMap;
use store::executions;

use super::stream::{Line, add, answer, last_event_id};
use crate::api::executions::ExecutionBody;
use crate::api::openapi::Problem;
use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::Answer;

/// How many rows of a journal are sent at once.
const ROWS_MAX: i64 = 100;

/// Streams what happens in an execution, from its beginning or after the header `Last-Event-ID`:
/// `journal` events with a list of what happened, whose ids are places in the journal, and when it
/// has ended one `end` event with the execution.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/executions/{execution_id}/live", tag = "executions",
    params(("project_id" = String, Path), ("execution_id" = String, Path)),
    responses((status = 200, body = String, content_type = "text/event-stream"), (status = "4XX", body = Problem)))]
pub async fn watch_execution(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer<Response> {
    let id: ExecutionId = id.parse()?;
    let next = last_event_id(&headers)?.map_or(0, |last| last.saturating_add(1));
    let mut conn = app.store().read().await?;
    if executions::find(&mut conn, view.id(), id).await?.is_none() {
        let message = format!("The project has no execution {id}.");
        return Err(Error::not_found("execution_not_found", message).into());
    }
    drop(conn);
    let line = Line::open(&app, Topic::Execution(id))?;
    let reader = Reader { line, project_id: view.id(), id, next, has_more: true, ended: false };
    Ok(answer(stream::unfold(reader, Reader::go_on)))
}

struct Reader {
    line: Line,
    project_id: ProjectId,
    id: ExecutionId,
    /// The place of the next row.
    next: i64,
    /// Whether there may be rows without waiting.
    has_more: bool,
    ended: bool,
}

impl Reader {
    async fn go_on(mut self) -> Option<(String, Self)> {
        loop {
            if self.ended || (!self.has_more && !self.line.wait().await) {
                return None;
            }
            match self.read().await {
                Ok(events) => {
                    if let Some(spoken) = self.line.speak(events) {
                        return Some((spoken, self));
                    }
                }
                Err(error) => {
                    tracing::debug!(cause = ?error, "a live view breaks off; its reader comes back");
                    return None;
                }
            }
        }
    }

    async fn read(&mut self) -> Result<String> {
        let mut conn = self.line.app.store().read().await?;
        // First the execution, so that the journal of one that has ended is whole.
        let found = executions::find(&mut conn, self.project_id, self.id).await?;
        let rows = store::journal::read(&mut conn, self.id, self.next, ROWS_MAX).await?;
        let mut events = String::new();
        for row in &rows {
            add(&mut events, Some(self.next), "journal", row);
            self.next += 1;
        }
        self.has_more = i64::try_from(rows.len()).is_ok_and(|rows| rows == ROWS_MAX);
        match found {
            Some(execution) if execution.status.is_final() && !self.has_more => {
                self.ended = true;
                let body = serde_json::to_string(&ExecutionBody::from(execution));
                add(&mut events, None, "end", &body.map_err(Error::internal)?);
            }
            None => self.ended = true,
            Some(_) => {}
        }
        Ok(events)
    }
}
