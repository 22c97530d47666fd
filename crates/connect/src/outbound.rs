//! The one door through which every call to the outside leaves. A call passes the phases in order:
//! resolve (where to), guard (may it go there), budget (not now?), attach (as whom), send, judge
//! (was that an answer?), record.

mod address;
mod attach;
pub mod body;
mod budget;
mod deadline;
mod dial;
pub(crate) mod fetch;
mod guard;
mod headers;
mod judge;
mod keep;
pub(crate) mod network;
mod opened;
mod proxy;
mod record;
mod resolve;
mod tls;

use std::sync::Arc;

use base::{Error, ErrorKind, Result};
use http::request::Parts;
use http::{Request, Response, StatusCode};

pub use body::{Body, BodyError};
pub use proxy::ProxyCall;
pub use record::Counters;

use crate::Connect;
use crate::held::{Held, State};
use crate::provider::Provider;
use judge::Looks;
use keep::Kept;
use network::Pool;

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
        let began = self.0.clock.now();
        let host = request.uri().host().unwrap_or_default().to_owned();
        let mut result = match &authority {
            Authority::Credential(held) => self.send_as(held, request).await,
            Authority::None => match guard::require_plain(request.uri()) {
                Ok(()) => self.0.network.send(self.0.network.world(), request).await,
                Err(error) => Err(error),
            },
        };
        if let Ok(answer) = &mut result {
            headers::keep_for_caller(answer.headers_mut());
        }
        self.0.counters.record(&host, self.0.clock.now().since(began), &result);
        result
    }

    /// How calls ended since this process began.
    pub fn counters(&self) -> &Counters {
        &self.0.counters
    }

    async fn send_as(&self, held: &Arc<Held>, request: Request<Body>) -> Result<Response<Body>> {
        let (clock, limits) = (&self.0.clock, &self.0.network.limits);
        guard::require(&held.provider, &held.variables, request.uri())?;
        let pool = self.0.network.pool(&held.provider, &held.profile)?;
        budget::require(held, clock.now())?;
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
        budget::note(held, answer.headers(), clock.now());
        match judge::look(&held.provider.proxy, &head.headers, &answer) {
            Looks::Fine => Ok(answer),
            looks => self.judge(held, &state, looks, answer).await,
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

fn send_again(provider: &Provider) -> Error {
    let message = format!(
        "{} no longer took the account's token, which is renewed now; the body of this call was \
         too large to be kept. Send the call again.",
        provider.name
    );
    Error::new(ErrorKind::Unavailable, "send_again", message)
}
