//! Performs function steps: JavaScript in a guest process.

use std::sync::Arc;

use super::{Done, Job, World};
use crate::guest::{Call, FunctionError};
use crate::journal::StepError;
use crate::steps::function::Function;

/// Calls the function.
pub(super) async fn perform(world: &World, job: &Job, step: &Function) -> Done {
    let source: Arc<str> = step.source.as_str().into();
    let call = Call { source, parameters: job.input.clone() };
    match world.functions.call(job.execution.project_id, call).await {
        Ok(returned) => Done::Finished { output: returned.output, log: returned.log },
        Err(error) => failed(error),
    }
}

fn failed(error: FunctionError) -> Done {
    let meta = error.stack.map(|stack| serde_json::json!({ "stack": stack }));
    Done::Failed {
        is_passing: error.kind.may_pass(),
        error: StepError { code: error.kind.code().to_owned(), message: error.message, meta },
        retry_after: None,
        log: error.log,
    }
}
