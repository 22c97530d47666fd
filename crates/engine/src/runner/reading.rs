//! What an execution was, for people and their programs.

use base::{Error, ExecutionId, ProjectId, Result};
use store::executions::{self, Execution};

use super::Runner;
use crate::history::{self, StepRun};
use crate::journal::{self, Event};

impl Runner {
    /// An execution with all that happened in it.
    ///
    /// # Errors
    /// `execution_not_found`.
    pub async fn history(
        &self,
        project_id: ProjectId,
        id: ExecutionId,
    ) -> Result<(Execution, Vec<Event>)> {
        let mut conn = self.0.world.store.read().await?;
        let found = executions::find(&mut conn, project_id, id).await?;
        let execution = found.ok_or_else(|| not_found(id))?;
        let mut events = Vec::new();
        for row in store::journal::read(&mut conn, id, 0, i64::MAX).await? {
            events.extend(journal::read(&row)?);
        }
        Ok((execution, events))
    }

    /// What happened in an execution, as runs of its steps.
    pub async fn step_runs(&self, execution: &Execution, events: &[Event]) -> Vec<StepRun> {
        let (project_id, version_id) = (execution.project_id, execution.version_id);
        let store = &self.0.world.store;
        let plan = self.0.plans.get(store, project_id, version_id, execution.is_test).await;
        // A version that cannot run any more still shows what ran.
        history::step_runs(events, plan.ok().as_ref().map(|plan| plan.definition()))
    }
}

pub(super) fn not_found(id: ExecutionId) -> Error {
    let message = format!("The project has no execution {id}: it may be older than what is kept.");
    Error::not_found("execution_not_found", message)
}
