//! A project's newest executions, as they begin, move and end.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use base::{Error, ExecutionId, ProjectId, Result, Timestamp};
use engine::runner::Topic;
use futures_util::stream;
use http::HeaderMap;
use store::PageRequest;
use store::execution_lists::{self, Filter};
use store::executions::{Execution, Status};

use super::stream::{Line, add, answer, last_event_id};
use crate::api::executions::ExecutionBody;
use crate::api::openapi::Problem;
use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::Answer;

/// How many executions are looked at: the newest.
const ROWS_MAX: u32 = 100;
/// The shortest pause between two looks, however much happens.
const PAUSE_MIN: Duration = Duration::from_millis(100);
/// How long after its time of ending an execution may become visible.
const COMMIT_MAX: Duration = Duration::from_secs(10);

/// Streams a project's newest hundred executions, and then each of them again when it moves:
/// `execution` events with the execution. After the header `Last-Event-ID`, those that had ended then
/// are left out.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/executions/live", tag = "executions",
    params(("project_id" = String, Path)),
    responses((status = 200, body = String, content_type = "text/event-stream"), (status = "4XX", body = Problem)))]
pub async fn watch_executions(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    headers: HeaderMap,
) -> Answer<Response> {
    let seen_until = last_event_id(&headers)?.map(Timestamp);
    let line = Line::open(&app, Topic::Project(view.id()))?;
    let known = HashMap::new();
    let reader = Reader { line, project_id: view.id(), seen_until, known, is_first: true };
    Ok(answer(stream::unfold(reader, Reader::go_on)))
}

struct Reader {
    line: Line,
    project_id: ProjectId,
    /// What had ended by then is known to the reader.
    seen_until: Option<Timestamp>,
    /// How each of the newest stood when it was sent.
    known: HashMap<ExecutionId, (Status, Option<Timestamp>)>,
    is_first: bool,
}

impl Reader {
    async fn go_on(mut self) -> Option<(String, Self)> {
        loop {
            if !std::mem::take(&mut self.is_first) {
                let clock = self.line.app.clock();
                clock.sleep_until(clock.now() + PAUSE_MIN).await;
                if !self.line.wait().await {
                    return None;
                }
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
        let id = (self.line.app.clock().now() - COMMIT_MAX).0;
        let mut conn = self.line.app.store().read().await?;
        let page = PageRequest { after: None, limit: ROWS_MAX };
        let filter = Filter::default();
        let found = execution_lists::list(&mut conn, self.project_id, &filter, &page).await?.items;
        let mut events = String::new();
        let mut known = HashMap::with_capacity(found.len());
        for execution in found.into_iter().rev() {
            let stands = (execution.status, execution.due_at);
            let is_known = match self.known.get(&execution.id) {
                Some(before) => *before == stands,
                None => self.is_seen(&execution),
            };
            known.insert(execution.id, stands);
            if !is_known {
                let body = serde_json::to_string(&ExecutionBody::from(execution));
                add(&mut events, Some(id), "execution", &body.map_err(Error::internal)?);
            }
        }
        self.known = known;
        Ok(events)
    }

    fn is_seen(&self, execution: &Execution) -> bool {
        let seen = self.seen_until.zip(execution.finished_at);
        seen.is_some_and(|(until, finished_at)| finished_at <= until)
    }
}
