//! The settings, one file per section. `config.default.toml` is their manual and their first
//! layer; a file and the environment come on top. Whatever is wrong is told all at once.

mod connect;
mod connectors;
mod database;
mod development_keys;
mod events;
mod functions;
mod keys;
mod layers;
mod log;
mod metrics;
mod network;
mod outbound;
mod private_url;
mod problem;
mod request_log;
mod sandbox;
mod server;
mod values;
mod workflows;

#[cfg(test)]
mod tests;

use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;

use ::connect::{ConnectConfig, MasterKeys};
use base::{Error, Random, Result};
use serde::Deserialize;

pub use connect::Connect;
pub use connectors::Connectors;
pub use database::Database;
pub use development_keys::{DevelopmentKey, DevelopmentKeys};
pub use events::Events;
pub use functions::Functions;
pub use keys::Keys;
pub use layers::Sources;
pub use log::{Format, Log};
pub use metrics::Metrics;
pub use network::Network;
pub use outbound::Outbound;
pub use private_url::PrivateUrl;
pub use problem::Problem;
pub use request_log::RequestLog;
pub use sandbox::{ExampleHost, Sandbox};
pub use server::{Mode, Server};
pub use workflows::Workflows;

use problem::Problems;

/// Every setting, checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The server itself: mode, addresses, request limits.
    pub server: Server,
    /// Where everything is stored.
    pub database: Database,
    /// The master key.
    pub keys: Keys,
    /// Client ids and secrets for integrations without their own, by connector.
    pub development_keys: DevelopmentKeys,
    /// Calls to providers.
    pub outbound: Outbound,
    /// Connecting accounts and keeping them connected.
    pub connect: Connect,
    /// The operator's own connectors.
    pub connectors: Connectors,
    /// The log of calls to providers.
    pub request_log: RequestLog,
    /// The log of what happened.
    pub events: Events,
    /// Running workflows.
    pub workflows: Workflows,
    /// The JavaScript of function steps.
    pub functions: Functions,
    /// The emulator of Microsoft Entra ID and Azure DevOps.
    pub sandbox: Sandbox,
    /// The example host page.
    pub example_host: ExampleHost,
    /// What monitoring may read.
    pub metrics: Metrics,
    /// The log.
    pub log: Log,
}

impl Config {
    /// Reads all layers and checks them.
    ///
    /// # Errors
    /// Every problem there is, in one list.
    pub fn load(sources: &Sources) -> std::result::Result<Self, Vec<Problem>> {
        let (config, mut problems) = layers::load(sources);
        config.check(&mut problems);
        problems.none_or(config)
    }

    fn check(&self, problems: &mut Problems) {
        let mode = self.server.mode;
        self.server.check(problems);
        self.keys.check(mode, problems);
        self.outbound.check(problems);
        self.log.check(problems);
        self.workflows.check(problems);
        self.functions.check(problems);
        if mode == Mode::Development {
            sandbox::check_ports(self, problems);
        }
    }

    /// Whether this is development mode.
    pub fn is_development(&self) -> bool {
        self.server.mode == Mode::Development
    }

    /// The address of the database; where none is set, the SQLite file in the data directory.
    pub fn database_url(&self) -> PrivateUrl {
        self.database.url.clone().unwrap_or_else(|| {
            let file = self.server.data_directory.join("gangway.db");
            let file = std::path::absolute(&file).unwrap_or(file);
            // A file's address, because a folder's name may hold blanks.
            let url = url::Url::from_file_path(&file).map(|url| url.path().to_owned());
            PrivateUrl::new(format!("sqlite://{}", url.unwrap_or_default()))
        })
    }

    /// Makes the data directory, for its owner only, where it is not there yet.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make_data_directory(&self) -> Result<()> {
        let directory = &self.server.data_directory;
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(directory).map_err(|cause| {
            let message = format!("{} cannot be made: {cause}.", directory.display());
            Error::invalid("data_directory", message).with_source(cause)
        })
    }

    /// The address under which browsers reach Gangway, without a slash at its end.
    pub fn public_url(&self) -> String {
        self.server.public_url.clone().unwrap_or_else(|| {
            let port = self.server.listen.first().map_or(0, std::net::SocketAddr::port);
            format!("http://localhost:{port}")
        })
    }

    /// The file with the master keys, where they do not come as text.
    pub fn master_key_file(&self) -> PathBuf {
        let own = || self.server.data_directory.join("master.key");
        self.keys.master_key_file.clone().unwrap_or_else(own)
    }

    /// The master keys. Development makes them when none are set.
    ///
    /// # Errors
    /// When the file cannot be read or made, or holds something else.
    pub fn master_keys(&self, random: &Random) -> Result<MasterKeys> {
        if let Some(keys) = &self.keys.master_key {
            return Ok(keys.clone());
        }
        let file = self.master_key_file();
        if self.is_development() && self.keys.master_key_file.is_none() {
            return MasterKeys::read_or_create_file(&file, random);
        }
        MasterKeys::read_file(&file)
    }

    /// What the settings say about connecting and calling out.
    ///
    /// # Errors
    /// When the CA bundle cannot be read any more.
    pub fn connect_config(&self) -> Result<ConnectConfig> {
        let keys = self.development_keys.iter();
        Ok(ConnectConfig {
            profile: self.connect.profile.clone(),
            development_keys: keys
                .map(|(slug, key)| (slug.clone(), key.for_profile(&self.connect.profile)))
                .collect(),
            attempt_lifetime: self.connect.attempt_lifetime,
            accounts_cached_max: self.connect.accounts_cached_max,
            successes_logged_per_second_max: self.request_log.successes_per_second_max,
            outbound: self.outbound.config()?,
            ..ConnectConfig::new(self.public_url())
        })
    }
}
