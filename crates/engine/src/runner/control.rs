//! What people do with an execution: end it, or do it again.

use base::{Error, ErrorKind, ExecutionId, ProjectId, Result, WorkflowVersionId};
use store::executions::{Execution, Release, Status};
use store::journal::Append;
use store::{claims, executions};

use super::reading::not_found;
use super::{Runner, Start};
use crate::journal::{self, Event, State, StepState};

/// From where an execution is done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayFrom {
    /// From its trigger.
    Trigger,
    /// From the step that failed, with the outputs of those before it.
    FailedStep,
}

impl Runner {
    /// Ends an execution. An effect that is being performed may still take effect; nothing comes
    /// after it.
    ///
    /// # Errors
    /// `execution_not_found`, or `execution_ended` when it has ended already.
    pub async fn cancel(&self, project_id: ProjectId, id: ExecutionId, reason: &str) -> Result<()> {
        let now = self.0.world.clock.now();
        let mut tx = self.0.world.store.begin().await?;
        // Whoever runs it now can write no more.
        let Some(seized) = claims::seize(&mut tx, project_id, id).await? else {
            let found = executions::find(&mut tx, project_id, id).await?;
            return Err(found.map_or_else(|| not_found(id), |found| ended(&found)));
        };
        let rows = store::journal::read(&mut tx, id, 0, i64::MAX).await?;
        let sequence = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let events = journal::write(&[Event::Cancelled { at: now, reason: reason.to_owned() }]);
        let append = Append { execution_id: id, sequence, lease: seized.lease, events };
        if store::journal::append(&mut tx, &[&append]).await?.is_empty() {
            let message = "The execution moved on just now; try again.";
            return Err(Error::new(ErrorKind::Conflict, "execution_moved", message));
        }
        let release = Release {
            id,
            lease: seized.lease,
            status: Status::Cancelled,
            due_at: None,
            finished_at: Some(now),
        };
        executions::release(&mut tx, &[&release]).await?;
        tx.commit().await?;
        self.0.watchers.tell(project_id, id);
        self.0.metrics.count_ended(Status::Cancelled);
        self.0.replies.give(id, None);
        Ok(())
    }

    /// Does an execution again, with the version it ran or another one. Answers the new one.
    ///
    /// # Errors
    /// `execution_not_found`; `nothing_failed` when there is no failed step to go on from.
    pub async fn replay(
        &self,
        project_id: ProjectId,
        id: ExecutionId,
        version_id: Option<WorkflowVersionId>,
        from: ReplayFrom,
    ) -> Result<ExecutionId> {
        let (execution, events) = self.history(project_id, id).await?;
        let input = events.iter().find_map(|event| match event {
            Event::Triggered { input, .. } => Some(input.clone()),
            _ => None,
        });
        let history = match from {
            ReplayFrom::Trigger => Vec::new(),
            ReplayFrom::FailedStep => until_failure(&events)?,
        };
        let start = Start {
            project_id,
            workflow_id: execution.workflow_id,
            version_id: version_id.unwrap_or(execution.version_id),
            user_id: execution.user_id,
            credential_id: execution.credential_id,
            configuration_id: execution.configuration_id,
            trigger_kind: execution.trigger_kind,
            input: input.unwrap_or_default(),
            dedup_key: None,
            is_test: execution.is_test,
            replay_of: Some(id),
            history,
        };
        let begun = self.begin(start).await?;
        begun.ok_or_else(|| Error::internal("an execution without a dedup key was a duplicate"))
    }
}

/// What happened before the failure that ended it: the outcomes of every step that ended well, and
/// the lists of the fan outs around them.
fn until_failure(events: &[Event]) -> Result<Vec<Event>> {
    let state = State::of(events.iter().cloned());
    if !state.steps.values().any(|step| matches!(step, StepState::Failed)) {
        let message = "No step of this execution has failed: do it again from its trigger.";
        return Err(Error::invalid("nothing_failed", message));
    }
    let is_kept = |event: &&Event| match event {
        Event::StepFailed { continues, .. } => *continues,
        Event::StepFinished { .. }
        | Event::Responded { .. }
        | Event::FanOutOpened { .. }
        | Event::FanOutExtended { .. }
        | Event::ItemFinished { .. } => true,
        _ => false,
    };
    Ok(events.iter().filter(is_kept).cloned().collect())
}

fn ended(execution: &Execution) -> Error {
    let message = format!("The execution has ended already: it is {}.", execution.status.as_str());
    Error::new(ErrorKind::Conflict, "execution_ended", message)
}
