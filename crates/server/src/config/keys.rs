//! `[keys]`: the master key that protects every stored secret.

use std::path::PathBuf;

use ::connect::MasterKeys;
use base::Secret;
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
                if let Err(error) = MasterKeys::read_file(file) {
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
