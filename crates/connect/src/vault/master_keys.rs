//! The master keys: one that wraps the projects' data keys, and older ones that only unwrap.

use std::path::PathBuf;

use base::{Error, ErrorKind, ProjectId, Random, Result, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::envelope;
use super::key_id::KeyId;
use super::ring::Ring;

/// How long a single data key is once it is wrapped; more of them are longer.
pub(crate) const WRAPPED_KEY_BYTES: usize = envelope::bytes_around(Ring::bytes_of(1));

/// The keys that wrap the projects' data keys. In text form one key of 32 bytes in Base64 per
/// line, the current one first; what follows a `#` is a comment.
#[derive(Clone, Debug)]
pub struct MasterKeys {
    current: Secret<[u8; 32]>,
    older: Vec<Secret<[u8; 32]>>,
    /// The file they were read from, if it was one.
    pub(super) file: Option<PathBuf>,
}

impl MasterKeys {
    /// Reads the text form, from a key file or the environment.
    pub fn parse(text: &Secret<String>) -> Result<Self> {
        let mut keys = Vec::new();
        for line in text.expose().lines() {
            keys.extend(parse_line(line)?);
        }
        if keys.is_empty() {
            return Err(wrong_key());
        }
        let current = keys.remove(0);
        Ok(Self { current, older: keys, file: None })
    }

    /// A new key that is kept nowhere: for tests.
    pub fn random(random: &Random) -> Self {
        Self { current: Secret::new(random.bytes()), older: Vec::new(), file: None }
    }

    /// The file they were read from; none when they came as text.
    pub fn file(&self) -> Option<&std::path::Path> {
        self.file.as_deref()
    }

    /// Their ids, the current one first.
    pub fn ids(&self) -> Vec<KeyId> {
        self.all().map(KeyId::of).collect()
    }

    /// Whether this key is among them.
    pub(crate) fn has(&self, id: KeyId) -> bool {
        self.all().any(|key| KeyId::of(key) == id)
    }

    pub(crate) fn current_id(&self) -> KeyId {
        KeyId::of(&self.current)
    }

    fn all(&self) -> impl Iterator<Item = &Secret<[u8; 32]>> {
        std::iter::once(&self.current).chain(&self.older)
    }

    /// Seals a project's data keys with the current master key.
    pub(crate) fn wrap(&self, random: &Random, project_id: ProjectId, ring: &Ring) -> Vec<u8> {
        envelope::seal(&self.current, random, &place(project_id), ring.to_bytes().expose())
    }

    /// Opens a project's data keys with the master key they were wrapped with.
    ///
    /// # Errors
    /// `master_key_missing` when that key is not here.
    pub(crate) fn unwrap(&self, project_id: ProjectId, wrapped: &[u8]) -> Result<Ring> {
        let id = envelope::key_id(wrapped)?;
        let master = self.all().find(|key| KeyId::of(key) == id).ok_or_else(|| missing(id))?;
        Ring::parse(&envelope::open(master, &place(project_id), wrapped)?)
    }
}

fn place(project_id: ProjectId) -> Vec<u8> {
    [b"data key of ".as_slice(), project_id.uuid().as_bytes()].concat()
}

/// The key of a line, if it holds more than a comment.
pub(super) fn parse_line(line: &str) -> Result<Option<Secret<[u8; 32]>>> {
    let line = line.split('#').next().unwrap_or_default().trim();
    if line.is_empty() {
        return Ok(None);
    }
    let bytes = Secret::new(STANDARD.decode(line).map_err(|_| wrong_key())?);
    let key = <[u8; 32]>::try_from(bytes.expose().as_slice()).map_err(|_| wrong_key())?;
    Ok(Some(Secret::new(key)))
}

/// The line of a new key, with its id as a comment.
pub(super) fn new_line(random: &Random) -> Secret<String> {
    let key = Secret::new(random.bytes::<32>());
    Secret::new(format!("{} # {}\n", STANDARD.encode(key.expose()), KeyId::of(&key)))
}

fn wrong_key() -> Error {
    Error::invalid(
        "master_key",
        "The master key must be 32 random bytes in Base64; make one with: openssl rand -base64 32",
    )
}

pub(crate) const MISSING: &str = "master_key_missing";

fn missing(id: KeyId) -> Error {
    let message = format!(
        "What is stored for this project was sealed with the master key {id}, which Gangway does \
         not have. Whoever runs Gangway puts that key back: one line more in its key file. \
         `gangway keys status` shows what is missing."
    );
    Error::new(ErrorKind::Unavailable, MISSING, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_current_key_and_the_others_still_open() {
        let random = Random::seeded(1);
        let (new, old) = (new_line(&random), new_line(&random));
        let text = format!("# ours\n{}\n {} and a note\n", new.expose(), old.expose().trim());
        let keys = MasterKeys::parse(&Secret::new(text)).unwrap();
        let old = MasterKeys::parse(&old).unwrap();
        let project_id = ProjectId::from_uuid(uuid::Uuid::max());
        let ring = Ring::generate(&random);
        let wrapped = old.wrap(&random, project_id, &ring);
        assert_eq!(wrapped.len(), WRAPPED_KEY_BYTES);
        let unwrapped = keys.unwrap(project_id, &wrapped).unwrap();
        assert_eq!(unwrapped.current().expose(), ring.current().expose());
        assert_eq!(keys.ids(), [keys.current_id(), old.current_id()]);
        let wrapped = keys.wrap(&random, project_id, &ring);
        let error = old.unwrap(project_id, &wrapped).expect_err("the new key is not there");
        assert_eq!(error.code(), MISSING);
        assert!(error.message().contains(&keys.current_id().to_string()), "{error}");
    }

    #[test]
    fn a_key_of_another_length_is_refused_with_the_command_that_makes_one() {
        let error = MasterKeys::parse(&Secret::new("c2hvcnQ=".to_owned())).expect_err("short");
        assert!(error.message().contains("openssl rand -base64 32"));
    }
}
