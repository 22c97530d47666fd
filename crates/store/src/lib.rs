//! The only crate that knows SQL: one SQL text and one migrations folder for SQLite and PostgreSQL.
//!
//! Each table has a module of plain functions on a [`Connection`]. A finder starts from the
//! project, so that the safe query is also the short one. A write goes through a transaction:
//!
//! ```ignore
//! let mut tx = store.begin().await?;
//! store::projects::insert(&mut tx, &project).await?;
//! tx.commit().await?;
//! ```
//!
//! Rules that keep one text true on both engines: numbered parameters, columns of type text,
//! bigint and bytea, times from the clock, no boolean results, no JSON operators, an explicit order
//! in every list, every column by name (PostgreSQL refuses a prepared `select *` once a newer process
//! has added a column), and no statement after one that failed (PostgreSQL refuses it).

pub mod api_tokens;
pub mod app_failures;
pub mod app_registrations;
pub mod arrangements;
pub mod backup;
mod batch;
pub mod changes;
pub mod claims;
pub mod configurations;
pub mod connected_users;
pub mod credentials;
mod database;
pub mod enablements;
pub mod environment_secrets;
mod error;
pub mod event_deliveries;
pub mod event_destinations;
pub mod events;
pub mod execution_lists;
pub mod executions;
pub mod feeds;
pub mod files;
pub mod hooks;
pub mod integrations;
pub mod journal;
mod migrate;
pub mod oauth_attempts;
pub mod oauth_nonces;
pub mod page;
pub mod project_portals;
pub mod projects;
mod query;
pub mod rate_limit_waits;
pub mod renewals;
pub mod request_counts;
pub mod requests;
mod row;
pub mod sealed;
pub mod setup_links;
pub mod signing_keys;
pub mod sqlite_file;
#[cfg(feature = "testing")]
pub mod testing;
pub mod workflow_versions;
pub mod workflows;

pub use database::{Connection, Engine, PoolSize, Store, Transaction};
pub use page::{Page, PageRequest};
