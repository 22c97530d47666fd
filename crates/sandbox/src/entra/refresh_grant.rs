//! A refresh token becomes new tokens.

use axum::response::Response;

use crate::entra::error::EntraError;
use crate::entra::state::RefreshGrant;
use crate::entra::token::{GRANT_MARK, TokenRequest, revoked, unknown_grant};

impl TokenRequest<'_> {
    pub(super) fn redeem_refresh_token(&self) -> Result<Response, EntraError> {
        let token = self.required("refresh_token")?;
        let reuse_revokes = self.world.entra_settings().revoke_on_refresh_token_reuse;
        let (found, scopes) = {
            // One lock from the first look to the mark: of two who come at once one is the second.
            let mut state = self.world.entra.write();
            let found = state.refresh_tokens.get(token).cloned();
            let found = found.ok_or_else(|| unknown_grant(token))?;
            if found.grant.client_id != self.app.client_id {
                return Err(unknown_grant(GRANT_MARK));
            }
            if found.used && reuse_revokes {
                state.revoke_family(found.family);
                return Err(revoked());
            }
            self.check_refresh_token(&found)?;
            let scopes = self.scopes(&state, &found.grant)?;
            if let Some(token) = state.refresh_tokens.get_mut(token) {
                token.used = true;
            }
            (found, scopes)
        };
        self.grant(&found.grant, &scopes, None, found.family)
    }

    fn check_refresh_token(&self, found: &RefreshGrant) -> Result<(), EntraError> {
        if found.revoked {
            return Err(revoked());
        }
        if self.world.clock.now() >= found.expires {
            let life = found.expires.since(found.issued).as_secs();
            let text = format!(
                "The refresh token has expired due to inactivity. The token was issued on {} and \
                 was inactive for {}.{:02}:{:02}:{:02}.",
                found.issued.to_rfc3339(),
                life / 86_400,
                life / 3_600 % 24,
                life / 60 % 60,
                life % 60
            );
            return Err(EntraError::new("invalid_grant", 700_082, text));
        }
        self.admit(found.grant.object_id)
    }
}
