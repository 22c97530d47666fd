//! `[connectors]`: the operator's own connectors.

use std::path::PathBuf;

use serde::Deserialize;

use super::values;

/// The operator's own connectors.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connectors {
    /// The directory with a folder for each.
    #[serde(deserialize_with = "values::optional_path")]
    pub directory: Option<PathBuf>,
}
