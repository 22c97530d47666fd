//! A code becomes tokens, once.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use uuid::Builder;

use crate::entra::error::EntraError;
use crate::entra::state::{Challenge, CodeGrant};
use crate::entra::token::{GRANT_MARK, TokenRequest, unknown_grant};

impl TokenRequest<'_> {
    pub(super) fn redeem_code(&self) -> Result<Response, EntraError> {
        let code = self.required("code")?;
        let redirect_uri = self.required("redirect_uri")?;
        let (found, scopes) = {
            let mut state = self.world.entra.write();
            let found = state.codes.get(code).cloned().ok_or_else(|| unknown_grant(code))?;
            self.check_code(&found, redirect_uri)?;
            let scopes = self.scopes(&state, &found.grant)?;
            if let Some(code) = state.codes.get_mut(code) {
                code.redeemed = true;
            }
            (found, scopes)
        };
        let family = Builder::from_random_bytes(self.world.random.bytes()).into_uuid();
        self.grant(&found.grant, &scopes, found.nonce, family)
    }

    fn check_code(&self, found: &CodeGrant, redirect_uri: &str) -> Result<(), EntraError> {
        if found.grant.client_id != self.app.client_id {
            return Err(unknown_grant(GRANT_MARK));
        }
        if found.redeemed {
            let text = "OAuth2 Authorization code was already redeemed, please retry with a new \
                        valid code or use an existing refresh token.";
            return Err(EntraError::new("invalid_grant", 54_005, text));
        }
        if self.world.clock.now() >= found.expires {
            let text = "The provided authorization code or refresh token has expired due to \
                        inactivity. Send a new interactive authorization request for this user \
                        and resource.";
            return Err(EntraError::new("invalid_grant", 70_008, text));
        }
        if found.redirect_uri != redirect_uri {
            let text = format!(
                "The reply address '{redirect_uri}' does not match the reply address '{}' provided \
                 when requesting Authorization code.",
                found.redirect_uri
            );
            return Err(EntraError::new("invalid_grant", 500_112, text));
        }
        check_verifier(found.challenge.as_ref(), self.form.get("code_verifier"))?;
        self.admit(found.grant.object_id).map_err(|_| {
            let text = "Provided Authorization Code is intended to use against other tenant, thus \
                        rejected.";
            EntraError::new("invalid_grant", 700_005, text)
        })
    }
}

fn check_verifier(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), EntraError> {
    let proven = match (challenge, verifier) {
        (None, _) => true,
        (Some(_), None) => {
            let text = "The code_verifier is missing although the authorization request carried a \
                        code_challenge for PKCE.";
            return Err(EntraError::new("invalid_grant", 50_148, text));
        }
        (Some(Challenge::Plain(challenge)), Some(verifier)) => challenge == verifier,
        (Some(Challenge::S256(challenge)), Some(verifier)) => {
            *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
        }
    };
    if proven {
        return Ok(());
    }
    let text = "The Code_Verifier does not match the code_challenge supplied in the authorization \
                request.";
    Err(EntraError::new("invalid_grant", 501_481, text))
}
