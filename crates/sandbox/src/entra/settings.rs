//! Switches with which a test makes Entra ID behave otherwise.

use std::time::Duration;

/// How Entra ID behaves. A restart brings the defaults back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntraSettings {
    /// How long an access token lives; `None` is the service's own: 60 to 90 minutes at random.
    pub access_token_life: Option<Duration>,
    /// How long a refresh token lives after its last use.
    pub refresh_token_life: Duration,
    /// Whether a refresh token dies when it is used. The service leaves the old one alive.
    pub refresh_token_single_use: bool,
}

impl Default for EntraSettings {
    fn default() -> Self {
        Self {
            access_token_life: None,
            refresh_token_life: Duration::from_secs(90 * 24 * 3600),
            refresh_token_single_use: false,
        }
    }
}
