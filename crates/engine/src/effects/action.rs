//! Performs action steps: a typed operation of the connector, in the name of the account.

use std::time::Duration;

use base::{Clock, Error, ErrorKind};
use connectors::{ActionContext, Effect};
use serde_json::Value;

use super::call::account;
use super::{Done, Job, World, further_items};
use crate::journal::StepError;
use crate::steps::action::Action;

/// The longest wait that a provider may ask for; the step fails when it asks for more.
const WAIT_MAX: Duration = Duration::from_secs(3_600);
/// The wait for a provider that takes no more calls and does not say for how long.
const WAIT_UNSAID: Duration = Duration::from_secs(30);

/// Does what the action is for. After an unknown outcome, what an earlier try has done is looked
/// for first, where the action can tell.
pub(super) async fn perform(world: &World, job: &Job, step: &Action) -> Done {
    match prepare(world, job, step).await {
        Ok((context, action)) => done(world, job, &context, action, &job.input).await,
        Err(done) => done,
    }
}

/// Does an action that only reads, for a further page of its answer.
pub(super) async fn perform_page(
    world: &World,
    job: &Job,
    step: &Action,
    mut input: Value,
) -> Done {
    let (context, action) = match prepare(world, job, step).await {
        Ok(prepared) => prepared,
        Err(done) => return done,
    };
    let Some(pages) = &action.pages else {
        let message = format!("{} does not answer page by page.", action.title);
        return lasting(StepError::new("not_paged", message));
    };
    input[pages.cursor] = job.input["cursor"].clone();
    match done(world, job, &context, action, &input).await {
        Done::Finished { output, log } => {
            Done::Finished { output: further_items::page(&output, pages), log }
        }
        other => other,
    }
}

/// The account and the action.
async fn prepare<'w>(
    world: &'w World,
    job: &Job,
    step: &Action,
) -> Result<(ActionContext, &'w connectors::Action), Done> {
    let held = account(world, job).await.map_err(Done::from)?;
    let connector = world.catalogue.get(&held.provider.slug);
    let Some(action) = connector.and_then(|connector| connector.action(&step.action)) else {
        let message = format!("{} has no action \"{}\".", held.provider.name, step.action);
        return Err(lasting(StepError::new("unknown_action", message)));
    };
    let effect = Effect { mark: job.mark(), began_at: job.execution.created_at };
    Ok((ActionContext::new(world.connect.clone(), held).for_effect(effect), action))
}

async fn done(
    world: &World,
    job: &Job,
    context: &ActionContext,
    action: &connectors::Action,
    input: &Value,
) -> Done {
    if job.is_repeat {
        match action.find_mark(context, input).await {
            Ok(Some(output)) => return Done::Finished { output, log: Vec::new() },
            Ok(None) => {}
            Err(error) => return failed(&error, &world.clock),
        }
    }
    match action.perform(context, input).await {
        Ok(output) => Done::Finished { output, log: Vec::new() },
        Err(error) => failed(&error, &world.clock),
    }
}

/// How an error ends the try. What the provider or the network may do otherwise next time is worth
/// another one; what is wrong with the input or the account is not.
fn failed(error: &Error, clock: &Clock) -> Done {
    let told = StepError::of(error);
    match error.kind() {
        ErrorKind::RateLimited => {
            let seconds = error.meta().and_then(|meta| meta.get("retryAfterSeconds"));
            let wait = seconds.and_then(Value::as_u64).map_or(WAIT_UNSAID, Duration::from_secs);
            if wait > WAIT_MAX {
                return lasting(told);
            }
            Done::Paused { until: clock.now() + wait, error: told }
        }
        ErrorKind::Provider | ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Internal => {
            Done::Failed { error: told, is_passing: true, retry_after: None, log: Vec::new() }
        }
        ErrorKind::Invalid
        | ErrorKind::Unauthenticated
        | ErrorKind::Forbidden
        | ErrorKind::NotFound
        | ErrorKind::Conflict
        | ErrorKind::TooLarge => lasting(told),
    }
}

fn lasting(error: StepError) -> Done {
    Done::Failed { error, is_passing: false, retry_after: None, log: Vec::new() }
}
