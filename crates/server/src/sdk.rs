//! The API that browser SDKs speak: ours and, unchanged, the vendor's.

pub mod accounts;
pub mod actions;
pub mod configurations;
pub mod credentials;
pub mod integrations;
pub mod me;
pub mod oauth;
mod offer;
pub mod portal;
pub mod proxy;
pub mod triggers;
mod wire;
pub mod workflows;
