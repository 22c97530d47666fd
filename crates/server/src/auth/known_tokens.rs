//! User tokens that have been checked before: a warm request does no signature work and no read of
//! the database.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use base::{ConnectedUserId, KeyedLock, ProjectId, SigningKeyId, Timestamp};
use sha2::{Digest as _, Sha256};
use tokio::sync::MutexGuard;

/// How many tokens are remembered. Above it all are forgotten, and checked again as they come.
const TOKENS_MAX: usize = 200_000;

/// Who a token stands for.
#[derive(Debug, PartialEq, Eq)]
pub struct Known {
    /// The project it was checked for.
    pub project_id: ProjectId,
    /// Our id of the user.
    pub user_id: ConnectedUserId,
    /// The host's id of the user.
    pub subject: String,
    /// When the token ends.
    pub expires_at: Timestamp,
    /// The key that signed it; none for the token of a Setup Link.
    pub key_id: Option<SigningKeyId>,
}

type Hash = [u8; 32];

/// The memory. It holds hashes, not tokens.
#[derive(Default)]
pub struct KnownTokens {
    tokens: RwLock<HashMap<Hash, Arc<Known>>>,
    checking: KeyedLock,
}

impl KnownTokens {
    /// Who this token stands for, if it was checked before and has not ended.
    pub fn get(&self, project_id: ProjectId, token: &str, now: Timestamp) -> Option<Arc<Known>> {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        tokens.get(&hash(project_id, token)).filter(|known| known.expires_at > now).cloned()
    }

    /// Waits for the turn to check this token: of many calls with a new one the first checks it.
    pub async fn turn(&self, token: &str) -> MutexGuard<'_, ()> {
        self.checking.lock(&token).await
    }

    /// Remembers a token that has just been checked.
    pub fn remember(&self, token: &str, known: Known) -> Arc<Known> {
        let hash = hash(known.project_id, token);
        let known = Arc::new(known);
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= TOKENS_MAX {
            tokens.clear();
        }
        tokens.insert(hash, Arc::clone(&known));
        known
    }

    /// Forgets tokens, because a key was revoked or a user disabled.
    pub fn forget(&self, matching: impl Fn(&Known) -> bool) {
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, known| !matching(known));
    }
}

/// A token counts for the project it was checked for alone.
fn hash(project_id: ProjectId, token: &str) -> Hash {
    Sha256::new().chain_update(project_id.uuid()).chain_update(token).finalize().into()
}
