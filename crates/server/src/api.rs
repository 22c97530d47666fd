//! The management API under `/api/v1`: what a host developer's programs set up and look at.

pub mod app_proof;
pub mod connected_users;
pub mod connectors;
pub mod credentials;
pub mod events;
pub mod integrations;
pub mod new_credentials;
pub mod openapi;
pub mod paging;
pub mod projects;
pub mod requests;
pub mod signing_keys;
