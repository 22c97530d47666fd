//! Performs steps that call the connector's API.

use connect::{Authority, Keyring};

use super::call::{Call, account, perform_call};
use super::pages::Pages;
use super::{Done, Job, World};
use crate::steps::integration_request::IntegrationRequest;

/// Calls in the name of the execution's account, and reads further pages where the step says how.
pub async fn perform(
    world: &World,
    job: &Job,
    step: &IntegrationRequest,
    pages: &Pages<'_>,
    is_test: bool,
) -> Done {
    let held = match account(world, job).await {
        Ok(held) => held,
        Err(trouble) => return trouble.into(),
    };
    let keyring = Keyring { project_id: job.execution.project_id, account: Some(held.clone()) };
    let authority = Authority::Credential(held);
    let call = Call { world, job, authority, keyring, prepare: &|_| {} };
    perform_call(&call, step.pagination.as_ref(), pages, is_test).await
}
