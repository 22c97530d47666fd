//! The server as a library, so that tests start it in process. [`router`] is the map.

pub mod api;
pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod failure;
pub mod health;
pub mod http;
pub mod metrics;
pub mod origin;
pub mod pages;
pub mod projects;
pub mod router;
pub mod sdk;
pub mod task_history;
pub mod triggers;
pub mod worker;
pub mod workflows;
