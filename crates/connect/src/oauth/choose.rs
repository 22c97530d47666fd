//! The person chooses an account, or names one that no list shows.

use base::{Error, Result};
use store::oauth_attempts::{self, Attempt, Phase};
use store::oauth_nonces::Nonce;

use super::Callback;
use super::attempt::{Asked, SIGNED_IN, SignedIn};
use super::callback::expired;
use super::nonce::other_browser;
use super::outcome::fail_unknown;
use crate::provider::Provider;
use crate::secrets::Secrets;
use crate::{Connect, hash_token};

impl Connect {
    /// Takes the chosen or typed name of an account. `attempt` and `cookie` as given before. A
    /// name that is not accepted can be corrected.
    pub async fn choose_account(
        &self,
        attempt: &str,
        cookie: Option<&str>,
        name: &str,
    ) -> Callback {
        let token = attempt;
        let (attempt, nonce) = match self.choosing(token, cookie).await {
            Ok(found) => found,
            Err(error) => return fail_unknown(error),
        };
        match self.chosen(&attempt, name).await {
            Ok((provider, signed_in, Ok(account))) => {
                self.finish(attempt, Phase::Choosing, &provider, &nonce, signed_in, Some(account))
                    .await
            }
            Ok((provider, signed_in, Err(error))) => {
                let accounts = signed_in.accounts;
                self.offer(&provider, &attempt, token.to_owned(), accounts, Some(error))
            }
            Err(error) => self.fail(attempt, Phase::Choosing, error).await,
        }
    }

    async fn choosing(&self, token: &str, cookie: Option<&str>) -> Result<(Attempt, Nonce)> {
        let nonce = self.find_nonce(cookie).await?.ok_or_else(other_browser)?;
        let mut conn = self.0.store.read().await?;
        let (project_id, user_id) = (nonce.project_id, nonce.user_id);
        let hash = hash_token(token);
        let found = oauth_attempts::find_by_handle(&mut conn, project_id, user_id, &hash).await?;
        drop(conn);
        let attempt = found
            .filter(|one| one.phase == Phase::Choosing && one.expires_at > self.0.clock.now())
            .filter(|one| one.integration_id == nonce.integration_id)
            .ok_or_else(expired)?;
        Ok((attempt, nonce))
    }

    /// The account of that name, verified by a call unless the provider listed it.
    async fn chosen(
        &self,
        attempt: &Attempt,
        name: &str,
    ) -> Result<(std::sync::Arc<Provider>, SignedIn, Result<String>)> {
        let provider =
            self.provider_of_integration(attempt.project_id, attempt.integration_id).await?;
        let mut conn = self.0.store.read().await?;
        let key = self.0.vault.data_key(&mut conn, attempt.project_id).await?;
        let place = (attempt.id.uuid(), SIGNED_IN);
        let opened = self.0.vault.open(&mut conn, &key, place, &attempt.secrets).await?;
        drop(conn);
        let mut signed_in = SignedIn::parse(&opened)?;
        let listed = signed_in.accounts.iter().find(|one| one.eq_ignore_ascii_case(name.trim()));
        if let Some(listed) = listed.cloned() {
            return Ok((provider, signed_in, Ok(listed)));
        }
        let account = provider.account.as_ref();
        let account = account.ok_or_else(|| Error::internal("there is nothing to choose"))?;
        let named = match account.read_name(name) {
            Err(error) => Err(error),
            Ok(named) => {
                let asked = Asked::of(attempt)?;
                let account_type = provider.account_type(Some(&asked.account_type))?;
                let mut variables = signed_in.variables.clone();
                variables.insert(account.variable.clone(), named.clone());
                let value = |name: &str| variables.get(name).map(String::as_str);
                let secrets = Secrets::Tokens(signed_in.tokens.clone());
                let authorization = secrets.authorization(account_type, value)?;
                let verified =
                    self.verify(&provider, &asked.profile, &variables, authorization).await;
                verified.map(|member| {
                    signed_in.member = signed_in.member.take().or(member);
                    named
                })
            }
        };
        Ok((provider, signed_in, named))
    }

    /// What the pop-up shows to let the person choose or name.
    pub(crate) fn offer(
        &self,
        provider: &Provider,
        attempt: &Attempt,
        token: String,
        accounts: Vec<String>,
        error: Option<Error>,
    ) -> Callback {
        let origin = Asked::of(attempt).map(|asked| asked.origin).unwrap_or_default();
        let label = provider.account.as_ref().map(|a| a.label.clone()).unwrap_or_default();
        let integration_id = attempt.integration_id;
        if accounts.is_empty() || error.is_some() {
            Callback::NameAccount { origin, integration_id, attempt: token, label, error }
        } else {
            Callback::Choose { origin, integration_id, attempt: token, accounts, label }
        }
    }
}
