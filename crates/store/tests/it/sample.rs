//! Sample rows, the same for the same calls in the same order.

use std::time::Duration;

use base::{
    ApiTokenId, AppRegistrationId, Clock, ConfigurationId, ConnectedUserId, CredentialId,
    IntegrationId, OAuthAttemptId, ProjectId, Random, SigningKeyId, Timestamp, WorkflowId,
};
use serde_json::{Map, Value, json};
use store::api_tokens::ApiToken;
use store::app_registrations::{AppRegistration, Proof};
use store::configurations::Configuration;
use store::connected_users::ConnectedUser;
use store::credentials::{Credential, Status};
use store::enablements::Enablement;
use store::integrations::Integration;
use store::oauth_attempts::{Attempt, Phase};
use store::oauth_nonces::Nonce;
use store::projects::Project;
use store::signing_keys::SigningKey;
use store::workflows::Workflow;
use store::{Store, Transaction};

/// Makes rows. Each call moves its clock by a second.
pub struct Sample {
    pub clock: Clock,
    pub random: Random,
}

impl Sample {
    pub fn new() -> Self {
        Self::seeded(1)
    }

    pub fn seeded(seed: u64) -> Self {
        Self {
            clock: Clock::test(Timestamp::from_secs(1_767_225_600)),
            random: Random::seeded(seed),
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.advance(Duration::from_secs(1));
        self.clock.now()
    }

    pub fn project(&self) -> Project {
        let now = self.now();
        Project {
            id: ProjectId::new(&self.clock, &self.random),
            name: "Ünïcode & Söhne 🚀".to_owned(),
            allowed_origins: vec!["https://app.example.com".to_owned()],
            data_key: self.random.bytes::<48>().to_vec(),
            created_at: now,
            updated_at: now,
        }
    }

    pub fn user(&self, project: ProjectId, external_id: &str) -> ConnectedUser {
        let now = self.now();
        ConnectedUser {
            id: ConnectedUserId::new(&self.clock, &self.random),
            project_id: project,
            external_id: external_id.to_owned(),
            metadata: object(json!({"Name": "Ann", "big": 9_007_199_254_740_993_i64})),
            disabled_at: None,
            created_at: now,
            last_active_at: now,
        }
    }

    pub fn integration(&self, project: ProjectId, kind: &str) -> Integration {
        let now = self.now();
        Integration {
            id: IntegrationId::new(&self.clock, &self.random),
            project_id: project,
            kind: kind.to_owned(),
            is_active: true,
            scopes: vec!["vso.work_write".to_owned()],
            settings: object(json!({"tenant": "organizations"})),
            portal: object(json!({"description": "Sync work items"})),
            created_at: now,
            updated_at: now,
        }
    }

    pub fn registration(&self, integration: &Integration) -> AppRegistration {
        AppRegistration {
            id: AppRegistrationId::new(&self.clock, &self.random),
            project_id: integration.project_id,
            integration_id: integration.id,
            client_id: "client".to_owned(),
            proof: Proof { sealed: vec![0, 1, 254, 255], expires_at: None, thumbprint: None },
            successor: None,
            announced_days: None,
            created_at: self.now(),
            replaced_at: None,
        }
    }

    pub fn credential(&self, user: &ConnectedUser, integration: &Integration) -> Credential {
        let now = self.now();
        Credential {
            id: CredentialId::new(&self.clock, &self.random),
            project_id: user.project_id,
            integration_id: integration.id,
            user_id: user.id,
            app_registration_id: None,
            account_type: "default".to_owned(),
            external_id: None,
            status: Status::Valid,
            status_reason: None,
            provider_id: Some("ann@example.com".to_owned()),
            provider_data: object(json!({"organization": "fabrikam"})),
            profile: "public".to_owned(),
            scopes: vec!["vso.work_write".to_owned()],
            secrets: vec![0, 1, 254, 255],
            expires_at: Some(now + Duration::from_secs(3600)),
            refreshed_at: now,
            refresh_failure_count: 0,
            refresh_lease_until: None,
            suspect_since: None,
            created_at: now,
            updated_at: now,
        }
    }

    pub fn configuration(&self, credential: &Credential) -> Configuration {
        let now = self.now();
        Configuration {
            id: ConfigurationId::new(&self.clock, &self.random),
            project_id: credential.project_id,
            credential_id: credential.id,
            external_id: None,
            is_default: false,
            shared_settings: object(json!({"area": ["a", null]})),
            workflow_settings: Map::new(),
            metadata: Map::new(),
            created_at: now,
            updated_at: now,
        }
    }

    pub fn workflow(&self, integration: &Integration, key: &str) -> Workflow {
        let now = self.now();
        Workflow {
            id: WorkflowId::new(&self.clock, &self.random),
            project_id: integration.project_id,
            integration_id: Some(integration.id),
            key: key.to_owned(),
            name: "Sync work items".to_owned(),
            draft: json!({"key": key}),
            draft_number: 1,
            live_version_id: None,
            created_at: now,
            updated_at: now,
        }
    }

    pub fn enablement(
        &self,
        workflow: &Workflow,
        user: &ConnectedUser,
        configuration: &Configuration,
    ) -> Enablement {
        Enablement {
            project_id: workflow.project_id,
            workflow_id: workflow.id,
            configuration_id: configuration.id,
            credential_id: configuration.credential_id,
            user_id: user.id,
            enabled_at: self.now(),
        }
    }

    pub fn key(&self, project: ProjectId) -> SigningKey {
        SigningKey {
            id: SigningKeyId::new(&self.clock, &self.random),
            project_id: project,
            algorithm: "RS256".to_owned(),
            public_key: "-----BEGIN PUBLIC KEY-----".to_owned(),
            created_at: self.now(),
            revoked_at: None,
        }
    }

    pub fn token(&self, project: Option<ProjectId>) -> ApiToken {
        ApiToken {
            id: ApiTokenId::new(&self.clock, &self.random),
            project_id: project,
            name: "ci".to_owned(),
            hash: self.random.token(),
            created_at: self.now(),
            revoked_at: None,
        }
    }

    pub fn nonce(&self, user: &ConnectedUser, integration: &Integration) -> Nonce {
        Nonce {
            hash: self.random.token(),
            project_id: user.project_id,
            user_id: user.id,
            integration_id: integration.id,
            origin: "https://app.example.com".to_owned(),
            expires_at: self.now() + Duration::from_secs(600),
        }
    }

    pub fn attempt(&self, user: &ConnectedUser, integration: &Integration) -> Attempt {
        let now = self.now();
        Attempt {
            id: OAuthAttemptId::new(&self.clock, &self.random),
            project_id: user.project_id,
            user_id: user.id,
            integration_id: integration.id,
            app_registration_id: None,
            state_hash: self.random.token(),
            session_key: Some("1234".to_owned()),
            handle_hash: None,
            phase: Phase::Started,
            request: json!({"accountType": "default"}),
            secrets: vec![7; 64],
            outcome: None,
            credential_id: None,
            created_at: now,
            expires_at: now + Duration::from_secs(600),
        }
    }
}

/// A project with a user and an integration, stored; and a second project, a stranger to it.
pub struct World {
    pub sample: Sample,
    pub project: Project,
    pub stranger: Project,
    pub user: ConnectedUser,
    pub integration: Integration,
}

impl World {
    pub async fn stored(tx: &mut Transaction) -> Self {
        let sample = Sample::new();
        let (project, stranger) = (sample.project(), sample.project());
        let user = sample.user(project.id, "ann");
        let integration = sample.integration(project.id, "azuredevops");
        store::projects::insert(tx, &project).await.unwrap();
        store::projects::insert(tx, &stranger).await.unwrap();
        store::connected_users::ensure(tx, &user).await.unwrap();
        store::integrations::insert(tx, &integration).await.unwrap();
        Self { sample, project, stranger, user, integration }
    }

    /// A stored credential of the user.
    pub async fn credential(&self, tx: &mut Transaction) -> Credential {
        let credential = self.sample.credential(&self.user, &self.integration);
        store::credentials::insert(tx, &credential).await.unwrap();
        credential
    }
}

/// The code of the error that `insert` ends in, in a transaction of its own: PostgreSQL allows no
/// further statement after an error.
pub async fn code_of(
    store: &Store,
    insert: impl AsyncFnOnce(&mut Transaction) -> base::Result<()>,
) -> &'static str {
    let mut tx = store.begin().await.unwrap();
    insert(&mut tx).await.expect_err("it clashes").code()
}

pub fn object(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else { panic!("not an object") };
    map
}
