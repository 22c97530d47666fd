//! Reads the next page of the items that a fan out works on.

use serde_json::{Value, json};

use super::{Done, Job, World, action};
use crate::definition::PlannedStep;
use crate::journal::{State, StepError};
use crate::steps::StepKind;
use crate::steps::fan_out::PAGED_ITEMS_MAX;

/// Does the action of the step `source` again, for the page that the job's cursor names. What it
/// gives is `{"items", "next"}`.
pub(super) async fn perform(world: &World, job: &Job, source: &PlannedStep, state: &State) -> Done {
    let StepKind::Action(step) = &source.step.kind else {
        return lasting("not_paged", "Only an action gives its items page by page.");
    };
    let worked_on = state.fan_outs.get(&job.step).map_or(0, |fan_out| fan_out.items.len());
    if worked_on >= PAGED_ITEMS_MAX {
        let message = format!("There are more than {PAGED_ITEMS_MAX} items: ask for fewer.");
        return lasting("too_many_items", message);
    }
    let rendered = source.render(state, &job.step.beside(&*source.key), None);
    let input = match rendered {
        Ok(input) => input,
        Err(error) => {
            return Done::Failed { error, is_passing: false, retry_after: None, log: Vec::new() };
        }
    };
    action::perform_page(world, job, step, input).await
}

fn lasting(code: &str, message: impl Into<String>) -> Done {
    let error = StepError::new(code, message);
    Done::Failed { error, is_passing: false, retry_after: None, log: Vec::new() }
}

/// The page of an action's answer, by the names that the action gives its parts.
pub(super) fn page(output: &Value, pages: &connectors::Pages) -> Value {
    json!({ "items": output[pages.items], "next": output[pages.next] })
}
