//! Accounts that a host developer brings: refresh tokens from elsewhere, and apps that sign in as
//! themselves.

use std::collections::BTreeMap;

use base::{ConnectedUserId, CredentialId, Error, Result, Secret};
use store::integrations::Integration;

use crate::Connect;
use crate::connected::NewAccount;
use crate::oauth::InstallOptions;
use crate::oauth::attempt::{Asked, SignedIn};
use crate::oauth::begin::{check_text, parameters, require_active, wanted_scopes};
use crate::oauth::token::Grant;
use crate::provider::{AccountType, Provider, Scheme};
use crate::secrets::Secrets;

impl Connect {
    /// Takes a refresh token that another program got from the same app. It is exchanged and asked
    /// who it belongs to before anything is stored. `fields` names the account (organization) and
    /// parameters such as the tenant.
    ///
    /// # Errors
    /// With the sentence that helps, when the provider refuses the token or the account.
    pub async fn import_refresh_token(
        &self,
        integration: &Integration,
        user_id: ConnectedUserId,
        refresh_token: Secret<String>,
        mut fields: BTreeMap<String, Secret<String>>,
        options: &InstallOptions,
    ) -> Result<CredentialId> {
        let provider = self.provider(&integration.kind)?;
        require_active(provider, integration)?;
        check_text("external id", options.external_id.as_deref())?;
        let account_type = provider.account_type(options.account_type.as_deref())?;
        if account_type.scheme != Scheme::Oauth {
            let message = format!("\"{}\" has no refresh token.", account_type.id);
            return Err(Error::invalid("not_by_sign_in", message));
        }
        let kind = provider.account.as_ref();
        let account = match kind.and_then(|kind| Some((kind, fields.remove(&kind.variable)?))) {
            Some((kind, name)) => Some(kind.read_name(name.expose())?),
            None => None,
        };
        let client = self.client_of(integration).await?;
        let asked = Asked {
            account_type: account_type.id.clone(),
            parameters: parameters(
                provider,
                provider.oauth()?,
                account_type,
                integration,
                &fields,
            )?,
            origin: String::new(),
            redirect_uri: String::new(),
            profile: client.profile.clone(),
            scopes: wanted_scopes(provider, integration)?,
            options: options.clone(),
        };
        let grant = Grant::Refresh(&refresh_token);
        let of = (integration.project_id, integration.id);
        let (at, scopes) = (&asked.parameters, &asked.scopes);
        let granted = self.request_tokens_for(of, provider, &client, at, scopes, &grant).await;
        let mut granted = granted.map_err(|judged| judged.error)?;
        granted.tokens.refresh_token.get_or_insert(refresh_token);
        let signed_in = self.discover(provider, &asked, granted).await?;
        let signed_in = self.place(provider, account_type, &asked, signed_in, account).await?;
        let new = NewAccount {
            project_id: integration.project_id,
            user_id,
            integration_id: integration.id,
            registration_id: client.registration_id,
            account_type: account_type.id.clone(),
            profile: asked.profile,
            secrets: Secrets::Tokens(signed_in.tokens),
            expires_at: signed_in.expires_at,
            scopes: signed_in.scopes,
            member: signed_in.member,
            variables: signed_in.variables,
            options,
        };
        let mut tx = self.0.store.begin().await?;
        let id = self.store_account(&mut tx, new).await?;
        tx.commit().await?;
        self.forget_user(integration.project_id, user_id);
        Ok(id)
    }
    /// Settles which account (organization) is meant; one that no list shows is asked first.
    async fn place(
        &self,
        provider: &Provider,
        account_type: &AccountType,
        asked: &Asked,
        mut signed_in: SignedIn,
        named: Option<String>,
    ) -> Result<SignedIn> {
        let Some(kind) = &provider.account else { return Ok(signed_in) };
        let only = (signed_in.accounts.len() == 1).then(|| signed_in.accounts[0].clone());
        let Some(name) = named.or(only) else {
            let message = format!("Name the {} in fields.{}.", kind.label, kind.variable);
            return Err(Error::invalid("account_missing", message));
        };
        signed_in.variables.insert(kind.variable.clone(), name.clone());
        if !signed_in.accounts.contains(&name) {
            let variables = &signed_in.variables;
            let value = |name: &str| variables.get(name).map(String::as_str);
            let secrets = Secrets::Tokens(signed_in.tokens.clone());
            let authorization = secrets.authorization(account_type, value)?;
            let found = self.verify(provider, &asked.profile, variables, authorization).await?;
            signed_in.member = signed_in.member.or(found);
        }
        Ok(signed_in)
    }
}
