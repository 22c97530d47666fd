//! Microsoft Entra ID: sign-in, consent and tokens.

pub mod settings;
pub mod state;
pub mod tokens;

pub use settings::EntraSettings;
pub use state::EntraState;

/// The id of Azure DevOps as a resource; access tokens are issued for it.
pub const AZURE_DEVOPS: &str = "499b84ac-1321-427f-aa17-267ca6975798";
/// The same resource as an address.
pub const AZURE_DEVOPS_URI: &str = "https://app.vssps.visualstudio.com";
