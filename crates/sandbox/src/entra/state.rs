//! What Entra ID remembers between requests and across restarts.

use serde::{Deserialize, Serialize};

use crate::entra::tokens::SigningKey;

/// The memory of Entra ID.
#[derive(Debug, Serialize, Deserialize)]
pub struct EntraState {
    /// The key that signs every token.
    pub(crate) signing_key: SigningKey,
}

impl EntraState {
    /// Nobody has signed in yet.
    pub fn new() -> Self {
        Self { signing_key: SigningKey::of_this_process() }
    }
}

impl Default for EntraState {
    fn default() -> Self {
        Self::new()
    }
}
