//! The management API under `/api/v1`: what a host developer's programs set up and look at.

pub mod actions;
pub mod app_events;
pub mod app_proof;
pub mod connected_users;
pub mod connectors;
pub mod credentials;
pub mod environment_secrets;
pub mod event_deliveries;
pub mod event_destinations;
pub mod events;
pub mod executions;
pub mod integrations;
pub mod live;
pub mod new_credentials;
pub mod openapi;
pub mod paging;
pub mod portal;
pub mod projects;
pub mod requests;
pub mod setup_links;
pub mod signing_keys;
pub mod steps;
pub mod user_workflows;
pub mod workflow_tests;
pub mod workflow_versions;
pub mod workflows;
