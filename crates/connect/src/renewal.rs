//! Renews a credential's tokens under a lease, so that no other process does at the same time.
//!
//! An exchange whose outcome is unknown (no answer, a broken connection, a server error) may have
//! spent the refresh token. Then, in this order: the row is read again, for somebody may have
//! stored newer tokens; the token stored now is tried once more; and if that does not say either,
//! the credential becomes suspect, which changes nothing but is shown. Only a provider that refuses
//! makes it invalid.

use std::sync::Arc;
use std::time::Duration;

use base::{Error, ErrorKind, Result, Timestamp};
use serde_json::{Value, json};
use store::app_failures;
use store::changes::{self, Kind};
use store::credentials::{self, Credential, Status};
use store::renewals::{self, Renewal};

use crate::Connect;
use crate::connected::later;
use crate::disconnect::unknown;
use crate::events::Happened;
use crate::held::{Held, State, invalid};
use crate::oauth::token::Grant;
use crate::oauth::token_answer::Granted;
use crate::outbound::fetch::BROKE_OFF;
use crate::provider::{ErrorClass, Judged, Provider, Scheme};
use crate::refresh::Landed;
use crate::secrets::{FIELD, Secrets, Tokens};

/// How long a provider may take to exchange a token.
const EXCHANGE_MAX: Duration = Duration::from_secs(90);
/// How long the lease is for one exchange: until nobody can still be storing what came of it.
const LEASE: Duration = Duration::from_secs(120);
/// How long new tokens are tried to be stored when the database is busy.
const STORING_MAX: Duration = Duration::from_secs(20);
/// The pause between two tries.
const STORING_PAUSE: Duration = Duration::from_millis(250);
/// How long a failure that is not the person's fault is answered without another try.
const FAILURE_REMEMBERED: Duration = Duration::from_secs(5);
/// An app's failure that comes and goes is told to its owner once in this time.
const APP_FAILURE_TOLD: Duration = Duration::from_secs(3600);

/// The right to renew the tokens of `row`.
struct Lease {
    row: Credential,
    fence: i64,
}

/// What an exchange has brought.
struct Exchanged {
    granted: Granted,
    tokens: Tokens,
    client_id: String,
}

impl Connect {
    /// Tokens newer than `seen`: those that somebody has stored, or else by an exchange.
    pub(crate) async fn renew(&self, held: &Arc<Held>, seen: Timestamp) -> Result<Landed> {
        let (row, secrets) = self.read_credential(held).await?;
        if row.status == Status::Invalid {
            return Err(invalid(row.status_reason.as_ref()));
        }
        if row.refreshed_at > seen {
            return stored(held, &row, &secrets);
        }
        let tokens = renewable(secrets)?;
        let Some(lease) = self.take_lease(row).await? else { return Ok(Landed::Elsewhere) };
        match self.exchange_under(held, &lease, tokens).await {
            Ok(landed) => {
                held.learned.failure.store(Arc::new(None));
                Ok(landed)
            }
            Err(judged) => Err(self.note_failure(held, &lease, judged).await),
        }
    }

    async fn take_lease(&self, row: Credential) -> Result<Option<Lease>> {
        let now = self.0.clock.now();
        if row.refresh_lease_until.is_some_and(|until| until > now) {
            return Ok(None);
        }
        let mut tx = self.0.store.begin().await?;
        let fence = renewals::begin(&mut tx, &row, now, now + LEASE).await?;
        tx.commit().await?;
        Ok(fence.map(|fence| Lease { row, fence }))
    }

    async fn exchange_under(
        &self,
        held: &Held,
        lease: &Lease,
        tokens: Tokens,
    ) -> Result<Landed, Judged> {
        let first = self.exchange(held, &lease.row, tokens).await;
        let Err(judged) = first else { return self.keep_tokens(held, lease, first?).await };
        if judged.class != ErrorClass::SignInAgain && !is_doubtful(&judged) {
            return Err(judged);
        }
        let (row, secrets) = self.read_credential(held).await.map_err(transient)?;
        if row.refreshed_at > lease.row.refreshed_at {
            return stored(held, &row, &secrets).map_err(transient);
        }
        if judged.class == ErrorClass::SignInAgain {
            return Err(judged);
        }
        tracing::warn!(credential = %row.id, error = ?judged.error, "an exchange's end is unknown");
        if !self.extend(lease).await.map_err(transient)? {
            return Ok(Landed::Elsewhere);
        }
        let tokens = renewable(secrets).map_err(transient)?;
        let second = self.exchange(held, &lease.row, tokens).await?;
        self.keep_tokens(held, lease, second).await
    }

    async fn extend(&self, lease: &Lease) -> Result<bool> {
        let mut tx = self.0.store.begin().await?;
        let until = self.0.clock.now() + LEASE;
        let kept = renewals::extend(&mut tx, &lease.row, lease.fence, until).await?;
        tx.commit().await?;
        Ok(kept)
    }

    async fn exchange(
        &self,
        held: &Held,
        row: &Credential,
        tokens: Tokens,
    ) -> Result<Exchanged, Judged> {
        let exchange = self.exchange_once(held, row, tokens);
        let ended = self.0.clock.timeout(EXCHANGE_MAX, exchange).await;
        ended.unwrap_or_else(|| Err(transient(too_slow(&held.provider.name))))
    }

    async fn exchange_once(
        &self,
        held: &Held,
        row: &Credential,
        tokens: Tokens,
    ) -> Result<Exchanged, Judged> {
        let provider = &held.provider;
        let account_type = provider.account_type(Some(&row.account_type)).map_err(transient)?;
        let grant = match (&tokens.refresh_token, account_type.scheme) {
            (_, Scheme::OauthClientCredential) => Grant::ClientCredentials,
            (Some(token), _) => Grant::Refresh(token),
            (None, _) => return Err(no_refresh_token()),
        };
        let client = self.client_of_tokens(provider, row, &tokens).await.map_err(of_app)?;
        let (of, variables) = ((row.project_id, row.integration_id), &held.variables);
        let asked = self.request_tokens_for(of, provider, &client, variables, &row.scopes, &grant);
        let granted = asked.await.map_err(|judged| of_whom(judged, &tokens, provider))?;
        Ok(Exchanged { granted, tokens, client_id: client.client_id })
    }

    /// Stores what came. The old refresh token may be spent, so a busy database is tried again.
    async fn keep_tokens(
        &self,
        held: &Held,
        lease: &Lease,
        new: Exchanged,
    ) -> Result<Landed, Judged> {
        let clock = &self.0.clock;
        let secrets = Secrets::Tokens(Tokens {
            refresh_token: new.granted.tokens.refresh_token.or(new.tokens.refresh_token),
            access_token: new.granted.tokens.access_token,
            client: new.tokens.client,
        });
        let scopes = new.granted.scopes.unwrap_or_else(|| lease.row.scopes.clone());
        let row = Credential {
            scopes,
            expires_at: new.granted.expires_at,
            refreshed_at: later(clock.now(), lease.row.refreshed_at),
            ..lease.row.clone()
        };
        let until = clock.now() + STORING_MAX;
        loop {
            match self.store_renewal(held, lease, &row, &secrets, &new.client_id).await {
                Err(error) if error.kind() == ErrorKind::Unavailable && clock.now() < until => {
                    clock.sleep_until(clock.now() + STORING_PAUSE).await;
                }
                done => return done.map_err(transient),
            }
        }
    }

    async fn store_renewal(
        &self,
        held: &Held,
        lease: &Lease,
        row: &Credential,
        secrets: &Secrets,
        client_id: &str,
    ) -> Result<Landed> {
        let mut tx = self.0.store.begin().await?;
        let key = self.0.vault.sealing_key(&mut tx, row.project_id).await?;
        let renewal = Renewal {
            scopes: row.scopes.clone(),
            secrets: key.seal(row.id.uuid(), FIELD, secrets.to_bytes().expose()),
            expires_at: row.expires_at,
            refreshed_at: row.refreshed_at,
        };
        if !renewals::finish(&mut tx, &lease.row, lease.fence, &renewal).await? {
            drop(tx);
            return self.overtaken(held, lease).await;
        }
        let told = self.0.clock.now() - APP_FAILURE_TOLD;
        app_failures::clear(&mut tx, row.project_id, row.integration_id, client_id, told).await?;
        tx.commit().await?;
        stored(held, row, secrets)
    }

    /// Somebody else has the lease now, or the account was connected again: those tokens count.
    async fn overtaken(&self, held: &Held, lease: &Lease) -> Result<Landed> {
        let (row, secrets) = self.read_credential(held).await?;
        if row.refreshed_at > lease.row.refreshed_at {
            return stored(held, &row, &secrets);
        }
        Ok(Landed::Elsewhere)
    }

    pub(crate) async fn read_credential(&self, held: &Held) -> Result<(Credential, Secrets)> {
        let vault = &self.0.vault;
        let mut conn = self.0.store.read().await?;
        let key = vault.data_key(&mut conn, held.project_id).await?;
        let row = credentials::find(&mut conn, held.project_id, held.id).await?;
        let row = row.ok_or_else(unknown)?;
        let opened = vault.open(&mut conn, &key, (row.id.uuid(), FIELD), &row.secrets).await?;
        Ok((row, Secrets::parse(&opened)?))
    }

    /// Only the person's own failures make the credential invalid.
    async fn note_failure(&self, held: &Held, lease: &Lease, judged: Judged) -> Error {
        let suspect = is_doubtful(&judged).then(|| self.0.clock.now());
        let Judged { class, error } = judged;
        tracing::warn!(credential = %held.id, ?class, ?error, "renewing tokens failed");
        if class == ErrorClass::SignInAgain {
            return self.invalidate(held, lease.row.refreshed_at, error).await;
        }
        let until = self.0.clock.now() + FAILURE_REMEMBERED;
        held.learned.failure.store(Arc::new(Some((until, error.clone()))));
        if let Err(cause) = self.give_back(lease, suspect).await {
            tracing::error!(credential = %held.id, ?cause, "a failed renewal was not noted");
        }
        error
    }

    async fn give_back(&self, lease: &Lease, suspect: Option<Timestamp>) -> Result<()> {
        let mut tx = self.0.store.begin().await?;
        renewals::fail(&mut tx, &lease.row, lease.fence, suspect).await?;
        tx.commit().await
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

    async fn mark_invalid(&self, held: &Held, seen: Timestamp, reason: &Value) -> Result<()> {
        let (project_id, now) = (held.project_id, self.0.clock.now());
        let mut tx = self.0.store.begin().await?;
        if renewals::invalidate(&mut tx, project_id, held.id, seen, reason, now).await? {
            changes::note(&mut tx, project_id, Kind::Credential, held.user_id, now).await?;
            let row = credentials::find(&mut tx, project_id, held.id).await?.ok_or_else(unknown)?;
            self.tell_of_credential(&mut tx, Happened::CredentialInvalid, &row).await?;
        }
        tx.commit().await
    }
}

fn stored(held: &Held, row: &Credential, secrets: &Secrets) -> Result<Landed> {
    State::new(row, &held.provider, secrets).map(|state| Landed::Renewed(Arc::new(state)))
}

fn renewable(secrets: Secrets) -> Result<Tokens> {
    match secrets {
        Secrets::Tokens(tokens) => Ok(tokens),
        Secrets::Fields(_) => Err(Error::internal("a typed secret cannot be renewed")),
    }
}

const fn transient(error: Error) -> Judged {
    Judged { class: ErrorClass::Transient, error }
}

const fn of_app(error: Error) -> Judged {
    Judged { class: ErrorClass::App, error }
}

/// Whether the provider may have spent the refresh token though it gave no new ones.
fn is_doubtful(judged: &Judged) -> bool {
    if judged.class != ErrorClass::Transient {
        return false;
    }
    let status = judged.error.meta().and_then(|meta| meta.pointer("/provider/status")?.as_u64());
    let unanswered = ["provider_timeout", "transfer_stalled", BROKE_OFF];
    unanswered.contains(&judged.error.code())
        || status.is_some_and(|status| status >= 500 || (200..300).contains(&status))
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

fn too_slow(provider: &str) -> Error {
    let seconds = EXCHANGE_MAX.as_secs();
    let message = format!("{provider} gave no new token within {seconds} seconds. Try again.");
    Error::new(ErrorKind::Timeout, "provider_timeout", message)
}
