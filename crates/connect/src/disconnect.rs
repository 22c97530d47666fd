//! Disconnecting: the credential is deleted here and given back at the provider where that exists.

use base::{CredentialId, Error, ProjectId, Result};
use store::app_registrations;
use store::changes::{self, Kind};
use store::credentials::{self, Credential};
use url::form_urlencoded;

use crate::Connect;
use crate::outbound::fetch::Question;
use crate::provider::Provider;
use crate::secrets::{FIELD, Secrets};

/// What disconnecting did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disconnected {
    /// Whether the provider has taken the access back.
    pub revoked_at_provider: bool,
    /// A sentence that says which happened.
    pub message: String,
}

impl Connect {
    /// Deletes a credential with its configurations.
    pub async fn disconnect(
        &self,
        project_id: ProjectId,
        id: CredentialId,
    ) -> Result<Disconnected> {
        let now = self.0.clock.now();
        let mut tx = self.0.store.begin().await?;
        let credential = credentials::find(&mut tx, project_id, id).await?.ok_or_else(unknown)?;
        let key = self.0.vault.data_key(&mut tx, project_id).await?;
        credentials::delete(&mut tx, project_id, id).await?;
        app_registrations::delete_unused(&mut tx, project_id, credential.integration_id).await?;
        changes::note(&mut tx, project_id, Kind::Credential, credential.user_id, now).await?;
        tx.commit().await?;
        self.forget_user(project_id, credential.user_id);
        let provider = self.provider_of_integration(project_id, credential.integration_id).await?;
        let opened = key.open(id.uuid(), FIELD, &credential.secrets);
        Ok(self.revoke(&provider, &credential, opened.and_then(|o| Secrets::parse(&o))).await)
    }

    async fn revoke(
        &self,
        provider: &Provider,
        credential: &Credential,
        secrets: Result<Secrets>,
    ) -> Disconnected {
        let kept = |message: String| Disconnected { revoked_at_provider: false, message };
        let (Some(oauth), Ok(Secrets::Tokens(tokens))) = (&provider.oauth, secrets) else {
            return kept(format!(
                "The secret was deleted here. It stays good at {} until it is revoked there.",
                provider.name
            ));
        };
        let Some(path) = &oauth.revocation.path else {
            return kept(oauth.revocation.missing.clone());
        };
        let Ok(profile) = provider.profile(&credential.profile) else {
            return kept("The tokens were deleted here.".to_owned());
        };
        let token = tokens.refresh_token.as_ref().unwrap_or(&tokens.access_token);
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token.expose())
            .finish();
        let url = format!("{}{path}", profile.token_origin);
        let question = Question { url, authorization: None, form: Some(form) };
        match self.0.network.fetch(provider, &credential.profile, question).await {
            Ok(answer) if answer.status.is_success() => Disconnected {
                revoked_at_provider: true,
                message: format!("{} has taken the access back.", provider.name),
            },
            _ => kept(format!(
                "The tokens were deleted here; {} did not take the access back just now.",
                provider.name
            )),
        }
    }
}

pub(crate) fn unknown() -> Error {
    Error::not_found("credential_not_found", "There is no such connected account.")
}
