//! Accounts (organizations) in other tenants than the one that a credential was connected for: a
//! refresh token is not bound to a tenant, so it is exchanged at theirs too. What comes of it is
//! kept in memory alone, and the refresh token stays as it is.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use base::{Error, ErrorKind, Result, Timestamp};
use serde_json::{Value, json};
use store::credentials::Credential;

use crate::Connect;
use crate::held::Held;
use crate::oauth::token::Grant;
use crate::outbound::fetch::Question;
use crate::provider::{Account, Judged, Provider, Scheme};
use crate::secrets::{Secrets, Tokens};

/// How long before its end a token is replaced.
const MARGIN: Duration = Duration::from_secs(300);
/// How many accounts in other tenants are kept for one credential.
const ACCOUNTS_MAX: usize = 100;

/// What is known of accounts besides the credential's own.
#[derive(Default)]
pub(crate) struct Elsewhere {
    /// Tenants by account.
    tenants: HashMap<String, Option<String>>,
    /// The credential as it is used for an account in another tenant.
    held: HashMap<String, Arc<Held>>,
}

impl Connect {
    /// The credential with a token that is good for this account of the person's.
    pub(crate) async fn held_for(&self, held: &Arc<Held>, name: &str) -> Result<Arc<Held>> {
        let provider = &held.provider;
        let Some(kind) = &provider.account else { return Ok(Arc::clone(held)) };
        let (Some(header), Some(parameter)) = (&kind.tenant_header, &kind.tenant_parameter) else {
            return Ok(Arc::clone(held));
        };
        let name = kind.read_name(name)?.to_lowercase();
        let own = held.variables.get(&kind.variable).map(|own| own.to_lowercase());
        let scheme = provider.account_type(Some(&held.account_type))?.scheme;
        if scheme != Scheme::Oauth || own.as_ref() == Some(&name) {
            return Ok(Arc::clone(held));
        }
        let mut known = held.learned.elsewhere.lock().await;
        let now = self.0.clock.now();
        let lives = |held: &&Arc<Held>| held.state().expires_at.is_some_and(|e| now + MARGIN < e);
        if let Some(found) = known.held.get(&name).filter(lives) {
            return Ok(Arc::clone(found));
        }
        if known.tenants.len() >= ACCOUNTS_MAX {
            *known = Elsewhere::default();
        }
        let mut tenants = Vec::new();
        for account in own.iter().chain([&name]) {
            if !known.tenants.contains_key(account) {
                let tenant = self.tenant_of(held, kind, header, account).await?;
                known.tenants.insert(account.clone(), tenant);
            }
            tenants.push(known.tenants.get(account).cloned().flatten());
        }
        let Some(Some(tenant)) = tenants.pop() else { return Ok(Arc::clone(held)) };
        if tenants.pop().flatten().as_ref() == Some(&tenant) {
            return Ok(Arc::clone(held));
        }
        let there = self.enter(held, kind, &name, parameter, &tenant).await?;
        known.held.insert(name, Arc::clone(&there));
        Ok(there)
    }

    /// The tenant of an account, which the provider tells to whoever asks without proving who they
    /// are.
    async fn tenant_of(
        &self,
        held: &Held,
        kind: &Account,
        header: &str,
        name: &str,
    ) -> Result<Option<String>> {
        let provider = &held.provider;
        let Some(verification) = &provider.verification else { return Ok(None) };
        let variables = with(&held.variables, &kind.variable, name);
        let url = provider.proxy.address(&verification.url, &variables)?;
        let question = Question { url, authorization: None, form: None };
        let answer = self.0.network.fetch(provider, &held.profile, question).await?;
        let tenant = answer.headers.get(header).and_then(|value| value.to_str().ok());
        let is_id = |text: &&str| text.parse::<uuid::Uuid>().is_ok_and(|id| !id.is_nil());
        Ok(tenant.filter(is_id).map(str::to_owned))
    }

    async fn enter(
        &self,
        held: &Arc<Held>,
        kind: &Account,
        name: &str,
        parameter: &str,
        tenant: &str,
    ) -> Result<Arc<Held>> {
        let provider = &held.provider;
        let (row, secrets) = self.read_credential(held).await?;
        let Secrets::Tokens(Tokens { refresh_token: Some(token), client: own, .. }) = &secrets
        else {
            return Ok(Arc::clone(held));
        };
        let tokens = Tokens {
            access_token: token.clone(),
            refresh_token: Some(token.clone()),
            client: own.clone(),
        };
        let client = self.client_of_tokens(provider, &row, &tokens).await?;
        let variables = with(&held.variables, parameter, tenant);
        let of = (row.project_id, row.integration_id);
        let grant = Grant::Refresh(token);
        let scopes = &row.scopes;
        let asked = self.request_by_either(of.0, provider, &client, &variables, scopes, &grant);
        let granted = match asked.await {
            // Its secret is refused everywhere, not only there.
            Err(judged) if judged.is_of_secret() => {
                self.tell_of_failure(of, &client, &judged.error).await;
                return Err(judged.error);
            }
            Err(Judged { error, .. }) => {
                tracing::info!(credential = %row.id, ?of, ?error, "no token elsewhere");
                return Err(not_admitted(provider, kind, name, tenant, &error));
            }
            Ok(granted) => granted,
        };
        let mut provider_data = row.provider_data.clone();
        provider_data.insert(kind.variable.clone(), Value::from(name));
        let now = self.0.clock.now();
        let there = Credential {
            provider_data,
            // No row has this time: what befalls this token befalls no row.
            refreshed_at: Timestamp::default(),
            expires_at: Some(granted.expires_at.unwrap_or(now + MARGIN * 2)),
            ..row
        };
        let secrets = Secrets::Tokens(Tokens { refresh_token: None, ..granted.tokens });
        let learned = Arc::default();
        Held::new(there, Arc::clone(provider), &secrets, learned).map(Arc::new)
    }
}

fn with(variables: &BTreeMap<String, String>, name: &str, value: &str) -> BTreeMap<String, String> {
    let mut variables = variables.clone();
    variables.insert(name.to_owned(), value.to_owned());
    variables
}

fn not_admitted(
    provider: &Provider,
    kind: &Account,
    name: &str,
    tenant: &str,
    cause: &Error,
) -> Error {
    let message = format!(
        "The {} {} \"{name}\" belongs to another company's directory, {tenant}, which does not \
         let this account in. Have the account invited there as a guest, or connect one of that \
         company.",
        provider.name,
        kind.label.to_lowercase()
    );
    let error = Error::new(ErrorKind::Invalid, "account_in_other_tenant", message);
    error.with_meta(json!({ "tenant": tenant, "code": cause.code() })).with_source(cause.clone())
}
