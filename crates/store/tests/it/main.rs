//! What the store promises, on SQLite and on PostgreSQL: every body runs on both.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod api_tokens;
mod app_failures;
mod app_registrations;
mod backup;
mod changes;
mod configurations;
mod connected_users;
mod credentials;
mod differential;
mod enablements;
mod environment_secrets;
mod event_destinations;
mod events;
mod execution_lists;
mod files;
mod integrations;
mod oauth_attempts;
mod oauth_nonces;
mod opening;
mod paging;
mod projects;
mod renewals;
mod requests;
mod sample;
mod sealed;
mod signing_keys;
mod transactions;
