//! The person comes back from the provider.

use base::{Error, ErrorKind, Result};
use store::oauth_attempts::{self, Attempt, Phase};
use store::oauth_nonces::Nonce;

use super::attempt::{Asked, BEGUN, Begun, SIGNED_IN, SignedIn};
use super::begin::fill_path;
use super::outcome::fail_unknown;
use super::token::Grant;
use super::{Callback, CallbackQuery, admin_consent};
use crate::provider::{Judged, Provider, Told};
use crate::registrations::Client;
use crate::{Connect, hash_token};

impl Connect {
    /// Handles the redirect from the provider. It never answers twice for one state.
    pub async fn finish_oauth(&self, query: CallbackQuery, cookie: Option<&str>) -> Callback {
        if let Some(answer) = admin_consent::answer(&query) {
            return answer;
        }
        let (attempt, nonce) = match self.attempt_of(&query, cookie).await {
            Ok(found) => found,
            Err(error) => return fail_unknown(error),
        };
        if attempt.expires_at <= self.0.clock.now() {
            return self.fail(attempt, Phase::Started, expired()).await;
        }
        match self.take(attempt).await {
            Ok(attempt) => self.go_on(attempt, nonce, query).await,
            Err(error) => fail_unknown(error),
        }
    }

    /// The attempt this callback belongs to, and the nonce of the browser it came from.
    async fn attempt_of(
        &self,
        query: &CallbackQuery,
        cookie: Option<&str>,
    ) -> Result<(Attempt, Nonce)> {
        let state = query.state.as_deref().unwrap_or_default();
        let mut conn = self.0.store.read().await?;
        let found = oauth_attempts::find_by_state(&mut conn, &hash_token(state)).await?;
        drop(conn);
        let attempt = found.ok_or_else(expired)?;
        let nonce = self.require_browser(&attempt, cookie).await?;
        Ok((attempt, nonce))
    }

    /// From here on the callback cannot come again.
    async fn take(&self, mut attempt: Attempt) -> Result<Attempt> {
        attempt.phase = Phase::Exchanging;
        if self.advance(&attempt, Phase::Started).await? { Ok(attempt) } else { Err(repeated()) }
    }

    async fn go_on(&self, attempt: Attempt, nonce: Nonce, query: CallbackQuery) -> Callback {
        match self.sign_in(&attempt, query).await {
            Ok(signed_in) => self.settle(attempt, &nonce, signed_in).await,
            Err(error) if error.code() == "admin_consent_required" => {
                self.need_admin(attempt, error).await
            }
            Err(error) => self.fail(attempt, Phase::Exchanging, error).await,
        }
    }

    /// Exchanges the code and asks who signed in.
    async fn sign_in(&self, attempt: &Attempt, query: CallbackQuery) -> Result<SignedIn> {
        let asked = Asked::of(attempt)?;
        let provider =
            self.provider_of_integration(attempt.project_id, attempt.integration_id).await?;
        self.require_issuer(&provider, &asked, query.iss.as_deref())?;
        if let Some(error) = query.error {
            return Err(told(&provider, error, query.error_description.unwrap_or_default()).error);
        }
        let code = query.code.ok_or_else(without_code)?;
        let (client, begun) = self.client_of_attempt(attempt, &provider, &asked).await?;
        let grant = Grant::Code {
            code: &code,
            redirect_uri: &asked.redirect_uri,
            verifier: &begun.verifier,
        };
        let integration = (attempt.project_id, attempt.integration_id);
        let parameters = &asked.parameters;
        let mut granted = self
            .request_tokens_for(integration, &provider, &client, parameters, &asked.scopes, &grant)
            .await
            .map_err(|judged| judged.error)?;
        granted.tokens.client = begun.client;
        self.discover(&provider, &asked, granted).await
    }

    /// The app that an attempt signs in with, and what was sealed when it began.
    pub(crate) async fn client_of_attempt(
        &self,
        attempt: &Attempt,
        provider: &Provider,
        asked: &Asked,
    ) -> Result<(Client, Begun)> {
        let mut conn = self.0.store.read().await?;
        let key = self.0.vault.data_key(&mut conn, attempt.project_id).await?;
        let place = (attempt.id.uuid(), BEGUN);
        let opened = self.0.vault.open(&mut conn, &key, place, &attempt.secrets).await?;
        drop(conn);
        let begun = Begun::parse(&opened)?;
        let client = match &begun.client {
            Some(own) => Client::brought(own, &asked.profile),
            None => {
                let registration = attempt.app_registration_id;
                let (project_id, slug) = (attempt.project_id, &provider.slug);
                self.client_of_credential(project_id, slug, registration, &asked.profile).await?
            }
        };
        Ok((client, begun))
    }

    /// Connects the one account there is, or lets the person choose or name one.
    async fn settle(&self, mut attempt: Attempt, nonce: &Nonce, signed_in: SignedIn) -> Callback {
        let provider =
            match self.provider_of_integration(attempt.project_id, attempt.integration_id).await {
                Ok(provider) => provider,
                Err(error) => return self.fail(attempt, Phase::Exchanging, error).await,
            };
        let kind = provider.account.as_ref();
        let known = kind.and_then(|kind| signed_in.variables.get(&kind.variable)).cloned();
        let is_one = kind.is_none() || known.is_some() || signed_in.accounts.len() == 1;
        if is_one {
            let account = known.or_else(|| signed_in.accounts.first().cloned());
            return self
                .finish(attempt, Phase::Exchanging, &provider, nonce, signed_in, account)
                .await;
        }
        if signed_in.accounts.is_empty() && kind.is_some_and(|kind| kind.listed_only) {
            return self.fail(attempt, Phase::Exchanging, without_account(&provider)).await;
        }
        let token = self.0.random.token();
        match self.let_choose(&mut attempt, &token, &signed_in).await {
            Ok(()) => self.offer(&provider, &attempt, token, signed_in.accounts, None),
            Err(error) => self.fail(attempt, Phase::Exchanging, error).await,
        }
    }

    async fn let_choose(
        &self,
        attempt: &mut Attempt,
        token: &str,
        signed_in: &SignedIn,
    ) -> Result<()> {
        let mut tx = self.0.store.begin().await?;
        let key = self.0.vault.sealing_key(&mut tx, attempt.project_id).await?;
        let sealed = key.seal(attempt.id.uuid(), SIGNED_IN, signed_in.to_bytes().expose());
        let mut choosing = attempt.clone();
        choosing.phase = Phase::Choosing;
        choosing.secrets = sealed;
        choosing.handle_hash = Some(hash_token(token));
        if !oauth_attempts::advance(&mut tx, &choosing, Phase::Exchanging).await? {
            return Err(repeated());
        }
        tx.commit().await?;
        *attempt = choosing;
        Ok(())
    }

    /// RFC 9207: a callback that names its issuer must name the one we asked.
    fn require_issuer(&self, provider: &Provider, asked: &Asked, iss: Option<&str>) -> Result<()> {
        let (Some(iss), Some(path)) = (iss, &provider.oauth()?.issuer_path) else { return Ok(()) };
        let fill = |origin: &str| fill_path(origin, asked);
        let browser = fill(&self.browser_origin(provider, &asked.profile)?)?;
        let token = fill(&provider.profile(&asked.profile)?.token_origin)?;
        let matches = [browser.as_str(), token.as_str()].iter().any(|origin| {
            iss.strip_prefix(origin).is_some_and(|rest| {
                let mut expected = path.split('/');
                let mut given = rest.trim_end_matches('/').split('/');
                loop {
                    match (expected.next(), given.next()) {
                        (None, None) => return true,
                        (Some("*"), Some(segment)) if !segment.is_empty() => {}
                        (Some(one), Some(other)) if one == other => {}
                        _ => return false,
                    }
                }
            })
        });
        if matches { Ok(()) } else { Err(other_issuer()) }
    }
}

fn told(provider: &Provider, error: String, description: String) -> Judged {
    let codes = provider.errors.codes_in(&description);
    provider.errors.judge(&provider.name, &Told { status: 0, error, description, codes })
}

pub(crate) fn expired() -> Error {
    Error::new(
        ErrorKind::Invalid,
        "attempt_expired",
        "This sign-in took too long, or was finished before. Close this window and connect again.",
    )
}

pub(crate) fn repeated() -> Error {
    Error::new(
        ErrorKind::Conflict,
        "attempt_finished",
        "This sign-in was finished before. Close this window and connect again.",
    )
}

fn without_account(provider: &Provider) -> Error {
    let plural = provider.account.as_ref().map_or("accounts", |kind| &kind.label_plural);
    let message = format!(
        "{} lists no {} that you allowed for this sign-in. Connect again and choose one there.",
        provider.name,
        plural.to_lowercase()
    );
    Error::invalid("no_account_listed", message)
}

fn without_code() -> Error {
    Error::new(
        ErrorKind::Provider,
        "no_code",
        "The provider sent no answer to the sign-in. Close this window and connect again.",
    )
}

fn other_issuer() -> Error {
    Error::new(
        ErrorKind::Invalid,
        "other_issuer",
        "The answer to this sign-in came from somewhere else. Close this window and connect again.",
    )
}
