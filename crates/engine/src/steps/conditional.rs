//! A step that takes one of two ways.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Goes one way when the condition holds and another when it does not. Its output is
/// `{"selectedChoice": "Yes"}` or `"No"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditional {
    /// The condition: groups of which one must hold, each a list of comparisons that all must hold.
    pub condition: Value,
    /// The step after it when the condition holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when_true: Option<String>,
    /// The step after it when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when_false: Option<String>,
}
