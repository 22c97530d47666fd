//! The sandbox as its clients meet it: over HTTP, by the test clock.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod access;
mod admin_consent;
mod app;
mod certificate;
mod client_credentials;
mod consent;
mod control;
mod discovery;
mod hosts;
mod page;
mod persistence;
mod redeem;
mod refresh;
mod sign_in;
mod tls;
