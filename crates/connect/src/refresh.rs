//! Waits for renewed tokens: one exchange for any number of callers in any number of processes,
//! and nobody sees a token before it is stored.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::{CredentialId, Error, ErrorKind, Result, Timestamp};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};

use crate::Connect;
use crate::held::{Held, State};

/// How often a caller looks whether another process has renewed the tokens.
const POLL: Duration = Duration::from_millis(50);
/// How long a caller waits for other processes: longer than one that dies keeps them waiting, and
/// an exchange after that.
const WAIT_MAX: Duration = Duration::from_secs(300);

/// How an exchange ended for those who wait.
#[derive(Clone)]
pub(crate) enum Landed {
    /// These are the tokens stored now.
    Renewed(Arc<State>),
    /// Another process renews them just now.
    Elsewhere,
}

type Flight = Shared<BoxFuture<'static, Result<Landed>>>;

/// Exchanges under way, by credential.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<CredentialId, Flight>>);

/// Ends a flight, even one that panics.
struct Landing {
    flights: Arc<Flights>,
    id: CredentialId,
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.flights.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Connect {
    /// A state with tokens newer than `seen`. An exchange, once begun, runs to its end whoever
    /// stops waiting for it: a provider may have spent the old refresh token. A caller whose token
    /// is good until `good_until` does not wait for another process.
    pub(crate) async fn renewed(
        &self,
        held: &Arc<Held>,
        seen: Timestamp,
        good_until: Option<Timestamp>,
    ) -> Result<Arc<State>> {
        let clock = &self.0.clock;
        let deadline = clock.now() + WAIT_MAX;
        loop {
            let current = held.state();
            if current.refreshed_at > seen {
                return Ok(current);
            }
            let now = clock.now();
            if let Some((until, error)) = &**held.learned.failure.load()
                && *until > now
            {
                return Err(error.clone());
            }
            if let Landed::Renewed(state) = self.flight(held, seen).await? {
                // The flight may have been begun by a caller who holds the credential as read
                // before.
                held.set_state(Arc::clone(&state));
                return Ok(state);
            }
            let now = clock.now();
            if good_until.is_some_and(|end| now < end) || now >= deadline {
                return Err(renewed_elsewhere());
            }
            clock.sleep_until(now + POLL).await;
        }
    }

    fn flight(&self, held: &Arc<Held>, seen: Timestamp) -> Flight {
        let mut flights = self.0.flights.0.lock().unwrap_or_else(PoisonError::into_inner);
        flights.entry(held.id).or_insert_with(|| self.take_off(held, seen)).clone()
    }

    fn take_off(&self, held: &Arc<Held>, seen: Timestamp) -> Flight {
        let (connect, held) = (self.clone(), Arc::clone(held));
        let exchange = tokio::spawn(async move {
            let _landing = Landing { flights: Arc::clone(&connect.0.flights), id: held.id };
            let landed = connect.renew(&held, seen).await?;
            if let Landed::Renewed(state) = &landed {
                held.set_state(Arc::clone(state));
            }
            Ok(landed)
        });
        async move { exchange.await.unwrap_or_else(|cause| Err(Error::internal(cause))) }
            .boxed()
            .shared()
    }
}

fn renewed_elsewhere() -> Error {
    let message = "Another process of Gangway is renewing the account's access and has not come \
                   to an end yet. Try again in a moment.";
    Error::new(ErrorKind::Unavailable, "renewal_under_way", message)
}
