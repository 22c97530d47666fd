//! Runs of steps, as the management API shows them.

use engine::history::StepRun;
use engine::journal::{LogLine, StepError};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// One run of a step.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StepRun)]
pub struct StepBody {
    /// Its address: its key, after the fan outs around it with the positions of their items,
    /// `each_project[3].update`.
    pub address: String,
    /// The step's key.
    pub key: String,
    /// The kind of step.
    pub kind: String,
    /// `running`, `retrying`, `paused`, `waiting`, `succeeded`, `failed` or `cancelled`.
    #[schema(value_type = String)]
    pub status: engine::history::StepStatus,
    /// RFC 3339; when its first try began.
    pub started_at: String,
    /// RFC 3339.
    pub finished_at: Option<String>,
    /// RFC 3339; when it goes on by itself, while it waits.
    pub due_at: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// What it was given, with references in place of secrets.
    pub input: Value,
    /// What it gave.
    pub output: Value,
    /// Why its last try failed, or why it waits: an object with `code`, `message` and perhaps `meta`.
    #[schema(value_type = Option<Object>)]
    pub error: Option<StepError>,
    /// What it said: objects with `level` and `text`.
    #[schema(value_type = Vec<Object>)]
    pub log: Vec<LogLine>,
    /// The address of the run before it.
    pub previous: Option<String>,
    /// The addresses of the runs after it; of a fan out, also of the first ones of its items.
    pub next: Vec<String>,
}

impl From<StepRun> for StepBody {
    fn from(run: StepRun) -> Self {
        Self {
            address: run.step.to_string(),
            key: run.step.step,
            kind: run.kind.to_owned(),
            status: run.status,
            started_at: run.started_at.to_rfc3339(),
            finished_at: run.ended_at.map(|time| time.to_rfc3339()),
            due_at: run.due_at.map(|time| time.to_rfc3339()),
            attempts: run.attempts,
            input: run.input,
            output: run.output,
            error: run.error,
            log: run.log,
            previous: run.previous.map(|step| step.to_string()),
            next: run.next.iter().map(ToString::to_string).collect(),
        }
    }
}
