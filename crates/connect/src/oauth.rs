//! Connecting an account by signing in at the provider: OAuth 2 authorization code with PKCE, each
//! attempt bound to one person, one integration and one browser.

mod admin_consent;
pub(crate) mod assertion;
pub(crate) mod attempt;
pub(crate) mod begin;
pub(crate) mod callback;
pub(crate) mod certificate;
mod choose;
mod nonce;
mod outcome;
mod session;
mod ticket;
pub(crate) mod token;
pub(crate) mod token_answer;

use base::{CredentialId, Error, IntegrationId, ProjectId};
use serde::{Deserialize, Serialize};

pub use begin::BeginOAuth;
pub use session::SessionState;

/// What the SDK says about installing; what it says besides concerns the portal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InstallOptions {
    /// Which way to connect.
    pub account_type: Option<String>,
    /// Whether the person may hold several accounts; otherwise a new sign-in renews the one.
    pub allow_multiple_credentials: bool,
    /// The host's name for the account.
    pub external_id: Option<String>,
    /// The account to connect again: its id, or an external id.
    pub selected_credential_id: Option<String>,
}

/// What the provider appends to the redirect address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CallbackQuery {
    /// The code to exchange.
    pub code: Option<base::Secret<String>>,
    /// The state we sent.
    pub state: Option<String>,
    /// What went wrong, in OAuth's word.
    pub error: Option<String>,
    /// What went wrong, in the provider's text.
    pub error_description: Option<String>,
    /// Who answers.
    pub iss: Option<String>,
    /// `True` when an administrator allowed the app.
    pub admin_consent: Option<String>,
}

/// What the pop-up shows or does next.
#[derive(Debug)]
pub enum Callback {
    /// The account is connected.
    Connected {
        /// The project.
        project_id: ProjectId,
        /// The page that opened the pop-up.
        origin: String,
        /// The integration.
        integration_id: IntegrationId,
        /// What the opener hands back to learn the credential. No token.
        handle: String,
        /// The credential.
        credential_id: CredentialId,
    },
    /// The person has several accounts (organizations) and chooses.
    Choose {
        /// The page that opened the pop-up.
        origin: String,
        /// The integration.
        integration_id: IntegrationId,
        /// Passed to [`crate::Connect::choose_account`].
        attempt: String,
        /// Their names.
        accounts: Vec<String>,
        /// What one is called: "Organization".
        label: String,
    },
    /// None is listed; the person names theirs.
    NameAccount {
        /// The page that opened the pop-up.
        origin: String,
        /// The integration.
        integration_id: IntegrationId,
        /// Passed to [`crate::Connect::choose_account`].
        attempt: String,
        /// What one is called.
        label: String,
        /// Why the name before was not accepted.
        error: Option<Error>,
    },
    /// An administrator has allowed the app.
    AdminConsented {
        /// A sentence for them.
        message: String,
    },
    /// It ended without an account.
    Failed {
        /// The page that opened the pop-up, when the attempt is known to be this browser's.
        origin: Option<String>,
        /// The integration, likewise.
        integration_id: Option<IntegrationId>,
        /// Why. Where an administrator must allow the app first, `meta.adminConsentUrl` is the
        /// link to send to them.
        error: Error,
    },
}
