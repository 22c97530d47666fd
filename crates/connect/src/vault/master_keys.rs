//! The master keys: one that wraps, and older ones that only unwrap.

use std::fs::OpenOptions;
use std::io::{ErrorKind as IoKind, Write as _};
use std::path::Path;

use base::{Error, ErrorKind, Random, Result, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::envelope::{self, KeyId};

/// The keys that wrap the projects' data keys. In text form one key of 32 bytes in Base64 per
/// line, the current one first; what follows a `#` is a comment.
#[derive(Clone, Debug)]
pub struct MasterKeys {
    current: Secret<[u8; 32]>,
    older: Vec<Secret<[u8; 32]>>,
}

impl MasterKeys {
    /// Reads the text form, from a key file or the environment.
    pub fn parse(text: &Secret<String>) -> Result<Self> {
        let mut keys = Vec::new();
        for line in text.expose().lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if !line.is_empty() {
                keys.push(parse_key(line)?);
            }
        }
        if keys.is_empty() {
            return Err(wrong_key());
        }
        let current = keys.remove(0);
        Ok(Self { current, older: keys })
    }

    /// Reads a key file.
    pub fn read_file(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|cause| unreadable_file(path, cause))?;
        Self::parse(&Secret::new(text))
    }

    /// Reads a key file, or makes one with a new key that only its owner can read.
    pub fn read_or_create_file(path: &Path, random: &Random) -> Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Err(cause) if cause.kind() == IoKind::AlreadyExists => return Self::read_file(path),
            Err(cause) => return Err(unreadable_file(path, cause)),
            Ok(mut file) => {
                let text = Self::generate_text(random);
                file.write_all(text.expose().as_bytes())
                    .and_then(|()| file.sync_all())
                    .map_err(|cause| unreadable_file(path, cause))?;
            }
        }
        Self::read_file(path)
    }

    /// The text form of a new key.
    fn generate_text(random: &Random) -> Secret<String> {
        Secret::new(format!("{}\n", STANDARD.encode(random.bytes::<32>())))
    }

    /// A new key that is kept nowhere: for tests.
    pub fn random(random: &Random) -> Self {
        Self { current: Secret::new(random.bytes()), older: Vec::new() }
    }

    pub(super) fn current(&self) -> &Secret<[u8; 32]> {
        &self.current
    }

    pub(super) fn find(&self, id: KeyId) -> Result<&Secret<[u8; 32]>> {
        std::iter::once(&self.current)
            .chain(&self.older)
            .find(|key| envelope::id_of(key) == id)
            .ok_or_else(envelope::unreadable)
    }
}

fn parse_key(line: &str) -> Result<Secret<[u8; 32]>> {
    let bytes = Secret::new(STANDARD.decode(line).map_err(|_| wrong_key())?);
    let key = <[u8; 32]>::try_from(bytes.expose().as_slice()).map_err(|_| wrong_key())?;
    Ok(Secret::new(key))
}

fn wrong_key() -> Error {
    Error::invalid(
        "master_key",
        "The master key must be 32 random bytes in Base64; make one with: openssl rand -base64 32",
    )
}

fn unreadable_file(path: &Path, cause: std::io::Error) -> Error {
    let message = format!(
        "The master key file {} cannot be read or made; check its folder and permissions.",
        path.display()
    );
    Error::new(ErrorKind::Unavailable, "master_key_file", message).with_source(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_current_key_and_the_others_still_open() {
        let random = Random::seeded(1);
        let (new, old) = (MasterKeys::generate_text(&random), MasterKeys::generate_text(&random));
        let text = format!("# ours\n{}{} # the old one\n", new.expose(), old.expose().trim());
        let keys = MasterKeys::parse(&Secret::new(text)).unwrap();
        let old = MasterKeys::parse(&old).unwrap();
        let sealed = envelope::seal(old.current(), &random, b"here", b"hello");
        let key = keys.find(envelope::key_id(&sealed).unwrap()).unwrap();
        assert_eq!(envelope::open(key, b"here", &sealed).unwrap().expose(), b"hello");
    }

    #[test]
    fn a_key_of_another_length_is_refused_with_the_command_that_makes_one() {
        let error = MasterKeys::parse(&Secret::new("c2hvcnQ=".to_owned())).expect_err("short");
        assert!(error.message().contains("openssl rand -base64 32"));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_is_made_once_and_only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let made = MasterKeys::read_or_create_file(&path, &Random::system()).unwrap();
        let read = MasterKeys::read_or_create_file(&path, &Random::system()).unwrap();
        assert_eq!(made.current().expose(), read.current().expose());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
