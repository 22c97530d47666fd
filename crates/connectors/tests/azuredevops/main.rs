//! The actions, sources and triggers of Azure DevOps, against the sandbox.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod app;
mod comment;
mod create;
mod delete;
mod get;
mod refused;
mod search;
mod sources;
mod triggers;
mod update;
