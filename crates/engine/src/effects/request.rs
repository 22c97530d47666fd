//! Performs steps that call somebody else.

use connect::{Authority, ComposedRequest, Keyring};
use serde_json::Value;

use super::call::{Call, perform_call};
use super::pages::Pages;
use super::{Done, Job, World};
use crate::steps::request::Request;

/// The header by which a far side that knows it takes effect once.
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Calls, and reads further pages where the step says how. Redirects are not followed.
pub async fn perform(
    world: &World,
    job: &Job,
    step: &Request,
    pages: &Pages<'_>,
    is_test: bool,
) -> Done {
    let account = match connect::composed::names_token(&job.input) {
        true => match super::call::account(world, job).await {
            Ok(account) => Some(account),
            Err(trouble) => return trouble.into(),
        },
        false => None,
    };
    let call = Call {
        world,
        job,
        authority: Authority::None,
        keyring: Keyring { project_id: job.execution.project_id, account },
        prepare: &|request: &mut ComposedRequest| {
            if !step.method.is_idempotent() {
                add_idempotency_key(request, job);
            }
        },
    };
    perform_call(&call, step.pagination.as_ref(), pages, is_test).await
}

/// Adds the key of the step, unless the step has set its own.
fn add_idempotency_key(request: &mut ComposedRequest, job: &Job) {
    let is_set = request.headers.keys().any(|name| name.eq_ignore_ascii_case(IDEMPOTENCY_KEY));
    if !is_set {
        let key = Value::String(job.idempotency_key());
        request.headers.insert(IDEMPOTENCY_KEY.to_owned(), key);
    }
}
