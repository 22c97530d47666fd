//! Tickets: they open the pop-up's first page once, so that no user token has to stand in an
//! address.

use std::time::Duration;

use base::{ConnectedUserId, Error, Result};
use store::integrations::Integration;
use store::oauth_nonces::{self, Nonce};

use crate::{Connect, hash_token};

/// How long the page may take to send its pop-up on with a ticket.
const LIFETIME: Duration = Duration::from_secs(60);

impl Connect {
    /// Makes a ticket for one pop-up.
    pub async fn issue_ticket(
        &self,
        integration: &Integration,
        user_id: ConnectedUserId,
        origin: &str,
    ) -> Result<String> {
        let ticket = self.0.random.token();
        let row = Nonce {
            hash: hash_of(&ticket),
            project_id: integration.project_id,
            user_id,
            integration_id: integration.id,
            origin: origin.to_owned(),
            expires_at: self.0.clock.now() + LIFETIME,
        };
        let mut tx = self.0.store.begin().await?;
        oauth_nonces::insert(&mut tx, &row).await?;
        tx.commit().await?;
        Ok(ticket)
    }

    /// Takes a ticket for the nonce of a pop-up: the cookie's value, and the origin of the page
    /// that opened it.
    pub async fn redeem_ticket(&self, ticket: &str) -> Result<(String, String)> {
        let (ticket, value) = (hash_of(ticket), self.0.random.token());
        let now = self.0.clock.now();
        let mut tx = self.0.store.begin().await?;
        let found = oauth_nonces::take(&mut tx, &ticket).await?;
        let mut nonce = found.filter(|row| row.expires_at > now).ok_or_else(spent)?;
        nonce.hash = hash_token(&value);
        nonce.expires_at = now + self.nonce_lifetime();
        oauth_nonces::insert(&mut tx, &nonce).await?;
        tx.commit().await?;
        Ok((value, nonce.origin))
    }
}

/// A ticket cannot be passed off as a cookie, nor a cookie as a ticket.
fn hash_of(ticket: &str) -> String {
    hash_token(&format!("ticket {ticket}"))
}

fn spent() -> Error {
    Error::invalid(
        "ticket_spent",
        "This window was opened before, or too long ago. Close it and connect again.",
    )
}
