//! User tokens that have been checked before: a warm request does no signature work and no read of
//! the database.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
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
    /// Counts what was forgotten, so that a token that was checked before is not remembered.
    forgotten: AtomicU64,
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

    /// How much was forgotten so far. Ask before a token is checked.
    pub fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::SeqCst)
    }

    /// Remembers a token that was checked, unless something was forgotten since `before`.
    pub fn remember(&self, token: &str, known: Known, before: u64) -> Arc<Known> {
        let hash = hash(known.project_id, token);
        let known = Arc::new(known);
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        if self.forgotten() != before {
            return known;
        }
        if tokens.len() >= TOKENS_MAX {
            tokens.clear();
        }
        tokens.insert(hash, Arc::clone(&known));
        known
    }

    /// Forgets tokens, because a key was revoked or a user disabled.
    pub fn forget(&self, matching: impl Fn(&Known) -> bool) {
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        tokens.retain(|_, known| !matching(known));
    }
}

/// A token counts for the project it was checked for alone.
fn hash(project_id: ProjectId, token: &str) -> Hash {
    Sha256::new().chain_update(project_id.uuid()).chain_update(token).finalize().into()
}

#[cfg(test)]
mod tests {
    use base::{Clock, Random};

    use super::*;

    #[test]
    fn a_token_that_was_checked_before_something_was_forgotten_is_not_remembered() {
        let (clock, random) = (Clock::system(), Random::seeded(1));
        let project_id = ProjectId::new(&clock, &random);
        let known = || Known {
            project_id,
            user_id: ConnectedUserId::new(&clock, &random),
            subject: "ann".to_owned(),
            expires_at: Timestamp::from_secs(100),
            key_id: None,
        };
        let tokens = KnownTokens::default();
        let before = tokens.forgotten();
        tokens.forget(|_| false);
        tokens.remember("a", known(), before);
        let now = Timestamp::from_secs(1);
        assert_eq!(tokens.get(project_id, "a", now), None);
        tokens.remember("a", known(), tokens.forgotten());
        assert!(tokens.get(project_id, "a", now).is_some());
    }
}
