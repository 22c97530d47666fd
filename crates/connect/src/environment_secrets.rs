//! Environment secrets: what a host developer writes once and requests of workflows name. Their
//! plaintext is read here alone, and kept in memory until a change is heard of.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use base::{EnvironmentSecretId, Error, ErrorKind, ProjectId, Result, Secret, Timestamp};
use store::changes::{self, Kind};
use store::environment_secrets as table;

use crate::Connect;

/// The longest value, in bytes: room for a certificate with its chain.
pub const SECRET_BYTES_MAX: usize = 16 * 1024;
/// The longest key.
const KEY_BYTES_MAX: usize = 128;
/// How many secrets a project may have.
const SECRETS_MAX: usize = 500;
/// How many projects' secrets are kept in memory.
const PROJECTS_CACHED_MAX: usize = 1_000;
/// The field of the row that is sealed.
const FIELD: &str = "value";

/// What is told of an environment secret: everything but its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentSecret {
    /// What expressions call it.
    pub key: String,
    /// When it was first set.
    pub created_at: Timestamp,
    /// When it was last set.
    pub updated_at: Timestamp,
}

/// A project's secrets by key; none for a value that can no longer be opened.
pub(crate) type Opened = BTreeMap<String, Option<Secret<String>>>;

/// The secrets in memory.
#[derive(Default)]
pub(crate) struct EnvironmentSecrets {
    known: RwLock<HashMap<ProjectId, Arc<Opened>>>,
    /// Counts what was forgotten, so that a read that began before is not kept.
    forgotten: AtomicU64,
}

impl EnvironmentSecrets {
    pub fn forget(&self, project_id: ProjectId) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.known.write().unwrap_or_else(PoisonError::into_inner).remove(&project_id);
    }

    fn get(&self, project_id: ProjectId) -> Option<Arc<Opened>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&project_id).cloned()
    }

    fn put(&self, project_id: ProjectId, opened: Arc<Opened>, before: u64) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if self.forgotten.load(Ordering::SeqCst) != before {
            return;
        }
        if known.len() >= PROJECTS_CACHED_MAX {
            known.clear();
        }
        known.insert(project_id, opened);
    }
}

impl Connect {
    /// Sets an environment secret, whether it was there before or not.
    ///
    /// # Errors
    /// `invalid_secret_key`, `invalid_secret_value`, `too_many_secrets`.
    pub async fn set_environment_secret(
        &self,
        project_id: ProjectId,
        key: &str,
        value: Secret<String>,
    ) -> Result<EnvironmentSecret> {
        check(key, &value)?;
        let now = self.0.clock.now();
        let mut tx = self.0.store.begin().await?;
        let data_key = self.0.vault.sealing_key(&mut tx, project_id).await?;
        // Whoever sets the same key at the same time waits here, and finds it set.
        changes::note(&mut tx, project_id, Kind::EnvironmentSecrets, key, now).await?;
        let known = table::list(&mut tx, project_id).await?;
        let found = known.iter().find(|known| known.key == key);
        if found.is_none() && known.len() >= SECRETS_MAX {
            return Err(too_many());
        }
        let id = match found {
            Some(found) => found.id,
            None => EnvironmentSecretId::new(&self.0.clock, &self.0.random),
        };
        let row = table::EnvironmentSecret {
            id,
            project_id,
            key: key.to_owned(),
            value: data_key.seal(id.uuid(), FIELD, value.expose().as_bytes()),
            created_at: found.map_or(now, |found| found.created_at),
            updated_at: now,
        };
        table::put(&mut tx, &row).await?;
        tx.commit().await?;
        self.0.environment_secrets.forget(project_id);
        Ok(row.into())
    }

    /// A project's environment secrets by key, without their values.
    pub async fn environment_secrets(
        &self,
        project_id: ProjectId,
    ) -> Result<Vec<EnvironmentSecret>> {
        let rows = table::list(&mut *self.0.store.read().await?, project_id).await?;
        Ok(rows.into_iter().map(EnvironmentSecret::from).collect())
    }

    /// Deletes an environment secret.
    ///
    /// # Errors
    /// `environment_secret_not_found`.
    pub async fn delete_environment_secret(&self, project_id: ProjectId, key: &str) -> Result<()> {
        let mut tx = self.0.store.begin().await?;
        if !table::delete(&mut tx, project_id, key).await? {
            let message = "The project has no environment secret with this key.";
            return Err(Error::not_found("environment_secret_not_found", message));
        }
        let now = self.0.clock.now();
        changes::note(&mut tx, project_id, Kind::EnvironmentSecrets, key, now).await?;
        tx.commit().await?;
        self.0.environment_secrets.forget(project_id);
        Ok(())
    }

    /// A project's secrets with their values: from memory, else opened from their rows.
    pub(crate) async fn opened_secrets(&self, project_id: ProjectId) -> Result<Arc<Opened>> {
        let cache = &self.0.environment_secrets;
        if let Some(opened) = cache.get(project_id) {
            return Ok(opened);
        }
        let before = cache.forgotten.load(Ordering::SeqCst);
        let mut conn = self.0.store.read().await?;
        let data_key = self.0.vault.data_key(&mut conn, project_id).await?;
        let mut opened = Opened::new();
        for row in table::list(&mut conn, project_id).await? {
            let place = (row.id.uuid(), FIELD);
            let bytes = self.0.vault.open(&mut conn, &data_key, place, &row.value).await;
            let text = bytes.and_then(|bytes| {
                String::from_utf8(bytes.expose().clone())
                    .map(Secret::new)
                    .map_err(|_| Error::internal("an environment secret is no text"))
            });
            if let Err(error) = &text {
                tracing::error!(secret = %row.id, ?error, "an environment secret is unreadable");
            }
            opened.insert(row.key, text.ok());
        }
        let opened = Arc::new(opened);
        cache.put(project_id, Arc::clone(&opened), before);
        Ok(opened)
    }
}

impl From<table::EnvironmentSecret> for EnvironmentSecret {
    fn from(row: table::EnvironmentSecret) -> Self {
        Self { key: row.key, created_at: row.created_at, updated_at: row.updated_at }
    }
}

/// The value of a secret among those of its project.
pub(crate) fn find<'o>(opened: &'o Opened, key: &str) -> Result<&'o Secret<String>> {
    match opened.get(key) {
        Some(Some(value)) => Ok(value),
        Some(None) => {
            let message = format!(
                "The environment secret {key} can no longer be read: the key that protected it is \
                 lost. Set it again."
            );
            Err(Error::invalid("environment_secret_unreadable", message))
        }
        None => {
            let message = format!(
                "The project has no environment secret {key}. Set it, or correct its name."
            );
            Err(Error::invalid("environment_secret_missing", message))
        }
    }
}

/// A key is a name that expressions can write.
fn check(key: &str, value: &Secret<String>) -> Result<()> {
    let starts = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_name = starts && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name || key.len() > KEY_BYTES_MAX {
        let message = format!(
            "The key of an environment secret consists of letters, digits and _, begins with no \
             digit, and has at most {KEY_BYTES_MAX} characters."
        );
        return Err(Error::invalid("invalid_secret_key", message));
    }
    if value.expose().is_empty() || value.expose().len() > SECRET_BYTES_MAX {
        let message =
            format!("The value of an environment secret has 1 to {SECRET_BYTES_MAX} bytes.");
        return Err(Error::invalid("invalid_secret_value", message));
    }
    Ok(())
}

fn too_many() -> Error {
    let message = format!("The project has {SECRETS_MAX} environment secrets; delete one first.");
    Error::new(ErrorKind::Conflict, "too_many_secrets", message)
}
