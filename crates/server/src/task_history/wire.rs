//! The vendor's form of executions and of runs of steps.

use base::{ExecutionId, Timestamp, WorkflowId};
use engine::history::{StepRun, StepStatus};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use store::executions::Execution;
use utoipa::ToSchema;
use uuid::{Builder, Uuid};

use super::query::status;

/// The name of the trigger among the runs of steps: no step's key begins so.
const TRIGGER: &str = "#trigger";

/// An execution.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WorkflowExecution)]
pub struct ExecutionBody {
    #[schema(value_type = String, format = "uuid")]
    id: ExecutionId,
    /// By which id the host knows the user.
    user_id: Option<String>,
    /// How many steps were performed by somebody: calls, actions and functions.
    task_count: i64,
    /// Milliseconds.
    run_duration: u64,
    #[schema(value_type = String, format = "uuid")]
    workflow_id: WorkflowId,
    /// `EXECUTING`, `DELAYED`, `SUCCEEDED`, `FAILED` or `CANCELLED`.
    status: &'static str,
    /// RFC 3339.
    date_started: String,
    date_ended: Option<String>,
}

impl ExecutionBody {
    /// Shows an execution.
    pub fn new(
        execution: &Execution,
        user_id: Option<String>,
        task_count: i64,
        now: Timestamp,
    ) -> Self {
        let until = execution.finished_at.unwrap_or(now);
        Self {
            id: execution.id,
            user_id,
            task_count,
            run_duration: u64::try_from(until.since(execution.created_at).as_millis())
                .unwrap_or(u64::MAX),
            workflow_id: execution.workflow_id,
            status: status(execution.status),
            date_started: execution.created_at.to_rfc3339(),
            date_ended: execution.finished_at.map(Timestamp::to_rfc3339),
        }
    }
}

/// A run of a step, or the trigger.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StepExecution)]
pub struct StepExecutionBody {
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    /// The step's key.
    step_id: String,
    #[schema(value_type = String, format = "uuid")]
    workflow_execution_id: ExecutionId,
    /// `EXECUTING`, `DELAYED`, `SUCCEEDED`, `FAILED` or `CANCELLED`.
    status: &'static str,
    /// `TRIGGER/CRON`, `ACTION/REQUEST`.
    #[serde(rename = "type")]
    kind: String,
    start: String,
    end: Option<String>,
    #[schema(value_type = Vec<String>)]
    next: Vec<Uuid>,
    #[schema(value_type = Option<String>)]
    prev: Option<Uuid>,
    /// Bytes of JSON.
    input_size: usize,
    output_size: usize,
}

/// What a run of a step was given and gave.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StepExecutionData)]
pub struct StepDataBody {
    /// Never: everything is in the answer.
    is_large_input: bool,
    is_large_output: bool,
    input: Value,
    output: Value,
}

/// The trigger and the runs of steps of one execution.
pub struct Steps<'e> {
    /// The execution.
    pub execution: &'e Execution,
    /// What the trigger brought along.
    pub trigger: Value,
    /// What ran.
    pub runs: Vec<StepRun>,
}

impl Steps<'_> {
    /// All of them, the trigger first.
    pub fn list(&self) -> Vec<StepExecutionBody> {
        let first = self.runs.iter().filter(|run| run.previous.is_none());
        let trigger = StepExecutionBody {
            id: self.id(TRIGGER),
            step_id: "trigger".to_owned(),
            workflow_execution_id: self.execution.id,
            status: "SUCCEEDED",
            kind: format!("TRIGGER/{}", trigger_kind(&self.execution.trigger_kind)),
            start: self.execution.created_at.to_rfc3339(),
            end: Some(self.execution.created_at.to_rfc3339()),
            next: first.take(1).map(|run| self.id(&run.step.to_string())).collect(),
            prev: None,
            input_size: 0,
            output_size: size(&self.trigger),
        };
        let runs = self.runs.iter().enumerate();
        std::iter::once(trigger).chain(runs.map(|(place, run)| self.show(place, run))).collect()
    }

    /// What the one with this id was given and gave.
    pub fn data(&self, id: Uuid) -> Option<StepDataBody> {
        let (input, output) = if id == self.id(TRIGGER) {
            (Value::Null, self.trigger.clone())
        } else {
            let run = self.runs.iter().find(|run| self.id(&run.step.to_string()) == id)?;
            (run.input.clone(), output(run))
        };
        Some(StepDataBody { is_large_input: false, is_large_output: false, input, output })
    }

    fn show(&self, place: usize, run: &StepRun) -> StepExecutionBody {
        let previous = run.previous.as_ref().map(|step| self.id(&step.to_string()));
        StepExecutionBody {
            id: self.id(&run.step.to_string()),
            step_id: run.step.step.clone(),
            workflow_execution_id: self.execution.id,
            status: step_status(run.status),
            kind: format!("ACTION/{}", run.kind.to_uppercase()),
            start: run.started_at.to_rfc3339(),
            end: run.ended_at.map(Timestamp::to_rfc3339),
            next: run.next.iter().map(|step| self.id(&step.to_string())).collect(),
            prev: previous.or_else(|| (place == 0).then(|| self.id(TRIGGER))),
            input_size: size(&run.input),
            output_size: size(&output(run)),
        }
    }

    /// The id of a run: made of what names it, so that it is the same at every reading.
    fn id(&self, step: &str) -> Uuid {
        let named = [self.execution.id.uuid().as_bytes(), step.as_bytes()].concat();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&Sha256::digest(&named)[..16]);
        Builder::from_custom_bytes(bytes).into_uuid()
    }
}

/// What a run gave; of one that failed, why.
fn output(run: &StepRun) -> Value {
    match &run.error {
        Some(error) if run.output.is_null() => serde_json::json!({ "error": error }),
        _ => run.output.clone(),
    }
}

/// How long a value is as text; nothing is 0.
fn size(value: &Value) -> usize {
    if value.is_null() { 0 } else { value.to_string().len() }
}

const fn step_status(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Running | StepStatus::Retrying => "EXECUTING",
        StepStatus::Paused | StepStatus::Waiting => "DELAYED",
        StepStatus::Succeeded => "SUCCEEDED",
        StepStatus::Failed => "FAILED",
        StepStatus::Cancelled => "CANCELLED",
    }
}

/// The vendor's names of triggers.
fn trigger_kind(kind: &str) -> String {
    match kind {
        "scheduler" => "CRON".to_owned(),
        "app_event" => "EVENT".to_owned(),
        "request" => "ENDPOINT".to_owned(),
        other => other.to_uppercase(),
    }
}
