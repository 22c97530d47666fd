//! Disconnecting: the credential is deleted here and given back at the provider where that exists.

use base::{CredentialId, Error, ProjectId, Result};
use store::app_registrations;
use store::changes::{self, Kind};
use store::credentials::{self, Credential};

use crate::Connect;
use crate::events::Happened;
use crate::oauth::token::{prove, write};
use crate::outbound::fetch::{Form, Question};
use crate::provider::{OAuth, Provider, RevokedToken, template};
use crate::registrations::Client;
use crate::secrets::{Authorization, FIELD, Secrets, Tokens};

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
        let mut conn = self.0.store.read().await?;
        let key = self.0.vault.data_key(&mut conn, project_id).await?;
        let credential = credentials::find(&mut conn, project_id, id).await?.ok_or_else(unknown)?;
        let place = (id.uuid(), FIELD);
        let opened = self.0.vault.open(&mut conn, &key, place, &credential.secrets).await;
        drop(conn);
        let provider = self.provider_of_integration(project_id, credential.integration_id).await?;
        let secrets = opened.and_then(|opened| Secrets::parse(&opened));
        // The app may go with its last credential.
        let client = match &secrets {
            Ok(Secrets::Tokens(tokens)) => {
                self.client_of_tokens(&provider, &credential, tokens).await.ok()
            }
            _ => None,
        };
        let mut tx = self.0.store.begin().await?;
        if credentials::delete(&mut tx, project_id, id).await? {
            self.tell_of_credential(&mut tx, Happened::CredentialRemoved, &credential).await?;
        }
        app_registrations::delete_unused(&mut tx, project_id, credential.integration_id).await?;
        changes::note(&mut tx, project_id, Kind::Credential, credential.user_id, now).await?;
        tx.commit().await?;
        self.forget_user(project_id, credential.user_id);
        Ok(self.revoke(&provider, &credential, secrets, client).await)
    }

    async fn revoke(
        &self,
        provider: &Provider,
        credential: &Credential,
        secrets: Result<Secrets>,
        client: Option<Client>,
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
        let question = self.revocation(provider, oauth, path, credential, &tokens, client.as_ref());
        let Ok(question) = question else {
            return kept("The tokens were deleted here.".to_owned());
        };
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

    /// The request that gives a token back.
    fn revocation(
        &self,
        provider: &Provider,
        oauth: &OAuth,
        path: &str,
        credential: &Credential,
        tokens: &Tokens,
        client: Option<&Client>,
    ) -> Result<Question> {
        let origin = &provider.profile(&credential.profile)?.token_origin;
        let url = template::fill_url(&format!("{origin}{path}"), |name| {
            credential.provider_data.get(name).and_then(|value| value.as_str())
        })?;
        if oauth.revocation.token == RevokedToken::Bearer {
            let authorization = Some(Authorization::bearer(&tokens.access_token)?);
            return Ok(Question { url, authorization, form: Some(Form::Pairs(String::new())) });
        }
        let token = tokens.refresh_token.as_ref().unwrap_or(&tokens.access_token);
        let mut fields = vec![("token", token.expose().as_str())];
        let assertion = match client {
            Some(client) => self.assertion(oauth, client, &url)?,
            None => None,
        };
        let authorization = match client {
            Some(client) => prove(oauth, client, assertion.as_ref(), &mut fields)?,
            None => None,
        };
        let form = Some(write(oauth, &fields));
        Ok(Question { url, authorization, form })
    }
}

pub(crate) fn unknown() -> Error {
    Error::not_found("credential_not_found", "There is no such connected account.")
}
