//! What every handler works with.

use std::sync::Arc;

use base::{Clock, Random, Result};
use connect::Connect;
use connectors::{Catalogue, SourceCache};
use engine::effects::World;
use engine::guest::Pool;
use engine::mortality::Mortality;
use engine::runner::Runner;
use engine::triggers::Triggers;
use store::Store;
use store::changes::{Change, Kind};
use tokio::sync::{Mutex, watch};

use crate::auth::known_tokens::KnownTokens;
use crate::config::{Config, Mode};
use crate::metrics::Metrics;
use crate::projects::Projects;
use crate::task_history::Rates;
use crate::triggers::matching::Matching;

/// How many answers of sources are kept for the forms of end users.
const SOURCE_ANSWERS_MAX: usize = 2_000;

/// The running server. Cloning is cheap.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    config: Config,
    clock: Clock,
    random: Random,
    store: Store,
    connect: Connect,
    catalogue: Arc<Catalogue>,
    runner: Runner,
    triggers: Triggers,
    sources: SourceCache,
    public_url: String,
    audience_hosts: Vec<String>,
    projects: Projects,
    matching: Matching,
    known_tokens: KnownTokens,
    task_history_rates: Rates,
    metrics: Metrics,
    /// True once the server stops: streams without an end of their own end then.
    streams_end: watch::Sender<bool>,
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
        let catalogue = Arc::new(catalogue);
        let world = World {
            store: store.clone(),
            connect: connect.clone(),
            catalogue: Arc::clone(&catalogue),
            functions: Pool::new(config.functions.guests()?, clock.clone(), random.clone()),
            clock: clock.clone(),
            random: random.clone(),
            mortality: Mortality::default(),
        };
        let runner = Runner::start(world, config.workflows.runner()).await?;
        let triggers = Triggers::new(runner.clone(), hook_base(&config));
        Ok(Self(Arc::new(Parts {
            projects: Projects::new(store.clone()),
            matching: Matching::default(),
            known_tokens: KnownTokens::default(),
            task_history_rates: Rates::default(),
            metrics: Metrics::new(&connect, &runner),
            streams_end: watch::Sender::new(false),
            audience_hosts: audience_hosts(&config.public_url()),
            public_url: config.public_url(),
            heard: Mutex::new(latest),
            sources: SourceCache::new(clock.clone(), SOURCE_ANSWERS_MAX),
            config,
            clock,
            random,
            store,
            connect,
            catalogue,
            triggers,
            runner,
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

    /// What the sources of forms have told.
    pub fn sources(&self) -> &SourceCache {
        &self.0.sources
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

    /// What runs workflows.
    pub fn runner(&self) -> &Runner {
        &self.0.runner
    }

    /// What clocks and connected accounts start.
    pub fn triggers(&self) -> &Triggers {
        &self.0.triggers
    }

    /// Projects with their keys and integrations, from memory when warm.
    pub fn projects(&self) -> &Projects {
        &self.0.projects
    }

    /// What runs for whom, from memory when warm.
    pub fn matching(&self) -> &Matching {
        &self.0.matching
    }

    /// User tokens checked before.
    pub fn known_tokens(&self) -> &KnownTokens {
        &self.0.known_tokens
    }

    /// How often API tokens have called the Task History API.
    pub fn task_history_rates(&self) -> &Rates {
        &self.0.task_history_rates
    }

    /// What this process counts.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Ends streams that have no end of their own: the server stops.
    pub fn end_streams(&self) {
        self.0.streams_end.send_replace(true);
    }

    /// Waits until such streams have to end.
    pub async fn streams_ended(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.0.streams_end.subscribe().wait_for(|end| *end).await;
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
            Some(Kind::Project | Kind::Workflow) => self.0.projects.forget(project_id),
            Some(Kind::SigningKeys) => {
                self.0.projects.forget(project_id);
                self.0.known_tokens.forget(|known| known.project_id == project_id);
            }
            Some(Kind::ConnectedUser) => {
                let subject = &change.subject;
                self.0.known_tokens.forget(|known| known.user_id.to_string() == *subject);
            }
            // It names the user whose account it is.
            Some(Kind::Credential) => self.0.sources.forget(change.subject.parse().ok()),
            Some(
                Kind::ApiTokens
                | Kind::RateLimitWait
                | Kind::Configuration
                | Kind::EnvironmentSecrets,
            ) => {}
            // Written by a newer version: forget what could depend on it.
            None => {
                self.0.projects.forget(project_id);
                self.0.known_tokens.forget(|known| known.project_id == project_id);
                self.0.sources.forget(None);
            }
        }
        self.0.matching.forget(change);
        self.0.connect.forget(change);
    }
}

/// Where providers can call: what they send must not be read on the way.
fn hook_base(config: &Config) -> Option<String> {
    let url = config.public_url();
    let url = url.trim_end_matches('/');
    let is_safe = url.starts_with("https://") || config.server.mode == Mode::Development;
    is_safe.then(|| url.to_owned())
}

/// Host, and host with port, of our own address; and the vendor's, whose tokens move over as they
/// are.
fn audience_hosts(public_url: &str) -> Vec<String> {
    let authority = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    vec![authority.to_owned(), host.to_owned(), "useparagon.com".to_owned()]
}
