//! Switches with which a test makes Entra ID behave otherwise.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How Entra ID behaves. A restart brings the defaults back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EntraSettings {
    /// How long an access token lives, in seconds; `None` is the service's own way: 60 to 90
    /// minutes at random.
    pub access_token_seconds: Option<u64>,
    /// How long a refresh token lives without being used, in seconds.
    pub refresh_token_seconds: u64,
    /// Whether a second use of a refresh token revokes it and all that came of it, as other
    /// authorization servers do. The service itself leaves the used one alive.
    pub revoke_on_refresh_token_reuse: bool,
    /// With this AADSTS number the token endpoint refuses every request, whatever is asked:
    /// 50076 wants a second factor, 50057 says the account is disabled, 90033 says try later.
    pub token_error: Option<u32>,
    /// Whether the pages cut the tie to the window that opened them
    /// (`Cross-Origin-Opener-Policy: same-origin`).
    pub pages_cut_opener: bool,
}

impl EntraSettings {
    /// How long a refresh token lives without being used.
    pub(crate) const fn refresh_token_life(&self) -> Duration {
        Duration::from_secs(self.refresh_token_seconds)
    }
}

impl Default for EntraSettings {
    fn default() -> Self {
        Self {
            access_token_seconds: None,
            refresh_token_seconds: 90 * 24 * 3600,
            revoke_on_refresh_token_reuse: false,
            token_error: None,
            pages_cut_opener: false,
        }
    }
}
