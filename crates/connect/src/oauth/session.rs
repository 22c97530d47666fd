//! How the page that began an attempt learns what came of it.

use base::{ConnectedUserId, CredentialId, Error, ProjectId, Result};
use store::oauth_attempts::{self, Attempt, Phase};

use crate::{Connect, hash_token};

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

    /// What came of the attempt that the SDK polls by this key; none while it goes on.
    pub async fn session(
        &self,
        project_id: ProjectId,
        user_id: ConnectedUserId,
        key: &str,
    ) -> Result<Option<CredentialId>> {
        let mut conn = self.0.store.read().await?;
        let found = oauth_attempts::find_by_session(&mut conn, project_id, user_id, key).await?;
        Ok(found.and_then(|attempt| self.result_of(&attempt)))
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
