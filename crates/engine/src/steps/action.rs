//! A step that runs one of the connector's actions.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Runs an action in the name of the connected account. Its output is the action's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// The action's key.
    pub action: String,
    /// What it is given, as its descriptor says; texts may hold `{{ … }}`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub input: Map<String, Value>,
}
