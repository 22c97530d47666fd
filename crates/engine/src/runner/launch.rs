//! Starts executions: what a trigger brought is on disk before anybody says that it was accepted.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base::{
    ConfigurationId, ConnectedUserId, CredentialId, Error, ExecutionId, ProjectId, Result,
    WorkflowId, WorkflowVersionId,
};
use serde_json::Value;
use store::Engine;
use store::executions::{Execution, Status};
use tokio::sync::oneshot;

use super::{Answer, Inner, Runner, Slot, drive};
use crate::journal::{self, Event, State};

/// What starts an execution.
#[derive(Clone, Debug)]
pub struct Start {
    /// Whose it is.
    pub project_id: ProjectId,
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// The version that runs.
    pub version_id: WorkflowVersionId,
    /// In whose name.
    pub user_id: Option<ConnectedUserId>,
    /// With which account.
    pub credential_id: Option<CredentialId>,
    /// With which settings.
    pub configuration_id: Option<ConfigurationId>,
    /// The kind of the trigger.
    pub trigger_kind: String,
    /// What the trigger brought along.
    pub input: Value,
    /// What the trigger calls the thing that happened: a second start for it does nothing.
    pub dedup_key: Option<String>,
    /// Whether it is a test.
    pub is_test: bool,
    /// The execution that it repeats.
    pub replay_of: Option<ExecutionId>,
    /// What happened before in the execution that it repeats, where it goes on from there.
    pub history: Vec<Event>,
}

/// Somebody who waits for an answer; nobody does when this goes.
struct Expected<'r> {
    inner: &'r Inner,
    id: ExecutionId,
}

impl Drop for Expected<'_> {
    fn drop(&mut self) {
        self.inner.replies.forget(self.id);
    }
}

impl Runner {
    /// Starts an execution. Once this answers, it is on disk: it will run whatever happens to this
    /// process. None when one with this dedup key was started before.
    ///
    /// # Errors
    /// `overloaded`, `stopping` or `database_unavailable`: nothing is known to have been started.
    pub async fn begin(&self, start: Start) -> Result<Option<ExecutionId>> {
        let id = ExecutionId::new(&self.0.world.clock, &self.0.world.random);
        Ok(self.begin_as(id, start).await?.then_some(id))
    }

    /// Starts an execution and waits for the answer of its response step, for at most `patience`.
    /// The answer is none when the execution ended without one, goes on, or was started before.
    ///
    /// # Errors
    /// As [`Runner::begin`].
    pub async fn begin_and_wait(
        &self,
        start: Start,
        patience: Duration,
    ) -> Result<(ExecutionId, Option<Answer>)> {
        let inner = &self.0;
        let id = ExecutionId::new(&inner.world.clock, &inner.world.random);
        let mut local = inner.replies.expect(id);
        // Also when the caller leaves.
        let _expected = Expected { inner, id };
        if !self.begin_as(id, start).await? {
            return Ok((id, None));
        }
        let clock = &inner.world.clock;
        let deadline = clock.now() + patience;
        let mut sequence = 0;
        loop {
            // Another node may run it: then its journal tells.
            let look_at = deadline.min(clock.now() + super::CLAIM_PAUSE);
            tokio::select! {
                answer = &mut local => return Ok((id, answer.ok().flatten())),
                () = clock.sleep_until(look_at) => {}
            }
            let written = self.answer_written(id, &mut sequence).await?;
            if written.is_some() || clock.now() >= deadline {
                return Ok((id, written.flatten()));
            }
        }
    }

    /// What the journal says of an answer, read on from `sequence`: none while it is open.
    async fn answer_written(
        &self,
        id: ExecutionId,
        sequence: &mut i64,
    ) -> Result<Option<Option<Answer>>> {
        let mut conn = self.0.world.store.read().await?;
        let rows = store::journal::read(&mut conn, id, *sequence, i64::MAX).await?;
        for row in rows {
            *sequence += 1;
            for event in journal::read(&row)? {
                match event {
                    Event::Responded { answer, .. } => return Ok(Some(Answer::read(answer))),
                    Event::Succeeded { .. } | Event::Failed { .. } | Event::Cancelled { .. } => {
                        return Ok(Some(None));
                    }
                    _ => {}
                }
            }
        }
        Ok(None)
    }

    async fn begin_as(&self, id: ExecutionId, start: Start) -> Result<bool> {
        let inner = &self.0;
        let now = inner.world.clock.now();
        let runs_here = inner.has_room_for(start.project_id);
        let mut events = vec![Event::Triggered { at: now, input: start.input }];
        events.extend(start.history);
        let execution = Execution {
            id,
            project_id: start.project_id,
            workflow_id: start.workflow_id,
            version_id: start.version_id,
            user_id: start.user_id,
            credential_id: start.credential_id,
            configuration_id: start.configuration_id,
            trigger_kind: start.trigger_kind,
            status: if runs_here { Status::Running } else { Status::Queued },
            is_test: start.is_test,
            due_at: (!runs_here).then_some(now),
            owner: runs_here.then(|| inner.node_id()),
            lease: i64::from(runs_here),
            dedup_key: start.dedup_key,
            replay_of: start.replay_of,
            created_at: now,
            finished_at: None,
        };
        let slot = runs_here.then(|| Slot::take(inner, start.project_id, (id, execution.lease)));
        let (answer, begun) = oneshot::channel();
        // The caller may leave while the commit is under way. What was stored runs all the same.
        inner.runtime.spawn(launch(Arc::clone(inner), execution, events, slot, answer));
        begun.await.unwrap_or_else(|_| Err(Error::internal("a start ended without an answer")))
    }
}

/// Stores a new execution, answers whether it is new, and runs it where that is to be here.
async fn launch(
    inner: Arc<Inner>,
    execution: Execution,
    events: Vec<Event>,
    slot: Option<Slot>,
    answer: oneshot::Sender<Result<bool>>,
) {
    let text = journal::write(&events);
    let size = (1, text.len());
    let begun = inner.committer.begin(execution.clone(), text).await;
    let is_new = matches!(begun, Ok(true));
    // Who waited may be gone; the execution stands.
    let _ = answer.send(begun);
    if is_new {
        inner.watchers.tell(execution.project_id, execution.id);
        inner.metrics.count_begun();
    }
    match slot {
        Some(slot) if is_new => drive::run(inner, execution, State::of(events), size, slot).await,
        // Should it be stored all the same, it is found to belong to a node that does not run it.
        Some(_) => {}
        None => inner.due.notify_one(),
    }
}

impl Inner {
    /// Whether a new execution of the project may run here at once, without waiting for a claim. The
    /// limit of a project counts all nodes, so where there can be several, claims alone keep it.
    fn has_room_for(&self, project_id: ProjectId) -> bool {
        let is_free = self.running.load(Ordering::Acquire) < self.config.running_max
            && !self.is_stopping()
            && !self.has_backlog.load(Ordering::Acquire);
        let limit = self.config.running_per_project_max;
        is_free
            && match self.database() {
                _ if limit == 0 => true,
                Engine::Sqlite => {
                    self.counts().get(&project_id).copied().unwrap_or_default() < limit
                }
                Engine::Postgres => false,
            }
    }
}
