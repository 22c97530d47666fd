//! The data keys of one project: one that seals, and older ones that only open, until nothing is
//! left that they sealed.

use base::{Error, Random, Result, Secret};

use super::key_id::KeyId;

const KEY_BYTES: usize = 32;
/// How many a project may have at once: so many rotations may be under way before their old keys
/// are taken out.
const KEYS_MAX: usize = 8;

/// The current key first; never empty.
#[derive(Clone, Debug)]
pub(crate) struct Ring(Vec<Secret<[u8; KEY_BYTES]>>);

impl Ring {
    /// One new key.
    pub fn generate(random: &Random) -> Self {
        Self(vec![Secret::new(random.bytes())])
    }

    /// The key that seals.
    pub fn current(&self) -> &Secret<[u8; KEY_BYTES]> {
        &self.0[0]
    }

    /// The key of this name.
    pub fn key(&self, id: KeyId) -> Option<&Secret<[u8; KEY_BYTES]>> {
        self.0.iter().find(|key| KeyId::of(key) == id)
    }

    /// The names of those that only open.
    pub fn older(&self) -> Vec<KeyId> {
        self.0[1..].iter().map(KeyId::of).collect()
    }

    /// The same with a new current key; none when there are as many as may be.
    pub fn with_new(&self, random: &Random) -> Option<Self> {
        if self.0.len() >= KEYS_MAX {
            return None;
        }
        let mut keys = Self::generate(random).0;
        keys.extend(self.0.iter().cloned());
        Some(Self(keys))
    }

    /// The current key, and of the others those that are still needed.
    pub fn keeping(&self, needed: &[KeyId]) -> Self {
        let older = self.0[1..].iter().filter(|key| needed.contains(&KeyId::of(key)));
        Self(self.0[..1].iter().chain(older).cloned().collect())
    }

    /// How long the form below is for this many keys.
    pub const fn bytes_of(keys: usize) -> usize {
        keys * KEY_BYTES
    }

    /// The form that a master key seals: one key after the other.
    pub fn to_bytes(&self) -> Secret<Vec<u8>> {
        Secret::new(self.0.iter().flat_map(|key| *key.expose()).collect())
    }

    /// Reads that form.
    pub fn parse(opened: &Secret<Vec<u8>>) -> Result<Self> {
        let (keys, rest) = opened.expose().as_chunks::<KEY_BYTES>();
        if keys.is_empty() || !rest.is_empty() {
            return Err(Error::internal("a project's data keys have another form"));
        }
        Ok(Self(keys.iter().map(|key| Secret::new(*key)).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_comes_first_and_older_ones_go_when_they_are_not_needed() {
        let random = Random::seeded(1);
        let first = Ring::generate(&random);
        let second = first.with_new(&random).unwrap();
        let third = second.with_new(&random).unwrap();
        let [newer, oldest] = third.older().try_into().unwrap();
        assert_eq!([newer, oldest], [second.current(), first.current()].map(KeyId::of));
        assert!(third.key(oldest).is_some());
        let kept = third.keeping(&[newer]);
        assert_eq!(kept.current().expose(), third.current().expose());
        assert_eq!(kept.older(), [newer]);
        assert!(kept.key(oldest).is_none());
    }

    #[test]
    fn it_reads_back_as_it_is_written_and_nothing_else_does() {
        let random = Random::seeded(1);
        let ring = Ring::generate(&random).with_new(&random).unwrap();
        let bytes = ring.to_bytes();
        assert_eq!(bytes.expose().len(), Ring::bytes_of(2));
        let read = Ring::parse(&bytes).unwrap();
        assert_eq!(
            (read.current().expose(), read.older()),
            (ring.current().expose(), ring.older())
        );
        for wrong in [&[][..], &[7; 31], &[7; 33]] {
            assert!(Ring::parse(&Secret::new(wrong.to_vec())).is_err());
        }
    }

    #[test]
    fn there_are_never_more_than_so_many() {
        let random = Random::seeded(1);
        let mut ring = Ring::generate(&random);
        for _ in 1..KEYS_MAX {
            ring = ring.with_new(&random).unwrap();
        }
        assert!(ring.with_new(&random).is_none());
        assert!(ring.keeping(&[]).with_new(&random).is_some());
    }
}
