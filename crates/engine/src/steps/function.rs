//! A step that runs JavaScript.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Runs a function in a process of its own, without network and files. Its output is what the
/// function returns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// `export default async function (params) { … }`, or `function (parameters, libraries) { … }`.
    pub source: String,
    /// What the function is given; texts may hold `{{ … }}`, but no secrets.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub params: Map<String, Value>,
}
