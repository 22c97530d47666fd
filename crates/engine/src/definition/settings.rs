//! What end users see of a workflow, and set.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What the portal shows of a workflow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PortalSettings {
    /// Whether people do not see it.
    #[serde(skip_serializing_if = "is_false")]
    pub hidden: bool,
    /// Whether it is on for accounts connected from now on.
    #[serde(skip_serializing_if = "is_false")]
    pub default_enabled: bool,
    /// Its place in the portal; smaller is higher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<i64>,
    /// A line that explains it to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub info: Option<String>,
    /// What people set for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<UserInput>,
    /// Who may see and run it: a condition over the user's metadata; everybody where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Value>,
}

/// One setting that people fill in, in the form that the browser SDK passes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserInput {
    /// The name under which `settings` has its value.
    pub id: String,
    /// The SDK's name of the input's type, such as `TEXT_NO_VARS`.
    #[serde(rename = "type")]
    pub input_type: String,
    /// What people read beside it.
    pub title: String,
    /// Whether the workflow cannot run without it.
    #[serde(default)]
    pub required: bool,
    /// Whatever else the type takes: `values`, `tooltip`, `sourceKey`.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

fn is_false(flag: &bool) -> bool {
    !*flag
}
