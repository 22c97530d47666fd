//! The server as its callers see it, on SQLite and on PostgreSQL, with the real sandbox behind it.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod actors;
mod app;
mod browser;
mod definitions;
mod door;
mod receiver;
mod reply;
mod running;

mod access;
mod bad_input;
mod canary;
mod cleanup;
mod connecting;
mod cors;
mod custom_integrations;
mod data_keys;
mod environment_secrets;
mod event_destinations;
mod events;
mod hostile_tokens;
mod integrations;
mod key_rotation;
mod live;
mod managed_accounts;
mod metrics;
mod new_accounts;
mod older_sdks;
mod openapi;
mod portal;
mod processes;
mod proxied_calls;
mod requests;
mod sealed_values;
mod settings_at_once;
mod sources;
mod starts;
mod story;
mod switches;
mod task_history;
mod transport;
mod triggers;
mod user_tokens;
mod users;
mod warm;
mod webhooks;
mod workflows;
