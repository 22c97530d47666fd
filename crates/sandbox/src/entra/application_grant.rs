//! An application acts for itself: no person, no scopes, no refresh token.

use axum::response::Response;

use crate::entra::audience::Audience;
use crate::entra::client::Proof;
use crate::entra::error::EntraError;
use crate::entra::scope::Scopes;
use crate::entra::token::TokenRequest;
use crate::entra::token_answer;

impl TokenRequest<'_> {
    pub(super) fn for_the_application(&self, tenant: &str) -> Result<Response, EntraError> {
        if self.proof == Proof::Public {
            let text = "The request body must contain the following parameter: \
                        'client_assertion' or 'client_secret'.";
            return Err(EntraError::new("invalid_client", 7_000_218, text));
        }
        let Audience::Tenant(tenant_id) = self.audience else {
            let text = "No tenant-identifying information found in either the request or implied \
                        by any provided credentials.";
            return Err(EntraError::new("invalid_request", 50_059, text));
        };
        let scope = self.required("scope")?;
        let scopes = Scopes::parse(scope, self.app)?;
        if !scopes.is_default_of_azure_devops() {
            let text = format!(
                "The provided value for scope {scope} is not valid. Client credential flows must \
                 have a scope value with /.default suffixed to the resource identifier \
                 (application ID URI)."
            );
            return Err(EntraError::new("invalid_scope", 1_002_012, text));
        }
        let principals = &self.world.directory.service_principals;
        let principal = principals
            .iter()
            .find(|one| one.upn == self.app.client_id && one.tenant_id == tenant_id);
        let principal = principal.ok_or_else(|| {
            let text = format!(
                "Application with identifier '{}' was not found in the directory '{tenant}'.",
                self.app.client_id
            );
            EntraError::new("unauthorized_client", 700_016, text)
        })?;
        Ok(token_answer::for_application(self.world, self.app, self.proof, principal, &scopes))
    }
}
