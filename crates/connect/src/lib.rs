//! Holding and using other people's access: what a provider is (`provider`), how an account is
//! connected (`oauth`, `fields`), how its tokens are kept (a private vault) and renewed, and the
//! one door through which every call to a provider leaves (`outbound`).
//!
//! [`Connect`] is the handle to all of it:
//!
//! ```ignore
//! // app registrations
//! async fn set_client(&self, integration: &Integration, client_id: &str, client_secret: Secret<String>) -> Result<()>
//! async fn clear_client(&self, integration: &Integration) -> Result<()>
//! async fn client_of(&self, integration: &Integration) -> Result<Client>      // Client { registration_id: Option, client_id, profile, own: bool, .. }
//! // connecting by sign-in
//! async fn issue_nonce(&self, integration: &Integration, user: ConnectedUserId, origin: &str) -> Result<String>
//! async fn begin_oauth(&self, begin: BeginOAuth<'_>) -> Result<String>        // the authorize URL
//! async fn finish_oauth(&self, query: CallbackQuery, cookie: Option<&str>) -> Callback
//! async fn choose_account(&self, attempt: &str, cookie: Option<&str>, name: &str) -> Callback
//! async fn redeem_handle(&self, project: ProjectId, user: ConnectedUserId, handle: &str) -> Result<CredentialId>
//! async fn session(&self, project: ProjectId, user: ConnectedUserId, key: &str) -> Result<Option<CredentialId>>
//! async fn forget_session(&self, project: ProjectId, user: ConnectedUserId, key: &str) -> Result<()>
//! // connecting by typed secret
//! async fn connect_with_fields(&self, integration: &Integration, user: ConnectedUserId, account_type: &str, fields: BTreeMap<String, Secret<String>>, options: &InstallOptions) -> Result<CredentialId>
//! async fn disconnect(&self, project: ProjectId, id: CredentialId) -> Result<Disconnected> // { revoked: bool, message }
//! // using
//! async fn load(&self, project: ProjectId, user: ConnectedUserId, slug: &str, selector: Option<&Selector>) -> Result<Arc<Held>>
//! fn forget(&self, change: &store::changes::Change)
//! async fn proxy(&self, held: &Arc<Held>, call: ProxyCall) -> Result<http::Response<Body>>
//! async fn send(&self, request: http::Request<Body>, authority: Authority) -> Result<http::Response<Body>>
//!
//! struct BeginOAuth<'a> { integration: &'a Integration, user_id, account_type: Option<String>,
//!     parameters: BTreeMap<String, String> /* tenant */, origin: String, session_key: Option<String>,
//!     options: InstallOptions, redirect_override: Option<String> }
//! struct InstallOptions { account_type, allow_multiple_credentials: bool, external_id, selected_credential_id } // Deserialize, camelCase, the SDK's JSON
//! struct CallbackQuery { code, state, error, error_description, iss, admin_consent, .. } // Deserialize
//! enum Callback { Connected { origin, integration_id, handle, credential_id },
//!     Choose { origin, integration_id, attempt, accounts: Vec<String>, label },
//!     NameAccount { origin, integration_id, attempt, label, error: Option<Error> },
//!     AdminConsentNeeded { origin, integration_id, link, message },
//!     AdminConsented { message }, Failed { origin: Option, integration_id: Option, error } }
//! struct ProxyCall { method, path_and_query: String /* raw, begins with / */, absolute_url: Option<String>,
//!     account: Option<String> /* another organization */, headers: HeaderMap, body: Body }
//! type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, BoxError>;
//! ```

pub mod config;
mod connect;
mod hash;
pub mod provider;
mod vault;

pub use config::{ConnectConfig, DevelopmentKeys, OutboundConfig, ProfileAddress};
pub use connect::Connect;
pub use hash::{hash_token, same_text};
pub use provider::Provider;
pub use vault::MasterKeys;
