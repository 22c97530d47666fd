//! Finds the authorization a call goes out with, renewed if its end is near.

use std::sync::Arc;
use std::time::Duration;

use base::{Result, Timestamp};

use crate::Connect;
use crate::held::{Held, State};

/// Tokens younger than this are not renewed because of a 401: it is not their age.
const YOUNG: Duration = Duration::from_secs(60);

impl Connect {
    /// The state to call with.
    pub(crate) async fn fresh(&self, held: &Arc<Held>) -> Result<Arc<State>> {
        let state = held.state();
        if let Some(error) = &state.invalid {
            return Err(error.clone());
        }
        let (now, Some(end)) = (self.0.clock.now(), state.expires_at) else { return Ok(state) };
        if now + margin(held) < end {
            return Ok(state);
        }
        if !state.can_renew && now < end {
            return Ok(state);
        }
        match self.renewed(held, state.refreshed_at, state.expires_at).await {
            // Good for a while yet: a provider that is busy must not stop the call.
            Err(_) if now < end => Ok(state),
            renewed => renewed,
        }
    }

    /// A newer state than the one the provider refused; none when renewing would not help.
    pub(crate) async fn after_refusal(
        &self,
        held: &Arc<Held>,
        refused: &State,
    ) -> Result<Option<Arc<State>>> {
        let young = self.0.clock.now() < refused.refreshed_at + YOUNG;
        let newer = held.state().refreshed_at > refused.refreshed_at;
        if !refused.can_renew || (young && !newer) {
            return Ok(None);
        }
        self.renewed(held, refused.refreshed_at, None).await.map(Some)
    }
}

/// How long before its end a token is renewed. A token that lives shorter than that is used for
/// half its life.
fn margin(held: &Held) -> Duration {
    let state = held.state();
    let wanted = held.provider.oauth.as_ref().map_or(0, |o| o.refresh.before_expiry_seconds);
    let life = state.expires_at.unwrap_or(Timestamp(i64::MAX)).since(state.refreshed_at);
    Duration::from_secs(wanted).min(life / 2)
}
