//! A step that makes any call to the connector's API.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::request::{Body, Method, Pagination};

/// Calls the connector's API in the name of the connected account. Its output is
/// `{"response": {"statusCode", "headers", "body"}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntegrationRequest {
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// A path of the API, or a whole address on one of the connector's hosts.
    pub path: String,
    /// Parameters of the query.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub query: Map<String, Value>,
    /// Headers.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub headers: Map<String, Value>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// How further pages are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
}
