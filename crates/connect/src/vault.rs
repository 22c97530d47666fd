//! Keeps secrets: random data keys per project, wrapped by the master key, seal each secret for the
//! one place it belongs to. Copied to another row, field or project it does not open.
//!
//! A project's current data key changes while servers run. Whoever seals asks for the key in the
//! transaction that stores what was sealed, and so seals with the current one. Whoever opens asks
//! for the keys *before* reading what is sealed, and so has the one it was sealed with, or finds
//! that one in the row now.

mod data_key;
mod envelope;
mod key_file;
mod key_id;
mod master_keys;
mod ring;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use arc_swap::ArcSwap;
use base::{Error, ErrorKind, ProjectId, Random, Result, Secret};
use store::{Connection, projects};
use uuid::Uuid;

pub(crate) use data_key::{DataKey, SealingKey};
pub(crate) use envelope::key_id;
pub use key_id::KeyId;
pub use master_keys::MasterKeys;
pub(crate) use master_keys::{MISSING, WRAPPED_KEY_BYTES};
pub(crate) use ring::Ring;

/// Seals and opens. The only place that holds keys.
pub(crate) struct Vault {
    /// Read again from their file when a project wants one that is not among them.
    master_keys: ArcSwap<MasterKeys>,
    random: Random,
    /// Small: about 200 bytes per project that this process has served.
    data_keys: RwLock<HashMap<ProjectId, Arc<DataKey>>>,
}

impl Vault {
    pub fn new(master_keys: MasterKeys, random: Random) -> Self {
        Self {
            master_keys: ArcSwap::from_pointee(master_keys),
            random,
            data_keys: RwLock::default(),
        }
    }

    /// The master keys as this process last read them.
    pub fn master_keys(&self) -> Arc<MasterKeys> {
        self.master_keys.load_full()
    }

    /// A new data key for a new project, wrapped, for its row, which the same transaction must
    /// insert: until its end no master key is added or retired, so the key it was wrapped with
    /// stays.
    pub async fn generate_data_key(
        &self,
        tx: &mut Connection,
        project_id: ProjectId,
    ) -> Result<Vec<u8>> {
        store::changes::hold(tx).await?;
        let keys = self.reread()?;
        Ok(keys.wrap(&self.random, project_id, &Ring::generate(&self.random)))
    }

    /// The project's data keys, from memory or its row, to open what is read after this.
    pub async fn data_key(
        &self,
        conn: &mut Connection,
        project_id: ProjectId,
    ) -> Result<Arc<DataKey>> {
        match self.known(project_id) {
            Some(key) => Ok(key),
            None => self.read_data_key(conn, project_id).await,
        }
    }

    /// Opens what was sealed for this field of this row, with the keys asked for before it was
    /// read, or else with one that another process has made since.
    pub async fn open(
        &self,
        conn: &mut Connection,
        key: &DataKey,
        (row, field): (Uuid, &str),
        sealed: &[u8],
    ) -> Result<Secret<Vec<u8>>> {
        if key.has_key_of(sealed) {
            return key.open(row, field, sealed);
        }
        self.read_data_key(conn, key.project_id()).await?.open(row, field, sealed)
    }

    /// The project's current data key, to seal what this transaction stores: until its end no other
    /// becomes current.
    pub async fn sealing_key(
        &self,
        tx: &mut Connection,
        project_id: ProjectId,
    ) -> Result<SealingKey> {
        let wrapped = projects::hold_data_key(tx, project_id).await?.ok_or_else(unknown)?;
        if let Some(known) = self.known(project_id).filter(|key| key.is_wrapped_as(&wrapped)) {
            return Ok(SealingKey(known));
        }
        let ring = self.unwrap(project_id, &wrapped)?;
        Ok(SealingKey(self.keep(DataKey::new(project_id, ring, wrapped, self.random.clone()))))
    }

    async fn read_data_key(
        &self,
        conn: &mut Connection,
        project_id: ProjectId,
    ) -> Result<Arc<DataKey>> {
        let mut wrapped = read_wrapped(conn, project_id).await?;
        let ring = match self.unwrap(project_id, &wrapped) {
            // They may have been rewrapped, and the old master key retired, since they were read.
            Err(error) if error.code() == MISSING => {
                wrapped = read_wrapped(conn, project_id).await?;
                self.unwrap(project_id, &wrapped)?
            }
            unwrapped => unwrapped?,
        };
        Ok(self.keep(DataKey::new(project_id, ring, wrapped, self.random.clone())))
    }

    fn known(&self, project_id: ProjectId) -> Option<Arc<DataKey>> {
        let known = self.data_keys.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&project_id).cloned()
    }

    fn keep(&self, key: DataKey) -> Arc<DataKey> {
        let key = Arc::new(key);
        let mut known = self.data_keys.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(key.project_id(), Arc::clone(&key));
        key
    }

    fn unwrap(&self, project_id: ProjectId, wrapped: &[u8]) -> Result<Ring> {
        match self.master_keys.load().unwrap(project_id, wrapped) {
            Err(error) if error.code() == MISSING => self.reread()?.unwrap(project_id, wrapped),
            unwrapped => unwrapped,
        }
    }

    /// The keys as they are in their file now. What is wrong with the file is for the log: it is
    /// no caller's fault.
    fn reread(&self) -> Result<Arc<MasterKeys>> {
        let keys = self.master_keys.load().reread().map_err(|cause| {
            let message = "Gangway's master key file cannot be used just now; its log says why. \
                           Whoever runs Gangway mends it.";
            Error::new(ErrorKind::Unavailable, "master_key_file", message).with_source(cause)
        })?;
        let keys = Arc::new(keys);
        self.master_keys.store(Arc::clone(&keys));
        Ok(keys)
    }

    /// Forgets a project's data keys: they may have been shredded.
    pub fn forget(&self, project_id: ProjectId) {
        self.data_keys.write().unwrap_or_else(PoisonError::into_inner).remove(&project_id);
    }
}

async fn read_wrapped(conn: &mut Connection, project_id: ProjectId) -> Result<Vec<u8>> {
    let project = projects::find(conn, project_id).await?;
    project.map(|project| project.data_key).ok_or_else(unknown)
}

fn unknown() -> Error {
    Error::not_found("unknown_project", "There is no such project.")
}
