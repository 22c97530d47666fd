//! What is told to a project's owner: one row for each event, written in the transaction that made
//! it happen.

use base::{EventId, IntegrationId, ProjectId, Result};
use serde_json::{Map, Value, json};
use store::Connection;
use store::credentials::Credential;
use store::events::{self, Event};

use crate::Connect;

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// An account was connected.
    CredentialConnected,
    /// An account was connected again, or changed.
    CredentialUpdated,
    /// An account was disconnected.
    CredentialRemoved,
    /// The provider refuses an account until the person signs in again.
    CredentialInvalid,
    /// The secret or certificate of an app ends soon.
    SecretExpiring,
    /// The provider refuses an app.
    AppFailure,
    /// An execution of a workflow failed.
    WorkflowFailed,
    /// An event destination was switched off because nothing arrived there.
    DestinationDisabled,
}

impl Happened {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::CredentialConnected,
        Self::CredentialUpdated,
        Self::CredentialRemoved,
        Self::CredentialInvalid,
        Self::SecretExpiring,
        Self::AppFailure,
        Self::WorkflowFailed,
        Self::DestinationDisabled,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CredentialConnected => "credential.connected",
            Self::CredentialUpdated => "credential.updated",
            Self::CredentialRemoved => "credential.removed",
            Self::CredentialInvalid => "credential.invalid",
            Self::SecretExpiring => "integration.secret_expiring",
            Self::AppFailure => "integration.app_failure",
            Self::WorkflowFailed => "workflow.failed",
            Self::DestinationDisabled => "destination.disabled",
        }
    }
}

impl Connect {
    /// Tells that something happened to an account.
    pub async fn tell_of_credential(
        &self,
        tx: &mut Connection,
        happened: Happened,
        credential: &Credential,
    ) -> Result<()> {
        let payload = json!({
            "credentialId": credential.id,
            "integrationId": credential.integration_id,
            "connectedUserId": credential.user_id,
            "accountType": credential.account_type,
            "externalId": credential.external_id,
            "status": credential.status.as_str(),
            "statusReason": credential.status_reason,
        });
        self.tell(tx, credential.project_id, happened, credential.id.to_string(), payload).await
    }

    /// Tells that something happened to an integration's app; `more` joins the payload.
    pub(crate) async fn tell_of_app(
        &self,
        tx: &mut Connection,
        happened: Happened,
        (project_id, integration_id): (ProjectId, IntegrationId),
        client_id: &str,
        more: Map<String, Value>,
    ) -> Result<()> {
        let mut payload = json!({ "integrationId": integration_id, "clientId": client_id });
        if let Value::Object(payload) = &mut payload {
            payload.extend(more);
        }
        self.tell(tx, project_id, happened, integration_id.to_string(), payload).await
    }

    async fn tell(
        &self,
        tx: &mut Connection,
        project_id: ProjectId,
        happened: Happened,
        subject: String,
        payload: Value,
    ) -> Result<()> {
        let event = Event {
            id: EventId::new(&self.0.clock, &self.0.random),
            project_id,
            kind: happened.as_str().to_owned(),
            subject,
            payload,
            created_at: self.0.clock.now(),
        };
        events::insert(tx, &event).await
    }
}
