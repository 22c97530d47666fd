//! `[keys]`: the master key that protects every stored secret.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use ::connect::MasterKeys;
use base::{Error, ErrorKind, Random, Result, Secret};
use serde::{Deserialize, Deserializer};

use super::problem::Problems;
use super::server::Mode;
use super::values;

/// Where the master key is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// A file with it.
    #[serde(deserialize_with = "values::optional_path")]
    pub master_key_file: Option<PathBuf>,
    /// Or the key itself.
    #[serde(deserialize_with = "master_keys")]
    pub master_key: Option<MasterKeys>,
}

impl Keys {
    pub(super) fn check(&self, mode: Mode, problems: &mut Problems) {
        match (&self.master_key_file, &self.master_key) {
            (Some(_), Some(_)) => problems.add(
                "keys.master_key",
                "Set either keys.master_key or keys.master_key_file, not both.",
            ),
            (Some(file), None) => {
                if let Err(error) = read(file) {
                    problems.add("keys.master_key_file", error.message());
                }
            }
            (None, None) if mode == Mode::Production => problems.add(
                "keys.master_key_file",
                "Production needs a master key. Make one with `gangway keys generate --out FILE` \
                 and set keys.master_key_file to that file.",
            ),
            (None, _) => {}
        }
    }
}

fn master_keys<'de, D: Deserializer<'de>>(d: D) -> Result<Option<MasterKeys>, D::Error> {
    let parse = |text| MasterKeys::parse(&Secret::new(text)).map_err(serde::de::Error::custom);
    values::optional_text(d)?.map(parse).transpose()
}

/// The master keys in `file`, which only its owner may read.
pub(super) fn read(file: &Path) -> Result<MasterKeys> {
    // A file that is missing is told by whoever reads it.
    let mode = std::fs::metadata(file).map_or(0, |found| found.permissions().mode());
    if mode & 0o077 != 0 {
        let file = file.display();
        let message = format!("Others may read {file}. Run: chmod 600 {file}");
        return Err(Error::invalid("master_key_file", message));
    }
    MasterKeys::read_file(file)
}

/// Makes a master key in a new file that only its owner may read.
///
/// # Errors
/// `key_file_exists`: a key that is overwritten is lost, and every stored secret with it.
pub fn generate(file: &Path, random: &Random) -> Result<()> {
    if file.exists() {
        let message = format!(
            "{} exists. Gangway never overwrites a key: choose another name.",
            file.display()
        );
        return Err(Error::new(ErrorKind::Conflict, "key_file_exists", message));
    }
    MasterKeys::read_or_create_file(file, random).map(drop)
}
