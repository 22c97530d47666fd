//! One HTTP call of a step: composed, sent, and its answer read.

use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Error, ErrorKind, Timestamp};
use connect::composed::{Answered, Content};
use connect::{Authority, ComposedRequest, Held, Keyring};
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

use super::pages::{self, Pages};
use super::{Done, Job, World};
use crate::journal::StepError;
use crate::steps::request::Pagination;

/// How long one call may take, its answer's body included.
const CALL_TIME_MAX: Duration = Duration::from_secs(15 * 60);
/// The longest wait that a far side may ask for; the step fails when it asks for more.
const WAIT_MAX: Duration = Duration::from_secs(3_600);
/// The wait for a far side that takes no more calls and does not say for how long.
const WAIT_UNSAID: Duration = Duration::from_secs(30);
/// How much of a refusal's body is told.
const EXCERPT_BYTES_MAX: usize = 4 * 1024;
/// The headers of a refusal that are told, beside those that begin with `x-ratelimit-`.
const TOLD_HEADERS: [&str; 12] = [
    "activityid",
    "content-type",
    "date",
    "location",
    "request-id",
    "retry-after",
    "www-authenticate",
    "x-correlation-id",
    "x-gangway-needs-scope",
    "x-ms-request-id",
    "x-request-id",
    "x-vss-e2eid",
];

/// The calls of one step.
pub(super) struct Call<'c> {
    pub world: &'c World,
    pub job: &'c Job,
    pub authority: Authority,
    pub keyring: Keyring,
    /// What is added to each request.
    pub prepare: &'c (dyn Fn(&mut ComposedRequest) + Sync),
}

/// Why a call gave nothing.
pub(super) struct Trouble {
    pub error: StepError,
    /// Whether another try could end otherwise.
    pub is_passing: bool,
    /// Until when the far side takes no more calls.
    pub until: Option<Timestamp>,
}

impl From<Trouble> for Done {
    fn from(trouble: Trouble) -> Self {
        let Trouble { error, is_passing, until } = trouble;
        match until {
            Some(until) => Self::Paused { until, error },
            None => Self::Failed { error, is_passing, retry_after: None, log: Vec::new() },
        }
    }
}

impl Trouble {
    /// Trouble that no further try could end.
    pub fn lasting(error: StepError) -> Self {
        Self { error, is_passing: false, until: None }
    }

    /// What an error means for the try.
    pub fn of(error: &Error, clock: &Clock) -> Self {
        let wait = match error.kind() {
            ErrorKind::RateLimited => {
                let seconds = error.meta().and_then(|meta| meta.get("retryAfterSeconds")?.as_u64());
                Some(seconds.map_or(WAIT_UNSAID, Duration::from_secs))
            }
            _ => None,
        };
        let is_passing = match error.kind() {
            ErrorKind::RateLimited
            | ErrorKind::Unavailable
            | ErrorKind::Timeout
            | ErrorKind::Internal => true,
            // It answered, and not as agreed; only a connection that broke may do better.
            ErrorKind::Provider => error.code().ends_with("broke_off"),
            ErrorKind::Invalid
            | ErrorKind::Unauthenticated
            | ErrorKind::Forbidden
            | ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::TooLarge => false,
        };
        Self::with_wait(StepError::of(error), is_passing, wait, clock)
    }

    fn with_wait(
        error: StepError,
        is_passing: bool,
        wait: Option<Duration>,
        clock: &Clock,
    ) -> Self {
        match wait.filter(|wait| !wait.is_zero()) {
            None => Self { error, is_passing, until: None },
            Some(wait) if wait > WAIT_MAX => Self::lasting(error),
            Some(wait) => Self { error, is_passing, until: Some(clock.now() + wait) },
        }
    }
}

/// The execution's account.
pub(super) async fn account(world: &World, job: &Job) -> Result<Arc<Held>, Trouble> {
    let execution = &job.execution;
    let (Some(user_id), Some(id)) = (execution.user_id, execution.credential_id) else {
        let message = "This execution has no connected account to call with: start the workflow \
                       in the name of a user who has connected one.";
        return Err(Trouble::lasting(StepError::new("no_account", message)));
    };
    let held = world.connect.account(execution.project_id, user_id, id).await;
    held.map_err(|error| Trouble::of(&error, &world.clock))
}

/// Calls once, or page by page.
pub(super) async fn perform_call(
    call: &Call<'_>,
    pagination: Option<&Pagination>,
    pages: &Pages<'_>,
    is_test: bool,
) -> Done {
    let output = match pagination {
        None => call.once(&call.job.input).await.map(|response| json!({ "response": response })),
        Some(pagination) => pages::read_all(call, pagination, pages, is_test).await,
    };
    match output {
        Ok(output) => Done::Finished { output, log: Vec::new() },
        Err(trouble) => trouble.into(),
    }
}

impl Call<'_> {
    pub fn clock(&self) -> &Clock {
        &self.world.clock
    }

    /// Sends the rendered step and gives `{"statusCode", "headers", "body"}`.
    pub async fn once(&self, input: &Value) -> Result<Value, Trouble> {
        let done = self.clock().timeout(CALL_TIME_MAX, self.answer(input)).await;
        done.unwrap_or_else(|| {
            let message = format!(
                "The call was not over after {} minutes and was broken off. Ask for less, or for \
                 pages.",
                CALL_TIME_MAX.as_secs() / 60
            );
            let error = StepError::new("call_too_long", message);
            Err(Trouble { error, is_passing: true, until: None })
        })
    }

    async fn answer(&self, input: &Value) -> Result<Value, Trouble> {
        let mut request = ComposedRequest::deserialize(input).map_err(|_| {
            let message = "The step does not render to a request: compare its fields with the \
                           reference of request steps.";
            Trouble::lasting(StepError::new("invalid_request", message))
        })?;
        (self.prepare)(&mut request);
        let connect = &self.world.connect;
        let trouble = |error: Error| Trouble::of(&error, self.clock());
        let sent = connect.send_composed(&request, &self.authority, &self.keyring).await;
        let answered = sent.map_err(trouble)?;
        if answered.status() >= 400 {
            return Err(self.refusal(answered).await);
        }
        let status = answered.status();
        // Addresses in headers, and in what a redirect says, may repeat the request's own.
        let veil = answered.veil().clone();
        let headers = veil.hide_value(&Value::Object(answered.headers()));
        let owner = (self.job.execution.project_id, self.job.execution.id);
        let body = match answered.read(connect, owner).await.map_err(trouble)? {
            Content::Nothing => Value::Null,
            Content::Json(value) => value,
            Content::Text(text) => Value::String(text),
            Content::File(file) => json!(file),
        };
        let body = if status < 300 { body } else { veil.hide_value(&body) };
        Ok(json!({ "statusCode": status, "headers": headers, "body": body }))
    }

    /// What an answer from 400 means.
    async fn refusal(&self, answered: Answered) -> Trouble {
        let status = answered.status();
        let is_passing = matches!(status, 408 | 425 | 429 | 500..);
        let wait = match status {
            429 | 503 => answered.retry_after(&self.world.connect),
            _ => None,
        };
        let (who, what) = answered.who_and_what();
        let advice = match status {
            401 | 403 => "It refuses the access: check the authorization and what it may do.",
            408 | 425 | 429 | 500.. => "The fault is there and may pass.",
            _ => "It refuses the request: check the address and the input of this step.",
        };
        let message = format!("{who} answered with {what}. {advice}");
        let headers: Map<String, Value> = answered
            .headers()
            .into_iter()
            .filter(|(name, _)| {
                TOLD_HEADERS.contains(&name.as_str()) || name.starts_with("x-ratelimit-")
            })
            .collect();
        let headers = answered.veil().hide_value(&Value::Object(headers));
        let body = answered.excerpt(EXCERPT_BYTES_MAX).await;
        let meta = json!({ "status": status, "headers": headers, "body": body });
        let error = StepError { code: "http_status".to_owned(), message, meta: Some(meta) };
        Trouble::with_wait(error, is_passing, wait, self.clock())
    }
}
