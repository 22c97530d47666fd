//! `[events]`: the log of what happened.

use std::time::Duration;

use serde::Deserialize;

use super::values;

/// The log of what happened.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// How long an event is kept.
    #[serde(rename = "kept_days", deserialize_with = "values::days")]
    pub kept: Duration,
    /// How long a delivery to an event destination that has ended is kept.
    #[serde(rename = "deliveries_kept_days", deserialize_with = "values::days")]
    pub deliveries_kept: Duration,
}
