//! The document: reading, and its parts.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{FORMAT_VERSION, PortalSettings, Problem, Trigger, reading};
use crate::steps::StepKind;

/// A workflow as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The version of the document's format.
    #[serde(default = "format_version")]
    pub version: u32,
    /// The workflow's key.
    pub key: String,
    /// The name that people see.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The slug of the integration whose accounts it works with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration: Option<String>,
    /// What starts it.
    pub trigger: Trigger,
    /// The first step; none for a workflow that does nothing yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Its steps, by key.
    #[serde(default)]
    pub steps: BTreeMap<String, Step>,
    /// What end users see of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub portal: PortalSettings,
}

const fn format_version() -> u32 {
    FORMAT_VERSION
}

fn is_default(settings: &PortalSettings) -> bool {
    *settings == PortalSettings::default()
}

/// One step: what it does, and what comes after it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// What it is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What it does.
    #[serde(flatten)]
    pub kind: StepKind,
    /// The step after it; none ends the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Whether a failure is tried again.
    #[serde(skip_serializing_if = "is_true")]
    pub retry: bool,
    /// Whether the path goes on after a failure, with the error as output.
    #[serde(skip_serializing_if = "is_false")]
    pub continue_on_error: bool,
}

fn is_true(flag: &bool) -> bool {
    *flag
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        reading::step(Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl Definition {
    /// Reads a document, part by part, so that every fault of form is named with its place.
    ///
    /// # Errors
    /// The problems found.
    pub fn read(document: &Value) -> Result<Self, Vec<Problem>> {
        let sketch = reading::sketch(document);
        if sketch.problems.is_empty() { Ok(sketch.definition) } else { Err(sketch.problems) }
    }
}
