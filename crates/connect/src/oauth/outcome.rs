//! How attempts end.

use base::{Error, Result};
use serde_json::{Value, json};
use store::oauth_attempts::{self, Attempt, Phase};

use super::Callback;
use super::attempt::Asked;
use crate::Connect;

impl Connect {
    /// Ends an attempt without an account and tells the page that began it.
    pub(crate) async fn fail(&self, mut attempt: Attempt, from: Phase, error: Error) -> Callback {
        let origin = Asked::of(&attempt).ok().map(|asked| asked.origin);
        let integration_id = Some(attempt.integration_id);
        attempt.phase = Phase::Failed;
        attempt.secrets = Vec::new();
        attempt.handle_hash = None;
        attempt.outcome = Some(outcome(&error));
        if let Err(cause) = self.advance(&attempt, from).await {
            tracing::error!(attempt = %attempt.id, ?cause, "a failed attempt could not be closed");
        }
        tracing::info!(attempt = %attempt.id, ?error, "connecting an account failed");
        Callback::Failed { origin, integration_id, error }
    }

    /// Stores how far the attempt is, unless something else has moved it from `from` meanwhile.
    pub(crate) async fn advance(&self, attempt: &Attempt, from: Phase) -> Result<bool> {
        let mut tx = self.0.store.begin().await?;
        let moved = oauth_attempts::advance(&mut tx, attempt, from).await?;
        tx.commit().await?;
        Ok(moved)
    }
}

/// How an error is stored with its attempt, for whoever polls.
pub(crate) fn outcome(error: &Error) -> Value {
    json!({ "code": error.code(), "message": error.message(), "meta": error.meta() })
}

/// For a browser of which we do not know that the attempt is its own.
pub(crate) fn fail_unknown(error: Error) -> Callback {
    tracing::info!(?error, "a callback was refused");
    Callback::Failed { origin: None, integration_id: None, error }
}
