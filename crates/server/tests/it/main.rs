//! The server as its callers see it, on SQLite and on PostgreSQL, with the real sandbox behind it.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod actors;
mod app;
mod browser;
mod reply;

mod access;
mod bad_input;
mod canary;
mod connecting;
mod cors;
mod custom_integrations;
mod events;
mod hostile_tokens;
mod integrations;
mod key_rotation;
mod managed_accounts;
mod older_sdks;
mod openapi;
mod processes;
mod proxied_calls;
mod requests;
mod sealed_values;
mod transport;
mod user_tokens;
mod users;
mod warm;
