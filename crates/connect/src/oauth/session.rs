//! How the page that began an attempt learns what came of it.

use base::{ConnectedUserId, CredentialId, Error, ProjectId, Result};
use serde_json::Value;
use store::oauth_attempts::{self, Attempt, Phase};

use super::callback::expired;
use super::outcome::outcome;
use crate::{Connect, hash_token};

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// Nothing yet, or nothing is known of it.
    Pending,
    /// The account is connected.
    Connected(CredentialId),
    /// It ended without an account: `{code, message, meta}`.
    Failed(Value),
}

impl Connect {
    /// The credential that a pop-up's handle stands for. The same answer until the attempt expires.
    pub async fn redeem_handle(
        &self,
        project_id: ProjectId,
        user_id: ConnectedUserId,
        handle: &str,
    ) -> Result<CredentialId> {
        let hash = hash_token(handle);
        let mut conn = self.0.store.read().await?;
        let found = oauth_attempts::find_by_handle(&mut conn, project_id, user_id, &hash).await?;
        found.and_then(|attempt| self.result_of(&attempt)).ok_or_else(|| {
            Error::invalid(
                "unknown_handle",
                "This sign-in is unknown or was over too long ago; connect again.",
            )
        })
    }

    /// What became of the attempt that the SDK polls by this key.
    pub async fn session(
        &self,
        project_id: ProjectId,
        user_id: ConnectedUserId,
        key: &str,
    ) -> Result<SessionState> {
        let mut conn = self.0.store.read().await?;
        let found = oauth_attempts::find_by_session(&mut conn, project_id, user_id, key).await?;
        let Some(attempt) = found else { return Ok(SessionState::Pending) };
        if attempt.phase == Phase::Failed {
            return Ok(SessionState::Failed(attempt.outcome.unwrap_or_default()));
        }
        Ok(match self.result_of(&attempt) {
            Some(id) => SessionState::Connected(id),
            None if attempt.expires_at <= self.0.clock.now() => {
                SessionState::Failed(outcome(&expired()))
            }
            None => SessionState::Pending,
        })
    }

    /// Ends polling by this key.
    pub async fn forget_session(
        &self,
        project_id: ProjectId,
        user_id: ConnectedUserId,
        key: &str,
    ) -> Result<()> {
        let mut tx = self.0.store.begin().await?;
        oauth_attempts::forget_session(&mut tx, project_id, user_id, key).await?;
        tx.commit().await
    }

    fn result_of(&self, attempt: &Attempt) -> Option<CredentialId> {
        let live = attempt.phase == Phase::Done && attempt.expires_at > self.0.clock.now();
        attempt.credential_id.filter(|_| live)
    }
}
