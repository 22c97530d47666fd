//! Keeps secrets: a random data key per project, wrapped by the master key, seals each secret for
//! the one place it belongs to. Copied to another row, field or project it does not open.

mod envelope;
mod master_keys;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use base::{Error, ProjectId, Random, Result, Secret};
use store::Connection;
use uuid::Uuid;

pub use master_keys::MasterKeys;

/// Seals and opens. The only place that holds keys.
pub(crate) struct Vault {
    master_keys: MasterKeys,
    random: Random,
    /// Small: 32 bytes per project that this process has served.
    data_keys: RwLock<HashMap<ProjectId, Arc<DataKey>>>,
}

impl Vault {
    pub fn new(master_keys: MasterKeys, random: Random) -> Self {
        Self { master_keys, random, data_keys: RwLock::default() }
    }

    /// A new data key for a new project, wrapped, for its row.
    pub fn generate_data_key(&self, project_id: ProjectId) -> Vec<u8> {
        let key = Secret::new(self.random.bytes::<32>());
        let place = place_of_data_key(project_id);
        envelope::seal(self.master_keys.current(), &self.random, &place, key.expose())
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
        let project = store::projects::find(conn, project_id)
            .await?
            .ok_or_else(|| Error::not_found("unknown_project", "There is no such project."))?;
        let key = Arc::new(self.unwrap(project_id, &project.data_key)?);
        let mut known = self.data_keys.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(project_id, Arc::clone(&key));
        Ok(key)
    }

    fn known(&self, project_id: ProjectId) -> Option<Arc<DataKey>> {
        let known = self.data_keys.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&project_id).cloned()
    }

    fn unwrap(&self, project_id: ProjectId, wrapped: &[u8]) -> Result<DataKey> {
        let master = self.master_keys.find(envelope::key_id(wrapped)?)?;
        let opened = envelope::open(master, &place_of_data_key(project_id), wrapped)?;
        let key = <[u8; 32]>::try_from(opened.expose().as_slice())
            .map_err(|_| Error::internal("a data key has another length than 32 bytes"))?;
        Ok(DataKey { project_id, key: Secret::new(key), random: self.random.clone() })
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

fn place_of_data_key(project_id: ProjectId) -> Vec<u8> {
    [b"data key of ".as_slice(), project_id.uuid().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn data_key(seed: u64, project: Uuid) -> DataKey {
        let random = Random::seeded(seed);
        let vault = Vault::new(MasterKeys::random(&random), random);
        let project_id = ProjectId::from_uuid(project);
        vault.unwrap(project_id, &vault.generate_data_key(project_id)).unwrap()
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
            let position = position.index(sealed.len());
            sealed[position] ^= 1 << bit;
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
    }

    #[test]
    fn a_data_key_wrapped_for_one_project_does_not_open_for_another() {
        let random = Random::seeded(1);
        let vault = Vault::new(MasterKeys::random(&random), random);
        let project_id = ProjectId::from_uuid(Uuid::from_u128(1));
        let wrapped = vault.generate_data_key(project_id);
        assert!(vault.unwrap(project_id, &wrapped).is_ok());
        assert!(vault.unwrap(ProjectId::from_uuid(Uuid::from_u128(2)), &wrapped).is_err());
    }
}
