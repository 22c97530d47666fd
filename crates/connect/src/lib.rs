//! Holding and using other people's access: what a provider is (`provider`), how an account is
//! connected (`oauth`, `fields`), how its tokens are kept (a private vault) and renewed, and the
//! one door through which every call to a provider leaves (`outbound`).
//!
//! [`Connect`] is the handle to all of it. Plaintext of a secret exists in this crate alone.

mod accounts;
mod app_failure;
pub mod composed;
pub mod config;
mod connect;
mod connected;
mod disconnect;
mod discovery;
mod environment_secrets;
pub mod event_destinations;
pub mod events;
pub mod expiry;
mod fields;
pub mod files;
mod hash;
mod held;
mod idle;
mod import;
mod incoming;
pub mod keys;
mod management;
pub mod oauth;
pub mod outbound;
pub mod provider;
pub mod reference;
mod refresh;
mod registrations;
mod renewal;
mod secrets;
mod tenants;
mod vault;
mod verification;

pub use composed::{ComposedRequest, Keyring};
pub use config::{ConnectConfig, DevelopmentKeys, OutboundConfig, ProfileAddress, RateLimit};
pub use connect::Connect;
pub use disconnect::Disconnected;
pub use environment_secrets::EnvironmentSecret;
pub use events::Happened;
pub use files::FileValue;
pub use hash::{hash_token, same_text};
pub use held::{Held, Selector};
pub use incoming::IncomingProof;
pub use management::ManagementApi;
pub use oauth::{BeginOAuth, Callback, CallbackQuery, InstallOptions};
pub use outbound::{Authority, Body, ProxyCall};
pub use provider::Provider;
pub use registrations::{Client, NewProof};
pub use vault::{KeyId, MasterKeys};
