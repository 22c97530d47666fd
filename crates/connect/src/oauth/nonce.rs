//! Binds attempts to a browser: the pop-up gets a cookie before it goes to the provider.

use std::time::Duration;

use base::{ConnectedUserId, Error, ErrorKind, Result};
use store::integrations::Integration;
use store::oauth_attempts::Attempt;
use store::oauth_nonces::{self, Nonce};

use crate::{Connect, hash_token};

impl Connect {
    /// Makes the nonce of one pop-up; the answer is the cookie's value.
    pub async fn issue_nonce(
        &self,
        integration: &Integration,
        user_id: ConnectedUserId,
        origin: &str,
    ) -> Result<String> {
        let value = self.0.random.token();
        let nonce = Nonce {
            hash: hash_token(&value),
            project_id: integration.project_id,
            user_id,
            integration_id: integration.id,
            origin: origin.to_owned(),
            expires_at: self.0.clock.now() + self.nonce_lifetime(),
        };
        let mut tx = self.0.store.begin().await?;
        oauth_nonces::insert(&mut tx, &nonce).await?;
        tx.commit().await?;
        Ok(value)
    }

    /// How long a pop-up's cookie counts: longer than its attempt, so that whoever comes back too
    /// late is told just that.
    pub fn nonce_lifetime(&self) -> Duration {
        self.0.config.attempt_lifetime * 2
    }

    /// The nonce of this browser, if it belongs to the attempt.
    pub(crate) async fn require_browser(
        &self,
        attempt: &Attempt,
        cookie: Option<&str>,
    ) -> Result<Nonce> {
        let nonce = self.find_nonce(cookie).await?;
        let belongs = |nonce: &Nonce| {
            nonce.project_id == attempt.project_id
                && nonce.user_id == attempt.user_id
                && nonce.integration_id == attempt.integration_id
        };
        nonce.filter(belongs).ok_or_else(other_browser)
    }

    /// The live nonce a cookie stands for.
    pub(crate) async fn find_nonce(&self, cookie: Option<&str>) -> Result<Option<Nonce>> {
        let Some(cookie) = cookie else { return Ok(None) };
        let mut conn = self.0.store.read().await?;
        let found = oauth_nonces::find(&mut conn, &hash_token(cookie)).await?;
        Ok(found.filter(|nonce| nonce.expires_at > self.0.clock.now()))
    }
}

pub(crate) fn other_browser() -> Error {
    Error::new(
        ErrorKind::Invalid,
        "other_browser",
        "This sign-in was not begun in this browser window. Close it and connect again.",
    )
}
