//! Renews tokens: one exchange for any number of callers, and nobody sees a token before it is
//! stored.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::{CredentialId, Error, ErrorKind, ProjectId, Result, Timestamp};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use serde_json::{Value, json};
use store::changes::{self, Kind};
use store::credentials::{self, Credential, Renewal, Status};

use crate::Connect;
use crate::connected::later;
use crate::disconnect::unknown;
use crate::held::{Held, State, invalid};
use crate::oauth::token::Grant;
use crate::provider::{ErrorClass, Judged, Provider, Scheme};
use crate::secrets::{FIELD, Secrets, Tokens};

/// How long a failure that is not the person's fault is answered without another try.
const FAILURE_REMEMBERED: Duration = Duration::from_secs(5);

type Flight = Shared<BoxFuture<'static, Result<Arc<State>>>>;

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
    /// stops waiting for it: a provider may have spent the old refresh token.
    pub(crate) async fn renewed(&self, held: &Arc<Held>, seen: Timestamp) -> Result<Arc<State>> {
        let current = held.state();
        if current.refreshed_at > seen {
            return Ok(current);
        }
        if let Some((until, error)) = &**held.learned.failure.load()
            && *until > self.0.clock.now()
        {
            return Err(error.clone());
        }
        let flight = {
            let mut flights = self.0.flights.0.lock().unwrap_or_else(PoisonError::into_inner);
            flights.entry(held.id).or_insert_with(|| self.take_off(held, seen)).clone()
        };
        let state = flight.await?;
        // The flight may have been begun by a caller who holds the credential as read before.
        held.set_state(Arc::clone(&state));
        Ok(state)
    }

    fn take_off(&self, held: &Arc<Held>, seen: Timestamp) -> Flight {
        let (connect, held) = (self.clone(), Arc::clone(held));
        let exchange = tokio::spawn(async move {
            let _landing = Landing { flights: Arc::clone(&connect.0.flights), id: held.id };
            let state = connect.renew(&held, seen).await?;
            held.set_state(Arc::clone(&state));
            Ok(state)
        });
        async move { exchange.await.unwrap_or_else(|cause| Err(Error::internal(cause))) }
            .boxed()
            .shared()
    }

    async fn renew(&self, held: &Arc<Held>, seen: Timestamp) -> Result<Arc<State>> {
        let (row, secrets) = self.read_credential(held).await?;
        if row.status == Status::Invalid {
            return Err(invalid(row.status_reason.as_ref()));
        }
        if row.refreshed_at > seen {
            // Another process was faster.
            return State::new(&row, &held.provider, &secrets).map(Arc::new);
        }
        let Secrets::Tokens(tokens) = secrets else {
            return Err(Error::internal("a typed secret cannot be renewed"));
        };
        match self.exchange(held, &row, &tokens).await {
            Ok(state) => {
                held.learned.failure.store(Arc::new(None));
                Ok(state)
            }
            Err(judged) => Err(self.note_failure(held, &row, judged).await),
        }
    }

    async fn exchange(
        &self,
        held: &Held,
        row: &Credential,
        tokens: &Tokens,
    ) -> Result<Arc<State>, Judged> {
        let ours = |error| Judged { class: ErrorClass::Transient, error };
        let provider = &held.provider;
        let account_type = provider.account_type(Some(&row.account_type)).map_err(ours)?;
        let grant = match (&tokens.refresh_token, account_type.scheme) {
            (_, Scheme::OauthClientCredential) => Grant::ClientCredentials,
            (Some(token), _) => Grant::Refresh(token),
            (None, _) => return Err(no_refresh_token()),
        };
        let client = self
            .client_of_tokens(provider, row, tokens)
            .await
            .map_err(|error| Judged { class: ErrorClass::App, error })?;
        let asked = self.request_tokens(provider, &client, &held.variables, &row.scopes, grant);
        let granted = asked.await.map_err(|judged| of_whom(judged, tokens, provider))?;
        let secrets = Secrets::Tokens(Tokens {
            refresh_token: granted.tokens.refresh_token.or_else(|| tokens.refresh_token.clone()),
            access_token: granted.tokens.access_token,
            client: tokens.client.clone(),
        });
        let scopes = granted.scopes.unwrap_or_else(|| row.scopes.clone());
        self.store_renewal(held, row, &secrets, granted.expires_at, scopes).await.map_err(ours)
    }

    async fn store_renewal(
        &self,
        held: &Held,
        row: &Credential,
        secrets: &Secrets,
        expires_at: Option<Timestamp>,
        scopes: Vec<String>,
    ) -> Result<Arc<State>> {
        let mut tx = self.0.store.begin().await?;
        let key = self.0.vault.data_key(&mut tx, row.project_id).await?;
        let renewal = Renewal {
            scopes,
            secrets: key.seal(row.id.uuid(), FIELD, secrets.to_bytes().expose()),
            expires_at,
            refreshed_at: later(self.0.clock.now(), row.refreshed_at),
        };
        if !credentials::renew(&mut tx, row, &renewal).await? {
            drop(tx);
            // Connected again meanwhile: those tokens are the newer ones.
            let (row, secrets) = self.read_credential(held).await?;
            return State::new(&row, &held.provider, &secrets).map(Arc::new);
        }
        tx.commit().await?;
        let row = Credential {
            expires_at: renewal.expires_at,
            refreshed_at: renewal.refreshed_at,
            ..row.clone()
        };
        State::new(&row, &held.provider, secrets).map(Arc::new)
    }

    async fn read_credential(&self, held: &Held) -> Result<(Credential, Secrets)> {
        let mut conn = self.0.store.read().await?;
        let row = credentials::find(&mut conn, held.project_id, held.id).await?;
        let row = row.ok_or_else(unknown)?;
        let key = self.0.vault.data_key(&mut conn, held.project_id).await?;
        let secrets = Secrets::parse(&key.open(row.id.uuid(), FIELD, &row.secrets)?)?;
        Ok((row, secrets))
    }

    /// Only the person's own failures make the credential invalid.
    async fn note_failure(&self, held: &Held, row: &Credential, judged: Judged) -> Error {
        let Judged { class, error } = judged;
        tracing::warn!(credential = %row.id, ?class, ?error, "renewing tokens failed");
        if class == ErrorClass::SignInAgain {
            return self.invalidate(held, row.refreshed_at, error).await;
        }
        let until = self.0.clock.now() + FAILURE_REMEMBERED;
        held.learned.failure.store(Arc::new(Some((until, error.clone()))));
        if let Err(cause) = self.count_failure(row.project_id, row.id).await {
            tracing::error!(credential = %row.id, ?cause, "a failed renewal was not counted");
        }
        error
    }

    /// Marks a credential invalid, if its tokens are still those that failed.
    pub(crate) async fn invalidate(&self, held: &Held, seen: Timestamp, error: Error) -> Error {
        let reason = json!({ "code": error.code(), "message": error.message() });
        if let Err(cause) = self.mark_invalid(held, seen, &reason).await {
            tracing::error!(credential = %held.id, ?cause, "a credential was not marked invalid");
        }
        self.forget_user(held.project_id, held.user_id);
        let known = invalid(Some(&reason));
        error.meta().cloned().map_or_else(|| known.clone(), |meta| known.clone().with_meta(meta))
    }

    async fn count_failure(&self, project_id: ProjectId, id: CredentialId) -> Result<()> {
        let mut tx = self.0.store.begin().await?;
        credentials::count_refresh_failure(&mut tx, project_id, id).await?;
        tx.commit().await
    }

    async fn mark_invalid(&self, held: &Held, seen: Timestamp, reason: &Value) -> Result<()> {
        let (project_id, now) = (held.project_id, self.0.clock.now());
        let mut tx = self.0.store.begin().await?;
        if credentials::invalidate(&mut tx, project_id, held.id, seen, reason, now).await? {
            changes::note(&mut tx, project_id, Kind::Credential, held.user_id, now).await?;
        }
        tx.commit().await
    }
}

/// A failure of an app that the person brought is theirs to mend.
fn of_whom(judged: Judged, tokens: &Tokens, provider: &Provider) -> Judged {
    if judged.class != ErrorClass::App || tokens.client.is_none() {
        return judged;
    }
    let message = format!(
        "{} no longer accepts the client id and secret this account was connected with. Connect \
         it again with those that are good now.",
        provider.name
    );
    let error = Error::new(ErrorKind::Unauthenticated, "own_app_refused", message);
    Judged { class: ErrorClass::SignInAgain, error }
}

fn no_refresh_token() -> Judged {
    let message = "The account's access has ended and cannot be renewed. Connect it again.";
    let error = Error::new(ErrorKind::Unauthenticated, "sign_in_again", message);
    Judged { class: ErrorClass::SignInAgain, error }
}
