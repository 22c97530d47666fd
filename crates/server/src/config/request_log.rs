//! `[request_log]`: the log of calls to providers.

use std::time::Duration;

use serde::Deserialize;

use super::values;

/// The log of calls to providers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestLog {
    /// How many successful calls a second get an entry; the others are counted by the minute.
    pub successes_per_second_max: u32,
    /// How long entries and counts are kept.
    #[serde(rename = "kept_days", deserialize_with = "values::days")]
    pub kept: Duration,
}
