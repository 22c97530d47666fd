//! Whose accounts an endpoint is for: the first segment of every address.

use uuid::Uuid;

use crate::directory::{Directory, Person, PersonKind};
use crate::entra::error::EntraError;

/// Who may sign in at this endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Work and personal accounts.
    Common,
    /// Work accounts of any tenant.
    Organizations,
    /// Personal accounts.
    Consumers,
    /// Accounts of one tenant.
    Tenant(Uuid),
}

impl Audience {
    /// Reads the segment: a word, a tenant's id or its domain.
    pub(crate) fn parse(directory: &Directory, segment: &str) -> Result<Self, EntraError> {
        match segment {
            "common" => return Ok(Self::Common),
            "organizations" => return Ok(Self::Organizations),
            "consumers" => return Ok(Self::Consumers),
            _ => {}
        }
        if Uuid::try_parse(segment) == Ok(Uuid::nil()) {
            let text = format!(
                "Requested tenant identifier '{segment}' is not valid. Tenant identifiers may not \
                 be an empty GUID."
            );
            return Err(EntraError::new("invalid_request", 900_021, text));
        }
        let tenant = directory.tenant(segment).ok_or_else(|| {
            let text = format!(
                "Tenant '{segment}' not found. Check to make sure you have the correct tenant ID \
                 and are signing into the correct cloud."
            );
            EntraError::new("invalid_request", 90_002, text)
        })?;
        Ok(Self::Tenant(tenant.id))
    }

    /// Whether this account may sign in here, and if not the sentence the page shows.
    pub(crate) fn admit(self, person: &Person) -> Result<(), EntraError> {
        let personal = person.kind == PersonKind::Personal;
        match self {
            Self::Common => Ok(()),
            Self::Tenant(id) if id == person.tenant_id || person.guest_of.contains(&id) => Ok(()),
            Self::Consumers if personal => Ok(()),
            Self::Organizations if !personal => Ok(()),
            Self::Organizations | Self::Tenant(_) if personal => Err(EntraError::new(
                "invalid_request",
                500_208,
                "The domain is not a valid login domain for the account type. You can't sign in \
                 here with a personal account. Use your work or school account instead.",
            )),
            Self::Organizations | Self::Consumers | Self::Tenant(_) => {
                let text = format!(
                    "User account '{}' from identity provider 'https://sts.windows.net/{}/' does \
                     not exist in this tenant and cannot access the application in it. The account \
                     needs to be added as an external user in the tenant first. Sign out and sign \
                     in again with a different account.",
                    person.upn, person.tenant_id
                );
                Err(EntraError::new("invalid_grant", 50_020, text))
            }
        }
    }
}
