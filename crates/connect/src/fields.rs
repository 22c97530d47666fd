//! Connecting by a secret that the person types: a personal access token, an API key.

use std::collections::BTreeMap;

use base::{ConnectedUserId, CredentialId, Error, Result, Secret};
use store::integrations::Integration;

use crate::Connect;
use crate::connected::NewAccount;
use crate::oauth::InstallOptions;
use crate::oauth::begin::{check_text, require_active};
use crate::provider::{AccountType, FieldKind, Provider, Scheme};
use crate::secrets::Secrets;

/// The longest value of a field.
const VALUE_BYTES_MAX: usize = 4_096;

impl Connect {
    /// Checks the typed secret by a call and stores it. `options.account_type` says which form it
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
        let provider = self.provider(&integration.kind)?;
        require_active(provider, integration)?;
        check_text("external id", options.external_id.as_deref())?;
        let account_type = typed_account_type(provider, options.account_type.as_deref())?;
        let (variables, secrets) = read_fields(provider, account_type, &fields)?;
        let secrets = Secrets::Fields(secrets);
        let profile = self.profile_of(integration).await?;
        let authorization = secrets.authorization(account_type)?;
        let member = self.verify(provider, &profile, &variables, authorization).await?;
        let new = NewAccount {
            project_id: integration.project_id,
            user_id,
            integration_id: integration.id,
            registration_id: None,
            account_type: account_type.id.clone(),
            profile,
            secrets,
            expires_at: None,
            scopes: Vec::new(),
            member,
            variables,
            options,
        };
        let mut tx = self.0.store.begin().await?;
        let id = self.store_account(&mut tx, new).await?;
        tx.commit().await?;
        self.forget_user(integration.project_id, user_id);
        Ok(id)
    }
}

fn typed_account_type<'p>(provider: &'p Provider, id: Option<&str>) -> Result<&'p AccountType> {
    let found = match id {
        Some(id) => Some(provider.account_type(Some(id))?),
        None => provider.account_types.iter().find(|one| one.scheme == Scheme::Basic),
    };
    found.filter(|one| one.scheme == Scheme::Basic).ok_or_else(|| {
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
        if typed.is_empty() {
            if field.required {
                let message = format!("\"{}\" is missing.", field.label);
                return Err(Error::invalid("missing_field", message));
            }
            continue;
        }
        if typed.len() > VALUE_BYTES_MAX || typed.contains(char::is_control) {
            let message = format!("\"{}\" is too long or holds control characters.", field.label);
            return Err(Error::invalid("invalid_field", message));
        }
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
