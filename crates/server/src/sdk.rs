//! The API that browser SDKs speak: ours and, unchanged, the vendor's.

mod accounts;
pub mod configurations;
pub mod credentials;
pub mod integrations;
pub mod me;
pub mod oauth;
pub mod proxy;
mod wire;
