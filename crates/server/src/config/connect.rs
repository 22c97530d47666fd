//! `[connect]`: connecting accounts and keeping them connected.

use std::time::Duration;

use serde::Deserialize;

use super::values;

/// Connecting accounts and keeping them connected.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connect {
    /// How long a person may take to sign in.
    #[serde(rename = "attempt_seconds", deserialize_with = "values::seconds")]
    pub attempt_lifetime: Duration,
    /// The endpoint profile of new accounts.
    pub profile: String,
    /// How many users' accounts are kept in memory.
    #[serde(deserialize_with = "values::at_least_one")]
    pub accounts_cached_max: usize,
}
