//! What a project's owner is told when an execution has failed.

use base::{EventId, Timestamp};
use connect::Happened;
use serde_json::{Value, json};
use store::events::Event;
use store::executions::Execution;

use crate::effects::World;
use crate::journal::StepError;

/// How much of an error's sentence is told, in characters.
const MESSAGE_CHARS_MAX: usize = 2_000;

/// The event of a failed execution; none for a test, whose author looks on. `workflow` is an object
/// with `id`, `key` and `name`.
pub(super) fn event(
    world: &World,
    execution: &Execution,
    workflow: Value,
    step: Option<String>,
    error: &StepError,
    now: Timestamp,
) -> Option<Box<Event>> {
    if execution.is_test {
        return None;
    }
    let message: String = error.message.chars().take(MESSAGE_CHARS_MAX).collect();
    Some(Box::new(Event {
        id: EventId::new(&world.clock, &world.random),
        project_id: execution.project_id,
        kind: Happened::WorkflowFailed.as_str().to_owned(),
        subject: execution.id.to_string(),
        payload: json!({
            "executionId": execution.id,
            "workflow": workflow,
            "step": step,
            "error": { "code": error.code, "message": message },
            "connectedUserId": execution.user_id,
            "credentialId": execution.credential_id,
        }),
        created_at: now,
    }))
}
