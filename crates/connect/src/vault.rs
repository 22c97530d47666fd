//! Keeps secrets: a random data key per project, wrapped by the master key, seals each secret for
//! the one place it belongs to. Copied to another row, field or project it does not open.

mod envelope;
mod key_file;
mod key_id;
mod master_keys;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use arc_swap::ArcSwap;
use base::{Error, ErrorKind, ProjectId, Random, Result, Secret};
use store::Connection;
use store::projects::Project;
use uuid::Uuid;

pub(crate) use envelope::key_id;
pub use key_id::KeyId;
pub use master_keys::MasterKeys;

/// Seals and opens. The only place that holds keys.
pub(crate) struct Vault {
    /// Read again from their file when a project wants one that is not among them.
    master_keys: ArcSwap<MasterKeys>,
    random: Random,
    /// Small: 32 bytes per project that this process has served.
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
        let data_key = Secret::new(self.random.bytes::<32>());
        Ok(keys.wrap(&self.random, project_id, &data_key))
    }

    /// The project's data key: from memory, else unwrapped from its row.
    pub async fn data_key(
        &self,
        conn: &mut Connection,
        project_id: ProjectId,
    ) -> Result<Arc<DataKey>> {
        if let Some(key) = self.known(project_id) {
            return Ok(key);
        }
        let project = read_project(conn, project_id).await?;
        let key = match self.unwrap(project_id, &project.data_key) {
            // Its key may have been rewrapped, and the old master key retired, since it was read.
            Err(error) if error.code() == master_keys::MISSING => {
                let project = read_project(conn, project_id).await?;
                self.unwrap(project_id, &project.data_key)?
            }
            unwrapped => unwrapped?,
        };
        let key = Arc::new(DataKey { project_id, key, random: self.random.clone() });
        let mut known = self.data_keys.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(project_id, Arc::clone(&key));
        Ok(key)
    }

    fn known(&self, project_id: ProjectId) -> Option<Arc<DataKey>> {
        let known = self.data_keys.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&project_id).cloned()
    }

    fn unwrap(&self, project_id: ProjectId, wrapped: &[u8]) -> Result<Secret<[u8; 32]>> {
        match self.master_keys.load().unwrap(project_id, wrapped) {
            Err(error) if error.code() == master_keys::MISSING => {
                self.reread()?.unwrap(project_id, wrapped)
            }
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

    /// Forgets a project's data key: it may have been shredded.
    pub fn forget(&self, project_id: ProjectId) {
        self.data_keys.write().unwrap_or_else(PoisonError::into_inner).remove(&project_id);
    }
}

/// The key of one project's secrets.
pub(crate) struct DataKey {
    project_id: ProjectId,
    key: Secret<[u8; 32]>,
    random: Random,
}

impl DataKey {
    /// Seals a secret for one field of one row.
    pub fn seal(&self, row: Uuid, field: &str, plaintext: &[u8]) -> Vec<u8> {
        envelope::seal(&self.key, &self.random, &self.place(row, field), plaintext)
    }

    /// Opens what was sealed for this field of this row.
    pub fn open(&self, row: Uuid, field: &str, sealed: &[u8]) -> Result<Secret<Vec<u8>>> {
        envelope::open(&self.key, &self.place(row, field), sealed)
    }

    /// Project and row have a fixed length, so that no two places read the same.
    fn place(&self, row: Uuid, field: &str) -> Vec<u8> {
        [self.project_id.uuid().as_bytes(), row.as_bytes(), field.as_bytes()].concat()
    }
}

async fn read_project(conn: &mut Connection, project_id: ProjectId) -> Result<Project> {
    let project = store::projects::find(conn, project_id).await?;
    project.ok_or_else(|| Error::not_found("unknown_project", "There is no such project."))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn data_key(seed: u64, project: Uuid) -> DataKey {
        let random = Random::seeded(seed);
        let project_id = ProjectId::from_uuid(project);
        DataKey { project_id, key: Secret::new(random.bytes()), random }
    }

    fn flip(bytes: &mut [u8], position: prop::sample::Index, bit: u32) {
        let position = position.index(bytes.len());
        bytes[position] ^= 1 << bit;
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_in_its_place(
            plaintext: Vec<u8>, seed: u64, project: u128, row: u128, field in "[a-z]{0,12}",
        ) {
            let key = data_key(seed, Uuid::from_u128(project));
            let row = Uuid::from_u128(row);
            let sealed = key.seal(row, &field, &plaintext);
            let opened = key.open(row, &field, &sealed).unwrap();
            prop_assert_eq!(opened.expose(), &plaintext);
        }

        #[test]
        fn any_flipped_bit_makes_it_unreadable(
            plaintext: Vec<u8>, seed: u64, position: prop::sample::Index, bit in 0..8_u32,
        ) {
            let key = data_key(seed, Uuid::nil());
            let mut sealed = key.seal(Uuid::nil(), "secrets", &plaintext);
            flip(&mut sealed, position, bit);
            prop_assert!(key.open(Uuid::nil(), "secrets", &sealed).is_err());
        }

        #[test]
        fn cut_short_or_made_longer_it_does_not_open(
            plaintext: Vec<u8>, seed: u64, length: prop::sample::Index, more in 1..64_usize,
        ) {
            let key = data_key(seed, Uuid::nil());
            let mut sealed = key.seal(Uuid::nil(), "secrets", &plaintext);
            let short = &sealed[..length.index(sealed.len())];
            prop_assert!(key.open(Uuid::nil(), "secrets", short).is_err());
            sealed.resize(sealed.len() + more, 0);
            prop_assert!(key.open(Uuid::nil(), "secrets", &sealed).is_err());
        }

        #[test]
        fn an_older_or_unknown_version_byte_is_refused(
            plaintext: Vec<u8>, seed: u64, version in 0..=u8::MAX,
        ) {
            let key = data_key(seed, Uuid::nil());
            let mut sealed = key.seal(Uuid::nil(), "secrets", &plaintext);
            prop_assume!(sealed[0] != version);
            sealed[0] = version;
            prop_assert!(key.open(Uuid::nil(), "secrets", &sealed).is_err());
        }

        #[test]
        fn it_opens_in_no_other_row_field_or_project(
            plaintext: Vec<u8>, seed: u64, project: u128, row: u128, other: u128,
        ) {
            let (row, other) = (Uuid::from_u128(row), Uuid::from_u128(other));
            prop_assume!(row != other);
            let mut key = data_key(seed, Uuid::from_u128(project));
            let sealed = key.seal(row, "secrets", &plaintext);
            prop_assert!(key.open(other, "secrets", &sealed).is_err());
            prop_assert!(key.open(row, "client_secret", &sealed).is_err());
            key.project_id = ProjectId::from_uuid(Uuid::from_u128(!project));
            prop_assert!(key.open(row, "secrets", &sealed).is_err());
        }

        #[test]
        fn another_projects_key_does_not_open_it(
            plaintext: Vec<u8>, seed: u64, other: u64, row: u128,
        ) {
            prop_assume!(seed != other);
            let row = Uuid::from_u128(row);
            let sealed = data_key(seed, Uuid::nil()).seal(row, "secrets", &plaintext);
            prop_assert!(data_key(other, Uuid::nil()).open(row, "secrets", &sealed).is_err());
        }

        #[test]
        fn a_wrapped_data_key_opens_for_its_project_alone_and_not_when_a_bit_was_flipped(
            seed: u64, project: u128, other: u128, position: prop::sample::Index, bit in 0..8_u32,
        ) {
            prop_assume!(project != other);
            let random = Random::seeded(seed);
            let [project, other] = [project, other].map(|id| ProjectId::from_uuid(Uuid::from_u128(id)));
            let keys = MasterKeys::random(&random);
            let key = Secret::new(random.bytes());
            let mut wrapped = keys.wrap(&random, project, &key);
            let unwrapped = keys.unwrap(project, &wrapped).unwrap();
            prop_assert_eq!(unwrapped.expose(), key.expose());
            prop_assert!(keys.unwrap(other, &wrapped).is_err());
            flip(&mut wrapped, position, bit);
            prop_assert!(keys.unwrap(project, &wrapped).is_err());
        }
    }
}
