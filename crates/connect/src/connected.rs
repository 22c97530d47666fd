//! Stores what connecting has brought: tokens sealed in the transaction that makes the credential.

use std::collections::BTreeMap;

use base::{
    AppRegistrationId, ConfigurationId, ConnectedUserId, CredentialId, Error, IntegrationId,
    ProjectId, Result, Timestamp,
};
use serde_json::{Map, Value};
use store::changes::{self, Kind};
use store::configurations::{self, Configuration};
use store::credentials::{self, Credential, Status};
use store::oauth_attempts::{self, Attempt, Phase};
use store::oauth_nonces::{self, Nonce};
use store::{Connection, app_registrations};

use crate::events::Happened;
use crate::held::Selector;
use crate::oauth::attempt::{Asked, Member, SignedIn};
use crate::oauth::{Callback, InstallOptions};
use crate::provider::Provider;
use crate::secrets::{FIELD, Secrets};
use crate::{Connect, hash_token};

/// A connected account about to be stored.
pub(crate) struct NewAccount<'a> {
    pub project_id: ProjectId,
    pub user_id: ConnectedUserId,
    pub integration_id: IntegrationId,
    pub registration_id: Option<AppRegistrationId>,
    pub account_type: String,
    pub profile: String,
    pub secrets: Secrets,
    pub expires_at: Option<Timestamp>,
    pub scopes: Vec<String>,
    pub member: Option<Member>,
    pub variables: BTreeMap<String, String>,
    pub options: &'a InstallOptions,
}

impl Connect {
    /// Ends an attempt with a credential.
    pub(crate) async fn finish(
        &self,
        attempt: Attempt,
        from: Phase,
        provider: &Provider,
        nonce: &Nonce,
        signed_in: SignedIn,
        account: Option<String>,
    ) -> Callback {
        let done = self.keep(attempt.clone(), from, provider, nonce, signed_in, account).await;
        match done {
            Ok(connected) => connected,
            Err(error) => self.fail(attempt, from, error).await,
        }
    }

    async fn keep(
        &self,
        mut attempt: Attempt,
        from: Phase,
        provider: &Provider,
        nonce: &Nonce,
        signed_in: SignedIn,
        account: Option<String>,
    ) -> Result<Callback> {
        let asked = Asked::of(&attempt)?;
        let mut variables = signed_in.variables;
        if let (Some(kind), Some(name)) = (&provider.account, account) {
            variables.extend(signed_in.account_variables.get(&name).cloned().unwrap_or_default());
            variables.insert(kind.variable.clone(), name);
        }
        let new = NewAccount {
            project_id: attempt.project_id,
            user_id: attempt.user_id,
            integration_id: attempt.integration_id,
            registration_id: attempt.app_registration_id,
            account_type: asked.account_type,
            profile: asked.profile,
            secrets: Secrets::Tokens(signed_in.tokens),
            expires_at: signed_in.expires_at,
            scopes: signed_in.scopes,
            member: signed_in.member,
            variables,
            options: &asked.options,
        };
        let handle = self.0.random.token();
        let mut tx = self.0.store.begin().await?;
        let credential_id = self.store_account(&mut tx, new).await?;
        attempt.phase = Phase::Done;
        attempt.secrets = Vec::new();
        attempt.handle_hash = Some(hash_token(&handle));
        attempt.credential_id = Some(credential_id);
        if !oauth_attempts::advance(&mut tx, &attempt, from).await? {
            return Err(crate::oauth::callback::repeated());
        }
        oauth_nonces::take(&mut tx, &nonce.hash).await?;
        tx.commit().await?;
        self.forget_user(attempt.project_id, attempt.user_id);
        Ok(Callback::Connected {
            project_id: attempt.project_id,
            origin: asked.origin,
            integration_id: attempt.integration_id,
            handle,
            credential_id,
        })
    }

    /// Adds a credential with its default configuration, or renews the one it stands for.
    pub(crate) async fn store_account(
        &self,
        tx: &mut Connection,
        new: NewAccount<'_>,
    ) -> Result<CredentialId> {
        let now = self.0.clock.now();
        let (project_id, user_id) = (new.project_id, new.user_id);
        let mine = credentials::list_of_user(tx, project_id, user_id).await?;
        let mine = mine.into_iter().filter(|one| one.integration_id == new.integration_id);
        let renewed = renewed_by(mine.collect(), new.options)?;
        let id = match &renewed {
            Some(old) => old.id,
            None => CredentialId::new(&self.0.clock, &self.0.random),
        };
        let key = self.0.vault.sealing_key(tx, project_id).await?;
        let refreshed_at = renewed.as_ref().map_or(now, |old| later(now, old.refreshed_at));
        let credential = Credential {
            id,
            project_id,
            integration_id: new.integration_id,
            user_id,
            app_registration_id: new.registration_id,
            account_type: new.account_type,
            external_id: new
                .options
                .external_id
                .clone()
                .or_else(|| renewed.as_ref().and_then(|old| old.external_id.clone())),
            status: Status::Valid,
            status_reason: None,
            provider_id: new.member.as_ref().map(|member| member.id.clone()),
            provider_data: provider_data(new.variables, new.member),
            profile: new.profile,
            scopes: new.scopes,
            secrets: key.seal(id.uuid(), FIELD, new.secrets.to_bytes().expose()),
            expires_at: new.expires_at,
            refreshed_at,
            refresh_failure_count: 0,
            refresh_lease_until: None,
            suspect_since: None,
            created_at: renewed.as_ref().map_or(now, |old| old.created_at),
            updated_at: now,
        };
        let happened = if renewed.is_some() {
            Happened::CredentialUpdated
        } else {
            Happened::CredentialConnected
        };
        if renewed.is_some() {
            credentials::update(tx, &credential).await?;
            app_registrations::delete_unused(tx, project_id, new.integration_id).await?;
        } else {
            credentials::insert(tx, &credential).await?;
            configurations::insert(tx, &self.default_configuration(&credential)).await?;
        }
        changes::note(tx, project_id, Kind::Credential, user_id, now).await?;
        self.tell_of_credential(tx, happened, &credential).await?;
        Ok(id)
    }

    fn default_configuration(&self, credential: &Credential) -> Configuration {
        Configuration {
            id: ConfigurationId::new(&self.0.clock, &self.0.random),
            project_id: credential.project_id,
            credential_id: credential.id,
            external_id: None,
            is_default: true,
            shared_settings: Map::new(),
            workflow_settings: Map::new(),
            metadata: Map::new(),
            created_at: credential.created_at,
            updated_at: credential.updated_at,
        }
    }
}

/// Renewals of a credential are told apart by their time, so each gets one of its own.
pub(crate) fn later(now: Timestamp, before: Timestamp) -> Timestamp {
    now.max(Timestamp(before.0 + 1))
}

/// The credential that a new sign-in renews instead of adding another.
fn renewed_by(mine: Vec<Credential>, options: &InstallOptions) -> Result<Option<Credential>> {
    if let Some(selected) = &options.selected_credential_id {
        let selector = Selector::parse(selected);
        let found =
            mine.into_iter().find(|one| selector.selects(one.id, one.external_id.as_deref()));
        return found.map(Some).ok_or_else(|| {
            Error::not_found("credential_not_found", "There is no such account to connect again.")
        });
    }
    if options.allow_multiple_credentials {
        return Ok(None);
    }
    let named = options.external_id.as_deref();
    let place = mine
        .iter()
        .position(|one| named.is_some() && one.external_id.as_deref() == named)
        .or_else(|| mine.iter().position(|one| one.status == Status::Valid))
        .or(if mine.is_empty() { None } else { Some(0) });
    Ok(place.and_then(|place| mine.into_iter().nth(place)))
}

fn provider_data(
    variables: BTreeMap<String, String>,
    member: Option<Member>,
) -> Map<String, Value> {
    let mut data: Map<String, Value> =
        variables.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    let Some(member) = member else { return data };
    for (name, value) in [("name", member.name), ("email", member.email)] {
        // A variable of that name is what addresses and proofs are made of: it stays.
        if let (Some(value), false) = (value, data.contains_key(name)) {
            data.insert(name.to_owned(), Value::String(value));
        }
    }
    data
}
