//! Performs action steps: a typed operation of the connector, in the name of the account.

use base::{Clock, Error, ErrorKind};
use connectors::{ActionContext, Effect};
use serde_json::Value;

use super::call::{Trouble, account};
use super::{Done, Job, World, further_items};
use crate::journal::StepError;
use crate::steps::action::Action;

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
        return Trouble::lasting(StepError::new("not_paged", message)).into();
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
        return Err(Trouble::lasting(StepError::new("unknown_action", message)).into());
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

/// How an error ends the try. Other than in a request, which has the provider's answer to judge, what
/// the provider did wrong may be right the next time.
fn failed(error: &Error, clock: &Clock) -> Done {
    let mut trouble = Trouble::of(error, clock);
    trouble.is_passing |= error.kind() == ErrorKind::Provider;
    trouble.into()
}
