//! App registrations: which client id and secret an integration signs people in with.

use base::{AppRegistrationId, Error, ErrorKind, ProjectId, Result, Secret, Timestamp};
use store::app_failures;
use store::app_registrations::{self, AppRegistration, Proof};
use store::changes::{self, Kind};
use store::credentials::Credential;
use store::integrations::Integration;

use crate::Connect;
use crate::oauth::certificate;
use crate::provider::Provider;
use crate::secrets::{OwnClient, Tokens};
use crate::vault::{DataKey, SealingKey};

/// The longest client id or secret.
const CLIENT_BYTES_MAX: usize = 4_096;
/// The field of a registration's row that is sealed.
const FIELD: &str = "client_secret";
/// Its other one.
const SUCCESSOR: &str = "successor";

/// The code of the error when there is no app at all.
const KEYS_MISSING: &str = "development_keys_missing";

/// The app that an integration signs people in with.
#[derive(Clone, Debug)]
pub struct Client {
    /// The host developer's own registration; none with development keys.
    pub registration_id: Option<AppRegistrationId>,
    /// The client id at the provider.
    pub client_id: String,
    /// The endpoint profile it belongs to.
    pub profile: String,
    /// The client secret, or the private key of a certificate.
    pub(crate) client_secret: Secret<String>,
    /// The certificate's thumbprint, where it proves itself by one.
    pub(crate) thumbprint: Option<String>,
    /// Secret and thumbprint that take over when the provider refuses those.
    pub(crate) successor: Option<(Secret<String>, Option<String>)>,
    /// Whether the person brought it: its failures are theirs.
    pub(crate) brought: bool,
}

/// What proves an app, as its owner gives it.
#[derive(Clone, Debug)]
pub struct NewProof {
    /// The client secret, or the private key of `certificate` in PEM.
    pub secret: Secret<String>,
    /// The certificate in PEM, where the app proves itself by one.
    pub certificate: Option<String>,
    /// When it ends, where the owner says so; a certificate tells by itself.
    pub expires_at: Option<Timestamp>,
}

impl From<Secret<String>> for NewProof {
    fn from(secret: Secret<String>) -> Self {
        Self { secret, certificate: None, expires_at: None }
    }
}

impl NewProof {
    fn seal(&self, key: &SealingKey, id: AppRegistrationId, field: &str) -> Result<Proof> {
        let secret = self.secret.expose().trim();
        let certificate = match &self.certificate {
            Some(text) => Some(certificate::read(&self.secret, text)?),
            None if fits(secret) => None,
            None => return Err(half_an_app()),
        };
        let not_after = certificate.as_ref().map(|certificate| certificate.not_after);
        Ok(Proof {
            sealed: key.seal(id.uuid(), field, secret.as_bytes()),
            expires_at: self.expires_at.into_iter().chain(not_after).min(),
            thumbprint: certificate.map(|certificate| certificate.thumbprint),
        })
    }
}

impl Client {
    /// The same app, proven by what takes over when the provider refuses the present proof.
    pub(crate) fn successor(&self) -> Option<Self> {
        let (client_secret, thumbprint) = self.successor.clone()?;
        Some(Self { client_secret, thumbprint, successor: None, ..self.clone() })
    }
}

impl Client {
    /// The app that a person brought.
    pub(crate) fn brought(own: &OwnClient, profile: &str) -> Self {
        Self {
            registration_id: None,
            client_id: own.id.clone(),
            profile: profile.to_owned(),
            client_secret: own.secret.clone(),
            thumbprint: None,
            successor: None,
            brought: true,
        }
    }
}

impl Connect {
    /// Stores the host developer's client id and what proves it. Another client id makes another
    /// registration; credentials of the one before keep using that until they are gone.
    pub async fn set_client(
        &self,
        integration: &Integration,
        client_id: &str,
        proof: NewProof,
    ) -> Result<()> {
        let client_id = client_id.trim();
        if !fits(client_id) {
            return Err(half_an_app());
        }
        let (project_id, now) = (integration.project_id, self.0.clock.now());
        let mut tx = self.0.store.begin().await?;
        let key = self.0.vault.sealing_key(&mut tx, project_id).await?;
        let current = app_registrations::find_current(&mut tx, project_id, integration.id).await?;
        match current.filter(|current| current.client_id == client_id) {
            Some(current) => {
                let proof = proof.seal(&key, current.id, FIELD)?;
                app_registrations::replace_proof(&mut tx, project_id, current.id, &proof).await?;
            }
            None => {
                app_registrations::replace_current(&mut tx, project_id, integration.id, now)
                    .await?;
                app_registrations::delete_unused(&mut tx, project_id, integration.id).await?;
                let id = AppRegistrationId::new(&self.0.clock, &self.0.random);
                let registration = AppRegistration {
                    id,
                    project_id,
                    integration_id: integration.id,
                    client_id: client_id.to_owned(),
                    proof: proof.seal(&key, id, FIELD)?,
                    successor: None,
                    announced_days: None,
                    created_at: now,
                    replaced_at: None,
                };
                app_registrations::insert(&mut tx, &registration).await?;
            }
        }
        // The owner has mended what was told: if it fails again, that is news.
        app_failures::clear(&mut tx, project_id, integration.id, client_id, now).await?;
        changes::note(&mut tx, project_id, Kind::Project, project_id, now).await?;
        tx.commit().await
    }

    /// Stores what takes over when the provider refuses the present proof; an empty secret takes it
    /// away.
    ///
    /// # Errors
    /// `no_own_app` when the integration has no app of its own.
    pub async fn set_successor(
        &self,
        integration: &Integration,
        successor: NewProof,
    ) -> Result<()> {
        let (project_id, now) = (integration.project_id, self.0.clock.now());
        let mut tx = self.0.store.begin().await?;
        let key = self.0.vault.sealing_key(&mut tx, project_id).await?;
        let current = app_registrations::find_current(&mut tx, project_id, integration.id).await?;
        let id = current.ok_or_else(no_own_app)?.id;
        let successor = match successor.secret.expose().trim() {
            "" => None,
            _ => Some(successor.seal(&key, id, SUCCESSOR)?),
        };
        app_registrations::set_successor(&mut tx, project_id, id, successor.as_ref()).await?;
        changes::note(&mut tx, project_id, Kind::Project, project_id, now).await?;
        tx.commit().await
    }

    /// Puts the successor, which has just worked, in the place of the proof that did not.
    pub(crate) async fn promote(&self, project_id: ProjectId, client: &Client) {
        let Some(id) = client.registration_id else { return };
        tracing::warn!(client = %client.client_id, "the app's next secret has taken over");
        if let Err(cause) = self.try_promote(project_id, id).await {
            tracing::error!(client = %client.client_id, ?cause, "the next secret was not promoted");
        }
    }

    async fn try_promote(&self, project_id: ProjectId, id: AppRegistrationId) -> Result<()> {
        let vault = &self.0.vault;
        let mut tx = self.0.store.begin().await?;
        let key = vault.sealing_key(&mut tx, project_id).await?;
        let found = app_registrations::find(&mut tx, project_id, id).await?;
        let Some(successor) = found.and_then(|registration| registration.successor) else {
            return Ok(());
        };
        let place = (id.uuid(), SUCCESSOR);
        let opened = vault.open(&mut tx, &key, place, &successor.sealed).await?;
        let proof = Proof { sealed: key.seal(id.uuid(), FIELD, opened.expose()), ..successor };
        app_registrations::replace_proof(&mut tx, project_id, id, &proof).await?;
        tx.commit().await
    }

    /// Goes back to development keys for new credentials.
    pub async fn clear_client(&self, integration: &Integration) -> Result<()> {
        let (project_id, now) = (integration.project_id, self.0.clock.now());
        let mut tx = self.0.store.begin().await?;
        app_registrations::replace_current(&mut tx, project_id, integration.id, now).await?;
        app_registrations::delete_unused(&mut tx, project_id, integration.id).await?;
        changes::note(&mut tx, project_id, Kind::Project, project_id, now).await?;
        tx.commit().await
    }

    /// The app that new credentials come from.
    ///
    /// # Errors
    /// `development_keys_missing` when the integration has none and neither has the installation.
    pub async fn client_of(&self, integration: &Integration) -> Result<Client> {
        let mut conn = self.0.store.read().await?;
        let project_id = integration.project_id;
        let key = self.0.vault.data_key(&mut conn, project_id).await?;
        let current =
            app_registrations::find_current(&mut conn, project_id, integration.id).await?;
        let Some(registration) = current else { return self.development_client(&integration.kind) };
        let profile = self.own_profile(integration);
        self.open_registration(&mut conn, &key, registration, profile).await
    }

    /// The endpoint profile of accounts connected now, by an app or without one.
    pub(crate) async fn profile_of(&self, integration: &Integration) -> Result<String> {
        match self.client_of(integration).await {
            Ok(client) => Ok(client.profile),
            Err(error) if error.code() == KEYS_MISSING => Ok(self.own_profile(integration)),
            Err(error) => Err(error),
        }
    }

    fn own_profile(&self, integration: &Integration) -> String {
        let named = integration.settings.get("profile").and_then(|name| name.as_str());
        named.unwrap_or(&self.0.config.profile).to_owned()
    }

    /// The app that a credential was connected through.
    pub(crate) async fn client_of_credential(
        &self,
        project_id: ProjectId,
        slug: &str,
        registration_id: Option<AppRegistrationId>,
        profile: &str,
    ) -> Result<Client> {
        let Some(id) = registration_id else { return self.development_client(slug) };
        let mut conn = self.0.store.read().await?;
        let key = self.0.vault.data_key(&mut conn, project_id).await?;
        let found = app_registrations::find(&mut conn, project_id, id).await?;
        let registration = found.ok_or_else(|| Error::internal("a credential lost its app"))?;
        self.open_registration(&mut conn, &key, registration, profile.to_owned()).await
    }

    /// The app that a credential's tokens come from: the person's own, or the integration's.
    pub(crate) async fn client_of_tokens(
        &self,
        provider: &Provider,
        row: &Credential,
        tokens: &Tokens,
    ) -> Result<Client> {
        if let Some(own) = &tokens.client {
            return Ok(Client::brought(own, &row.profile));
        }
        let (slug, registration) = (&provider.slug, row.app_registration_id);
        let found = self.client_of_credential(row.project_id, slug, registration, &row.profile);
        Ok(Client { profile: row.profile.clone(), ..found.await? })
    }

    async fn open_registration(
        &self,
        conn: &mut store::Connection,
        key: &DataKey,
        registration: AppRegistration,
        profile: String,
    ) -> Result<Client> {
        let id = registration.id;
        let mut open = async |field, proof: &Proof| {
            let place = (id.uuid(), field);
            let opened = self.0.vault.open(conn, key, place, &proof.sealed).await?;
            let text = std::str::from_utf8(opened.expose()).map_err(Error::internal)?;
            Ok::<_, Error>(Secret::new(text.to_owned()))
        };
        Ok(Client {
            registration_id: Some(id),
            client_id: registration.client_id.clone(),
            profile,
            client_secret: open(FIELD, &registration.proof).await?,
            thumbprint: registration.proof.thumbprint.clone(),
            successor: match &registration.successor {
                Some(proof) => Some((open(SUCCESSOR, proof).await?, proof.thumbprint.clone())),
                None => None,
            },
            brought: false,
        })
    }

    fn development_client(&self, slug: &str) -> Result<Client> {
        let name = &self.provider(slug)?.name;
        let keys = self.0.config.development_keys.get(slug).ok_or_else(|| {
            Error::new(
                ErrorKind::Conflict,
                KEYS_MISSING,
                format!(
                    "The {name} integration has no client id and secret, and this installation \
                     has no development keys for {name}. Whoever runs the integration must enter \
                     the client id and secret of their own app."
                ),
            )
        })?;
        Ok(Client {
            registration_id: None,
            client_id: keys.client_id.clone(),
            profile: keys.profile.clone(),
            client_secret: keys.client_secret.clone(),
            thumbprint: None,
            successor: None,
            brought: false,
        })
    }
}

fn fits(text: &str) -> bool {
    !text.is_empty() && text.len() <= CLIENT_BYTES_MAX && !text.contains(char::is_control)
}

fn half_an_app() -> Error {
    let message = "Enter both the client id and the client secret of your app, or neither to use \
                   development keys.";
    Error::invalid("invalid_client", message)
}

fn no_own_app() -> Error {
    let message = "The integration uses development keys: enter the client id and client secret \
                   of your own app first.";
    Error::new(ErrorKind::Conflict, "no_own_app", message)
}
