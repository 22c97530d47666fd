//! Azure DevOps: what it remembers and what it answers.
//!
//! `routes` is the table of everything that is served; `serve` is the way of a call through
//! route, credential (`gate`), version, scope and budget to its handler. A handler is a function
//! of the call and the [`state`] of one organization; there is a file for each resource.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use base::Clock;
use serde::{Deserialize, Serialize};

use crate::World;
use crate::directory::Directory;

mod accounts;
pub mod attachments;
pub mod budget;
pub mod bulk;
mod call;
pub mod catalog;
mod comments;
mod discovery;
mod fields;
mod files;
mod gate;
pub mod hooks;
mod identity;
mod nodes;
mod people;
mod problem;
mod processes;
mod profile;
mod projects;
pub mod queries;
mod recycle_bin;
mod reporting;
mod routes;
mod scope;
mod seed;
mod serve;
pub mod state;
mod tag_list;
mod team_settings;
mod teams;
mod time;
mod types;
mod version;
mod wiql;
mod work_items;

use budget::Budgets;
use files::Files;
use state::Organization;

/// The memory of Azure DevOps.
#[derive(Debug, Serialize, Deserialize)]
pub struct DevOps {
    /// Every organization.
    pub organizations: Vec<Organization>,
    /// What each identity has used of late; a restart forgets it.
    #[serde(skip)]
    pub budgets: Arc<Budgets>,
    #[serde(skip)]
    files: Arc<Files>,
}

impl DevOps {
    /// What a fresh sandbox holds: the same every time, but for the dates, which lie before now.
    pub fn seed(directory: &Directory, clock: &Clock) -> Self {
        Self {
            organizations: seed::organizations(directory, clock.now()),
            budgets: Arc::default(),
            files: Arc::default(),
        }
    }

    /// Keeps the bytes of attachments in a folder that outlives the process.
    pub fn keep_attachments_in(&mut self, folder: PathBuf) {
        self.files = Arc::new(Files::kept_in(folder));
    }
}

/// Every route of Azure DevOps. Each request carries a [`crate::site::Origin`] as an extension.
pub fn router() -> Router<Arc<World>> {
    Router::new().fallback(serve::serve)
}
