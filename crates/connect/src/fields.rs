//! Connecting by a secret that the person types: a personal access token, an API key.

use std::collections::BTreeMap;

use base::{
    AppRegistrationId, ConnectedUserId, CredentialId, Error, ErrorKind, Result, Secret, Timestamp,
};
use store::integrations::Integration;

use crate::Connect;
use crate::connected::NewAccount;
use crate::oauth::InstallOptions;
use crate::oauth::begin::{check_text, require_active, wanted_scopes};
use crate::oauth::token::Grant;
use crate::provider::{AccountType, FieldKind, Provider, Scheme};
use crate::registrations::Client;
use crate::secrets::{OwnClient, Secrets, Tokens};

/// The longest value of a field.
const VALUE_BYTES_MAX: usize = 4_096;

impl Connect {
    /// Checks what was typed by a call and stores it. `options.account_type` says which form it
    /// is; without it the first that is typed.
    ///
    /// # Errors
    /// With the sentence that helps, when a field is missing or the provider refuses the secret;
    /// nothing is stored then.
    pub async fn connect_with_fields(
        &self,
        integration: &Integration,
        user_id: ConnectedUserId,
        fields: BTreeMap<String, Secret<String>>,
        options: &InstallOptions,
    ) -> Result<CredentialId> {
        self.connect_typed(integration, user_id, fields, options, false).await
    }

    /// The same for the host developer's program, which may connect what end users may not.
    ///
    /// # Errors
    /// As [`Connect::connect_with_fields`].
    pub async fn connect_as_manager(
        &self,
        integration: &Integration,
        user_id: ConnectedUserId,
        fields: BTreeMap<String, Secret<String>>,
        options: &InstallOptions,
    ) -> Result<CredentialId> {
        self.connect_typed(integration, user_id, fields, options, true).await
    }

    async fn connect_typed(
        &self,
        integration: &Integration,
        user_id: ConnectedUserId,
        fields: BTreeMap<String, Secret<String>>,
        options: &InstallOptions,
        by_manager: bool,
    ) -> Result<CredentialId> {
        let provider = self.provider(&integration.kind)?;
        require_active(provider, integration)?;
        check_text("external id", options.external_id.as_deref())?;
        let account_type = typed_account_type(provider, options.account_type.as_deref())?;
        if account_type.managed && !by_manager {
            let message = format!("\"{}\" is connected by your program alone.", account_type.id);
            return Err(Error::new(ErrorKind::Invalid, "managed_account_type", message));
        }
        let proof = match account_type.scheme {
            Scheme::OauthClientCredential => {
                self.sign_app_in(provider, account_type, integration, &fields).await?
            }
            Scheme::Basic | Scheme::Oauth => {
                let (variables, secrets) = read_fields(provider, account_type, &fields)?;
                Proof {
                    profile: self.profile_of(integration).await?,
                    secrets: Secrets::Fields(secrets),
                    registration_id: None,
                    expires_at: None,
                    scopes: Vec::new(),
                    variables,
                }
            }
        };
        let Proof { profile, secrets, variables, .. } = &proof;
        let value = |name: &str| variables.get(name).map(String::as_str);
        let authorization = secrets.authorization(account_type, value)?;
        let member = self.verify(provider, profile, variables, authorization).await?;
        let new = NewAccount {
            project_id: integration.project_id,
            user_id,
            integration_id: integration.id,
            registration_id: proof.registration_id,
            account_type: account_type.id.clone(),
            profile: proof.profile,
            secrets: proof.secrets,
            expires_at: proof.expires_at,
            scopes: proof.scopes,
            member,
            variables: proof.variables,
            options,
        };
        let mut tx = self.0.store.begin().await?;
        let id = self.store_account(&mut tx, new).await?;
        tx.commit().await?;
        self.forget_user(integration.project_id, user_id);
        Ok(id)
    }

    /// Lets an app in as itself: the one that was typed, or the integration's.
    async fn sign_app_in(
        &self,
        provider: &Provider,
        account_type: &AccountType,
        integration: &Integration,
        fields: &BTreeMap<String, Secret<String>>,
    ) -> Result<Proof> {
        let own = own_client(account_type, fields)?;
        let client = match &own {
            Some(own) => Client::brought(own, &self.profile_of(integration).await?),
            None => self.client_of(integration).await?,
        };
        let (mut variables, _) = read_fields(provider, account_type, fields)?;
        if let Some(client) = &account_type.client {
            variables.remove(&client.id);
        }
        let wanted = match &account_type.app_scopes {
            Some(scopes) => scopes.clone(),
            None => wanted_scopes(provider, integration)?,
        };
        let grant = Grant::ClientCredentials;
        let of = (integration.project_id, integration.id);
        let asked = self.request_tokens_for(of, provider, &client, &variables, &wanted, &grant);
        let granted = asked.await.map_err(|judged| judged.error)?;
        variables.extend(granted.variables);
        Ok(Proof {
            profile: client.profile,
            secrets: Secrets::Tokens(Tokens { client: own, ..granted.tokens }),
            registration_id: client.registration_id,
            expires_at: granted.expires_at,
            scopes: granted.scopes.unwrap_or(wanted),
            variables,
        })
    }
}

/// What was typed, made ready for calls.
struct Proof {
    profile: String,
    secrets: Secrets,
    registration_id: Option<AppRegistrationId>,
    expires_at: Option<Timestamp>,
    scopes: Vec<String>,
    variables: BTreeMap<String, String>,
}

/// The app that the person brings, for an account type that asks for one.
pub(crate) fn own_client(
    account_type: &AccountType,
    fields: &BTreeMap<String, Secret<String>>,
) -> Result<Option<OwnClient>> {
    let Some(client) = &account_type.client else { return Ok(None) };
    let required = |id: &str| account_type.fields.iter().any(|one| one.id == id && one.required);
    let left_out = |id: &str| !required(id) && !fields.contains_key(id);
    if left_out(&client.id) && left_out(&client.secret) {
        return Ok(None);
    }
    let typed = |id: &str| {
        let label = account_type.fields.iter().find(|field| field.id == id);
        let label = label.map_or(id, |field| field.label.as_str());
        let value = fields.get(id).map(|value| value.expose().trim()).unwrap_or_default();
        read_value(label, value, true)?.ok_or_else(|| Error::internal("a field was let pass"))
    };
    let (id, secret) = (typed(&client.id)?, typed(&client.secret)?);
    Ok(Some(OwnClient { id: id.to_owned(), secret: Secret::new(secret.to_owned()) }))
}

fn typed_account_type<'p>(provider: &'p Provider, id: Option<&str>) -> Result<&'p AccountType> {
    let found = match id {
        Some(id) => Some(provider.account_type(Some(id))?),
        None => provider.account_types.iter().find(|one| one.scheme != Scheme::Oauth),
    };
    found.filter(|one| one.scheme != Scheme::Oauth).ok_or_else(|| {
        let message = format!("{} is connected by signing in.", provider.name);
        Error::invalid("not_by_fields", message)
    })
}

type Read = (BTreeMap<String, String>, BTreeMap<String, Secret<String>>);

/// Parts what was typed into what everybody may see and what is sealed.
fn read_fields(
    provider: &Provider,
    account_type: &AccountType,
    fields: &BTreeMap<String, Secret<String>>,
) -> Result<Read> {
    let (mut variables, mut secrets) = (BTreeMap::new(), BTreeMap::new());
    if let Some(name) = fields.keys().find(|id| !account_type.fields.iter().any(|f| f.id == **id)) {
        return Err(Error::invalid("unknown_field", format!("There is no field \"{name}\".")));
    }
    for field in &account_type.fields {
        let typed = fields.get(&field.id).map(|value| value.expose().trim()).unwrap_or_default();
        let Some(typed) = read_value(&field.label, typed, field.required)? else { continue };
        let account = provider.account.as_ref().filter(|account| account.variable == field.id);
        match (field.kind, account) {
            (FieldKind::Password, _) => {
                secrets.insert(field.id.clone(), Secret::new(typed.to_owned()));
            }
            (FieldKind::Text, Some(account)) => {
                variables.insert(field.id.clone(), account.read_name(typed)?);
            }
            (FieldKind::Text, None) => {
                variables.insert(field.id.clone(), typed.to_owned());
            }
        }
    }
    Ok((variables, secrets))
}

fn read_value<'t>(label: &str, typed: &'t str, required: bool) -> Result<Option<&'t str>> {
    if typed.is_empty() && required {
        return Err(Error::invalid("missing_field", format!("\"{label}\" is missing.")));
    }
    if typed.len() > VALUE_BYTES_MAX || typed.contains(char::is_control) {
        let message = format!("\"{label}\" is too long or holds control characters.");
        return Err(Error::invalid("invalid_field", message));
    }
    Ok((!typed.is_empty()).then_some(typed))
}
