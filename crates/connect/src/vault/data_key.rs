//! One project's data keys, ready for use.

use std::ops::Deref;
use std::sync::Arc;

use base::{ProjectId, Random, Result, Secret};
use uuid::Uuid;

use super::envelope;
use super::key_id::KeyId;
use super::ring::Ring;

/// The keys of one project's secrets. They open; to seal takes a [`SealingKey`].
pub(crate) struct DataKey {
    project_id: ProjectId,
    ring: Ring,
    /// As it stood in the project's row.
    wrapped: Vec<u8>,
    random: Random,
}

impl DataKey {
    pub fn new(project_id: ProjectId, ring: Ring, wrapped: Vec<u8>, random: Random) -> Self {
        Self { project_id, ring, wrapped, random }
    }

    /// Whose they are.
    pub const fn project_id(&self) -> ProjectId {
        self.project_id
    }

    /// Whether the project's row still reads as when these were read from it.
    pub fn is_wrapped_as(&self, wrapped: &[u8]) -> bool {
        self.wrapped == wrapped
    }

    /// Whether the key that sealed this is among them.
    pub fn has_key_of(&self, sealed: &[u8]) -> bool {
        envelope::key_id(sealed).is_ok_and(|id| self.ring.key(id).is_some())
    }

    /// The names of those that are not current.
    pub fn older(&self) -> Vec<KeyId> {
        self.ring.older()
    }

    /// Whether the same key is current in these.
    pub fn is_current(&self, ring: &Ring) -> bool {
        KeyId::of(self.ring.current()) == KeyId::of(ring.current())
    }

    /// Whether one that is not current has sealed this.
    pub fn is_sealed_with_older(&self, sealed: &[u8]) -> bool {
        envelope::key_id(sealed).is_ok_and(|id| self.ring.older().contains(&id))
    }

    /// Opens what was sealed for this field of this row.
    pub fn open(&self, row: Uuid, field: &str, sealed: &[u8]) -> Result<Secret<Vec<u8>>> {
        let key = self.ring.key(envelope::key_id(sealed)?).ok_or_else(envelope::unreadable)?;
        envelope::open(key, &self.place(row, field), sealed)
    }

    fn seal(&self, row: Uuid, field: &str, plaintext: &[u8]) -> Vec<u8> {
        let place = self.place(row, field);
        envelope::seal(self.ring.current(), &self.random, &place, plaintext)
    }

    /// Project and row have a fixed length, so that no two places read the same.
    fn place(&self, row: Uuid, field: &str) -> Vec<u8> {
        [self.project_id.uuid().as_bytes(), row.as_bytes(), field.as_bytes()].concat()
    }
}

/// The same keys in a transaction in which no other becomes current.
pub(crate) struct SealingKey(pub(super) Arc<DataKey>);

impl SealingKey {
    /// Seals a secret for one field of one row.
    pub fn seal(&self, row: Uuid, field: &str, plaintext: &[u8]) -> Vec<u8> {
        self.0.seal(row, field, plaintext)
    }
}

impl Deref for SealingKey {
    type Target = DataKey;
    fn deref(&self) -> &DataKey {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::vault::MasterKeys;

    fn data_key(seed: u64, project: Uuid) -> DataKey {
        let random = Random::seeded(seed);
        let ring = Ring::generate(&random);
        DataKey::new(ProjectId::from_uuid(project), ring, Vec::new(), random)
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
        fn what_an_older_key_sealed_opens_until_that_key_is_gone(plaintext: Vec<u8>, seed: u64) {
            let mut key = data_key(seed, Uuid::nil());
            let sealed = key.seal(Uuid::nil(), "secrets", &plaintext);
            key.ring = key.ring.with_new(&Random::seeded(!seed)).unwrap();
            let opened = key.open(Uuid::nil(), "secrets", &sealed).unwrap();
            prop_assert_eq!(opened.expose(), &plaintext);
            let anew = key.seal(Uuid::nil(), "secrets", &plaintext);
            key.ring = key.ring.keeping(&[]);
            prop_assert!(!key.has_key_of(&sealed));
            prop_assert!(key.open(Uuid::nil(), "secrets", &sealed).is_err());
            prop_assert!(key.open(Uuid::nil(), "secrets", &anew).is_ok());
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
            let ring = Ring::generate(&random);
            let mut wrapped = keys.wrap(&random, project, &ring);
            let unwrapped = keys.unwrap(project, &wrapped).unwrap();
            prop_assert_eq!(unwrapped.current().expose(), ring.current().expose());
            prop_assert!(keys.unwrap(other, &wrapped).is_err());
            flip(&mut wrapped, position, bit);
            prop_assert!(keys.unwrap(project, &wrapped).is_err());
        }
    }
}
