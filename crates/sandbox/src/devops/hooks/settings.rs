//! The switches of service hooks that a test can turn.

use serde::{Deserialize, Serialize};

/// How hooks behave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HookSettings {
    /// Who may make subscriptions.
    pub right: HookRight,
    /// Where notifications may go.
    pub targets: HookTargets,
}

/// Who may view and make subscriptions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookRight {
    /// The administrators of the project, as on the service.
    #[default]
    Administrators,
    /// Every member.
    Everyone,
    /// Nobody.
    Nobody,
}

/// Where notifications may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookTargets {
    /// This machine and private networks too.
    #[default]
    Anywhere,
    /// Public addresses by https alone.
    PublicHttps,
}
