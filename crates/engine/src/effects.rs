//! Performs the effects of steps: what touches something outside of the engine. A kind of effect is
//! a file; each takes a [`Job`] and answers how it ended. None of them writes to the journal.

mod action;
mod call;
mod function;
mod further_items;
pub mod integration_request;
pub mod pages;
pub mod request;

use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Random, Timestamp};
use connect::Connect;
use connectors::Catalogue;
use serde_json::Value;
use store::Store;
use store::executions::Execution;

use crate::address::Address;
use crate::definition::Plan;
use crate::guest::Pool;
use crate::journal::{LogLine, State, StepError};
use crate::mortality::Mortality;
use crate::steps::StepKind;
use pages::Pages;

/// Performs one try of a step.
pub(crate) async fn perform(world: &World, job: &Job, plan: &Plan, state: &State) -> Done {
    let Some(planned) = plan.step(&job.step.step) else { return nothing(&job.step) };
    let is_test = plan.is_test();
    let render = |page: &Value| planned.render(state, &job.step, Some(page));
    let is_last = |page: &Value| planned.holds(state, &job.step, Some(page));
    let pages = Pages { render: &render, is_last: &is_last };
    match &planned.step.kind {
        StepKind::Action(step) => action::perform(world, job, step).await,
        StepKind::IntegrationRequest(step) => {
            integration_request::perform(world, job, step, &pages, is_test).await
        }
        StepKind::Request(step) => request::perform(world, job, step, &pages, is_test).await,
        StepKind::Function(step) => function::perform(world, job, step).await,
        StepKind::FanOut(step) => {
            let source = step.pages_of.as_deref().and_then(|source| plan.step(source));
            match source {
                Some(source) => further_items::perform(world, job, source, state).await,
                None => nothing(&job.step),
            }
        }
        // These are decided, not performed.
        StepKind::Conditional(_) | StepKind::Delay(_) | StepKind::Response(_) => nothing(&job.step),
    }
}

/// The end of an effect that there cannot be.
fn nothing(step: &Address) -> Done {
    let message = format!("The step \"{step}\" has nothing to perform.");
    let error = StepError::new("nothing_to_perform", message);
    Done::Failed { error, is_passing: false, retry_after: None, log: Vec::new() }
}

/// What effects work with. Cloning is cheap.
#[derive(Clone)]
pub struct World {
    /// The database.
    pub store: Store,
    /// Other people's access, and the one door to the outside.
    pub connect: Connect,
    /// The connectors and their actions.
    pub catalogue: Arc<Catalogue>,
    /// The guests that run functions.
    pub functions: Pool,
    /// The clock.
    pub clock: Clock,
    /// The generator.
    pub random: Random,
    /// When this process dies, in a test.
    pub mortality: Mortality,
}

/// One try of one step.
#[derive(Clone, Debug)]
pub struct Job {
    /// The execution that it belongs to.
    pub execution: Arc<Execution>,
    /// Where in the execution.
    pub step: Address,
    /// The number of the try, from 1.
    pub attempt: u32,
    /// What the step is given, rendered: references stand in place of secrets.
    pub input: Value,
    /// Whether an earlier try may have taken effect although its outcome is unknown: a process died
    /// in it, or the far side did not answer.
    pub is_repeat: bool,
}

impl Job {
    /// What tells this step of this execution from every other: the same for each of its tries, so
    /// that a far side that knows such keys takes effect once.
    pub fn idempotency_key(&self) -> String {
        format!("{}/{}", self.execution.id, self.step)
    }

    /// The same in letters, digits and `.` alone, for providers that search for it.
    pub fn mark(&self) -> String {
        let mut mark = self.execution.id.uuid().simple().to_string();
        for (fan_out, index) in &self.step.items {
            mark.push_str(&format!(".{fan_out}.{index}"));
        }
        mark.push('.');
        mark.push_str(&self.step.step);
        mark
    }
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// Well.
    Finished {
        /// What the step gave.
        output: Value,
        /// What it said.
        log: Vec<LogLine>,
    },
    /// Not well.
    Failed {
        /// Why.
        error: StepError,
        /// Whether another try could end otherwise.
        is_passing: bool,
        /// How long the far side asks to wait before it.
        retry_after: Option<Duration>,
        /// What it said.
        log: Vec<LogLine>,
    },
    /// The far side takes no more calls now. That costs no try.
    Paused {
        /// Until when.
        until: Timestamp,
        /// What it said.
        error: StepError,
    },
}
