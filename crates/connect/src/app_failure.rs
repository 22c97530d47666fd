//! Asks for tokens in an app's name: by what proves it now, else by its successor, which then takes
//! its place. An app that the provider refuses is told to its owner once; nobody's account suffers.

use std::collections::BTreeMap;

use base::{Error, IntegrationId, ProjectId, Result};
use serde_json::{Map, json};
use store::app_failures::{self, AppFailure};

use crate::Connect;
use crate::events::Happened;
use crate::oauth::token::Grant;
use crate::oauth::token_answer::Granted;
use crate::provider::{ErrorClass, Judged, Provider};
use crate::registrations::Client;

impl Connect {
    /// Asks for tokens in the name of an integration's app, or of one that the person brought.
    pub(crate) async fn request_tokens_for(
        &self,
        integration: (ProjectId, IntegrationId),
        provider: &Provider,
        client: &Client,
        variables: &BTreeMap<String, String>,
        scopes: &[String],
        grant: &Grant<'_>,
    ) -> Result<Granted, Judged> {
        let project_id = integration.0;
        let asked = self.request_by_either(project_id, provider, client, variables, scopes, grant);
        let asked = asked.await;
        if let Err(judged) = &asked
            && judged.class == ErrorClass::App
            && !client.brought
        {
            self.tell_of_failure(integration, client, &judged.error).await;
        }
        asked
    }

    /// Asks by what proves the app now, else by its successor, which then takes its place.
    pub(crate) async fn request_by_either(
        &self,
        project_id: ProjectId,
        provider: &Provider,
        client: &Client,
        variables: &BTreeMap<String, String>,
        scopes: &[String],
        grant: &Grant<'_>,
    ) -> Result<Granted, Judged> {
        let first = self.request_tokens(provider, client, variables, scopes, grant).await;
        let Err(judged) = first else { return first };
        let successor = client.successor().filter(|_| judged.class == ErrorClass::App);
        let Some(successor) = successor else { return Err(judged) };
        let second = self.request_tokens(provider, &successor, variables, scopes, grant).await;
        if matches!(&second, Err(second) if second.class == ErrorClass::App) {
            return Err(judged);
        }
        self.promote(project_id, client).await;
        second
    }

    /// Tells the owner of an app that the provider refuses, once.
    pub(crate) async fn tell_of_failure(
        &self,
        integration: (ProjectId, IntegrationId),
        client: &Client,
        error: &Error,
    ) {
        if let Err(cause) = self.try_to_tell(integration, client, error).await {
            tracing::error!(client = %client.client_id, ?cause, "an app's failure was not told");
        }
    }

    async fn try_to_tell(
        &self,
        integration: (ProjectId, IntegrationId),
        client: &Client,
        error: &Error,
    ) -> Result<()> {
        let failure = AppFailure {
            project_id: integration.0,
            integration_id: integration.1,
            client_id: client.client_id.clone(),
            code: error.code().to_owned(),
            since: self.0.clock.now(),
        };
        let mut tx = self.0.store.begin().await?;
        if !app_failures::note(&mut tx, &failure).await? {
            return Ok(());
        }
        let more = json!({ "code": error.code(), "message": error.message() });
        let more: Map<_, _> = more.as_object().cloned().unwrap_or_default();
        let happened = Happened::AppFailure;
        self.tell_of_app(&mut tx, happened, integration, &client.client_id, more).await?;
        tx.commit().await
    }
}
