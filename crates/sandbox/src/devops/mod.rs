//! Azure DevOps: what it remembers and what it answers.

use std::sync::Arc;

use axum::Router;
use base::Clock;
use serde::{Deserialize, Serialize};

use crate::World;
use crate::directory::Directory;

/// The memory of Azure DevOps.
#[derive(Debug, Serialize, Deserialize)]
pub struct DevOps {}

impl DevOps {
    /// What a fresh sandbox holds.
    pub fn seed(_directory: &Directory, _clock: &Clock) -> Self {
        Self {}
    }
}

/// Every route of Azure DevOps. Each request carries a [`crate::site::Origin`] as an extension.
pub fn router() -> Router<Arc<World>> {
    Router::new()
}
