//! What every handler works with.

use std::sync::Arc;

use base::{Clock, Random, Result};
use connect::Connect;
use connectors::Catalogue;
use store::Store;
use store::changes::{Change, Kind};
use tokio::sync::Mutex;

use crate::auth::known_tokens::KnownTokens;
use crate::config::Config;
use crate::projects::Projects;

/// The running server. Cloning is cheap.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    config: Config,
    clock: Clock,
    random: Random,
    store: Store,
    connect: Connect,
    catalogue: Catalogue,
    public_url: String,
    audience_hosts: Vec<String>,
    projects: Projects,
    known_tokens: KnownTokens,
    /// The number of the last change this process has heard of.
    heard: Mutex<i64>,
}

impl App {
    /// Puts a server together over an open store.
    pub async fn new(
        config: Config,
        clock: Clock,
        random: Random,
        store: Store,
        connect: Connect,
        catalogue: Catalogue,
    ) -> Result<Self> {
        let latest = store::changes::latest(&mut *store.read().await?).await?;
        Ok(Self(Arc::new(Parts {
            projects: Projects::new(store.clone()),
            known_tokens: KnownTokens::default(),
            audience_hosts: audience_hosts(&config.public_url()),
            public_url: config.public_url(),
            heard: Mutex::new(latest),
            config,
            clock,
            random,
            store,
            connect,
            catalogue,
        })))
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Our own address as browsers see it, without a slash at the end.
    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }

    /// What may stand before the project id in a user token's `aud`.
    pub fn audience_hosts(&self) -> &[String] {
        &self.0.audience_hosts
    }

    /// The connectors.
    pub fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The generator.
    pub fn random(&self) -> &Random {
        &self.0.random
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Other people's access.
    pub fn connect(&self) -> &Connect {
        &self.0.connect
    }

    /// Projects with their keys and integrations, from memory when warm.
    pub fn projects(&self) -> &Projects {
        &self.0.projects
    }

    /// User tokens checked before.
    pub fn known_tokens(&self) -> &KnownTokens {
        &self.0.known_tokens
    }

    /// Reads the change log from where this process stopped, and forgets what has changed. Called
    /// after every write that others keep in memory, and twice a second for those of others.
    pub async fn catch_up(&self) -> Result<()> {
        let mut heard = self.0.heard.lock().await;
        loop {
            let changes = store::changes::after(&mut *self.0.store.read().await?, *heard).await?;
            let Some(last) = changes.last() else { return Ok(()) };
            for change in &changes {
                self.forget(change);
            }
            *heard = last.number;
        }
    }

    fn forget(&self, change: &Change) {
        let project_id = change.project_id;
        match change.kind {
            Some(Kind::Project) => self.0.projects.forget(project_id),
            Some(Kind::SigningKeys) => {
                self.0.projects.forget(project_id);
                self.0.known_tokens.forget(|known| known.project_id == project_id);
            }
            Some(Kind::ConnectedUser) => {
                let subject = &change.subject;
                self.0.known_tokens.forget(|known| known.user_id.to_string() == *subject);
            }
            Some(Kind::ApiTokens | Kind::Credential | Kind::RateLimitWait) => {}
            // Written by a newer version: forget what could depend on it.
            None => {
                self.0.projects.forget(project_id);
                self.0.known_tokens.forget(|known| known.project_id == project_id);
            }
        }
        self.0.connect.forget(change);
    }
}

/// Host, and host with port, of our own address; and the vendor's, whose tokens move over as they
/// are.
fn audience_hosts(public_url: &str) -> Vec<String> {
    let authority = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    vec![authority.to_owned(), host.to_owned(), "useparagon.com".to_owned()]
}
