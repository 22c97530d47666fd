//! The one door through which every call to the outside leaves. A call passes the phases in order:
//! resolve (where to), guard (may it go there), budget (not now?), attach (as whom), send, judge
//! (was that an answer?), record.

mod address;
mod attach;
pub mod body;
pub(crate) mod budget;
mod deadline;
mod dial;
pub(crate) mod fetch;
pub(crate) mod guard;
pub(crate) mod headers;
mod judge;
pub(crate) mod keep;
pub mod lane;
pub(crate) mod network;
pub(crate) mod notes;
mod opened;
mod plain;
mod proxy;
mod record;
pub(crate) mod resolve;
mod rewrite;
mod tls;

use std::sync::Arc;

use base::{Error, ErrorKind, Result};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};

pub use body::{Body, BodyError};
pub(crate) use proxy::infer;
pub use proxy::{FULL_PATH, ProxyCall};
pub use record::Counters;

use crate::Connect;
use crate::held::{Held, State};
use crate::provider::Provider;
use judge::Looks;
use keep::Kept;
use network::Pool;
use record::Call;

/// In whose name a call goes out, and so where it may go.
#[derive(Clone, Debug)]
pub enum Authority {
    /// With an account's token, to its provider's hosts only.
    Credential(Arc<Held>),
    /// With nothing of ours, to public addresses and those the operator allows.
    None,
}

impl Connect {
    /// Sends a request and answers as the far side answered.
    pub async fn send(
        &self,
        request: Request<Body>,
        authority: Authority,
    ) -> Result<Response<Body>> {
        let mut result = match &authority {
            Authority::Credential(held) => self.send_as(held, request, None).await,
            Authority::None => match guard::require_plain(request.uri()) {
                Ok(()) => self.0.network.send(self.0.network.world(), request).await,
                Err(error) => Err(error),
            },
        };
        if let Ok(answer) = &mut result {
            headers::keep_for_caller(answer.headers_mut());
        }
        self.0.counters.count(&result);
        result
    }

    /// How calls ended since this process began.
    pub fn counters(&self) -> &Counters {
        &self.0.counters
    }

    /// Sends in the name of an account, and notes how it ended: under the address `shown` where its
    /// own holds a secret.
    async fn send_as(
        &self,
        held: &Arc<Held>,
        request: Request<Body>,
        shown: Option<&Uri>,
    ) -> Result<Response<Body>> {
        let (clock, random) = (&self.0.clock, &self.0.random);
        let began = clock.now();
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let mut result = self.attempt(held, request).await;
        if let Ok(answer) = &mut result {
            name_missing_scope(held, &method, &uri, answer);
        }
        let call = Call { held, method: &method, uri: Some(shown.unwrap_or(&uri)), began };
        call.record(&self.0.notes, (clock, random), result.as_ref());
        result
    }

    async fn attempt(&self, held: &Arc<Held>, request: Request<Body>) -> Result<Response<Body>> {
        let (clock, limits) = (&self.0.clock, &self.0.network.limits);
        guard::require(&held.provider, &held.variables, request.uri())?;
        let pool = self.0.network.pool(&held.provider, &held.profile)?;
        let began = clock.now();
        self.keep_to_budget(held, began).await?;
        let mut state = self.fresh(held).await?;
        let (mut head, body) = request.into_parts();
        guard::complete(&held.provider, &mut head.headers);
        let bytes_max = limits.retry_body_bytes_max;
        let mut kept = Kept::read(body, bytes_max, clock, limits.idle_timeout).await?;
        let mut answer = match self.send_once(pool, &head, &state, kept.first()).await {
            // An idle connection that the far side closed while this call was put on it.
            Err(error) if error.code() == deadline::BROKE_OFF && head.method.is_safe() => {
                let body = kept.again().ok_or(error)?;
                self.send_once(pool, &head, &state, body).await?
            }
            sent => sent?,
        };
        if answer.status() == StatusCode::UNAUTHORIZED
            && let Some(newer) = self.after_refusal(held, &state).await?
        {
            state = newer;
            let body = kept.again().ok_or_else(|| send_again(&held.provider))?;
            answer = self.send_once(pool, &head, &state, body).await?;
        }
        self.note_wait(held, answer.status(), answer.headers());
        if self.can_wait(held, began, &answer)
            && let Some(body) = kept.again()
        {
            drop(answer);
            self.keep_to_budget(held, began).await?;
            state = self.fresh(held).await?;
            answer = self.send_once(pool, &head, &state, body).await?;
            self.note_wait(held, answer.status(), answer.headers());
        }
        match judge::look(&held.provider.proxy, &head.headers, &answer) {
            Looks::Fine => Ok(answer),
            looks => self.judge(held, &state, &head, looks, answer).await,
        }
    }

    async fn send_once(
        &self,
        pool: &Pool,
        head: &Parts,
        state: &State,
        body: Body,
    ) -> Result<Response<Body>> {
        let mut request = Request::new(body);
        *request.method_mut() = head.method.clone();
        *request.headers_mut() = head.headers.clone();
        let mut uri = head.uri.clone();
        state.authorization.attach(&mut uri, request.headers_mut())?;
        *request.uri_mut() = uri;
        self.0.network.send(pool, request).await
    }
}

/// Says on a refusal which permission the account lacks for the call, where the provider's own
/// description tells.
fn name_missing_scope(held: &Held, method: &Method, uri: &Uri, answer: &mut Response<Body>) {
    if !matches!(answer.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        return;
    }
    let missing = held.provider.missing_scope(method, uri.path(), &held.scopes);
    if let Some(value) = missing.and_then(|scope| HeaderValue::from_str(&scope).ok()) {
        answer.headers_mut().insert(record::NEEDS_SCOPE_HEADER, value);
    }
}

fn send_again(provider: &Provider) -> Error {
    let message = format!(
        "{} no longer took the account's token, which is renewed now; the body of this call was \
         too large to be kept. Send the call again.",
        provider.name
    );
    Error::new(ErrorKind::Unavailable, "send_again", message)
}
