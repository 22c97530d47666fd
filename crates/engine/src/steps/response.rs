//! A step that answers the request that started the execution.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Answers the request. The execution goes on after it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The status: a number from 200 to 599, or a template of one.
    #[serde(default = "ok")]
    pub status: Value,
    /// Headers.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub headers: Map<String, Value>,
    /// The body: any JSON value, or a file.
    #[serde(default)]
    pub body: Value,
}

fn ok() -> Value {
    Value::from(200)
}
