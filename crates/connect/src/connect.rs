//! The handle to everything in this crate.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{Clock, Error, ProjectId, Random, Result};
use store::Store;

use crate::accounts::Accounts;
use crate::composed::Granted;
use crate::config::ConnectConfig;
use crate::environment_secrets::EnvironmentSecrets;
use crate::keys;
use crate::outbound::Counters;
use crate::outbound::network::Network;
use crate::outbound::notes::Notes;
use crate::provider::Provider;
use crate::refresh::Flights;
use crate::vault::{MasterKeys, Vault};

/// Connects accounts, keeps their tokens and calls providers with them. Cloning is cheap.
#[derive(Clone)]
pub struct Connect(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub store: Store,
    pub clock: Clock,
    pub random: Random,
    pub vault: Vault,
    pub providers: BTreeMap<String, Arc<Provider>>,
    pub config: ConnectConfig,
    pub network: Network,
    pub accounts: Accounts,
    pub flights: Arc<Flights>,
    pub counters: Counters,
    pub notes: Notes,
    pub environment_secrets: EnvironmentSecrets,
    pub granted: Granted,
}

impl Connect {
    /// Puts the parts together.
    ///
    /// # Errors
    /// When a setting is wrong: a certificate, the egress proxy, an allowed address.
    pub fn new(
        store: Store,
        clock: Clock,
        random: Random,
        master_keys: MasterKeys,
        providers: impl IntoIterator<Item = Arc<Provider>>,
        config: ConnectConfig,
    ) -> Result<Self> {
        let network = Network::new(&config, &clock)?;
        let vault = Vault::new(master_keys, random.clone());
        let providers =
            providers.into_iter().map(|provider| (provider.slug.clone(), provider)).collect();
        let accounts = Accounts::new(config.accounts_cached_max);
        let notes = Notes::new(config.successes_logged_per_second_max, clock.now());
        Ok(Self(Arc::new(Inner {
            store,
            clock,
            random,
            vault,
            providers,
            config,
            network,
            accounts,
            flights: Arc::default(),
            counters: Counters::default(),
            notes,
            environment_secrets: EnvironmentSecrets::default(),
            granted: Granted::default(),
        })))
    }

    /// A new project's data key, wrapped, for its row: insert it in this same transaction.
    ///
    /// # Errors
    /// When the master keys' file cannot be read.
    pub async fn generate_data_key(
        &self,
        tx: &mut store::Transaction,
        project_id: ProjectId,
    ) -> Result<Vec<u8>> {
        self.0.vault.generate_data_key(tx, project_id).await
    }

    /// Gives a project a new data key, and seals anew what it has.
    ///
    /// # Errors
    /// When the key file or the database cannot be used.
    pub async fn rotate_data_key(&self, project_id: ProjectId) -> Result<keys::DataRotation> {
        let Inner { store, clock, random, vault, .. } = &*self.0;
        let master_keys = vault.master_keys();
        keys::rotate_data_keys(store, &master_keys, (clock, random), Some(project_id)).await
    }

    /// Takes older data keys out that nothing was sealed with any more, and seals anew what a stopped
    /// rotation has left.
    ///
    /// # Errors
    /// When the key file or the database cannot be used.
    pub async fn finish_data_keys(&self) -> Result<keys::DataRotation> {
        let Inner { store, clock, random, vault, .. } = &*self.0;
        keys::finish_data_keys(store, &vault.master_keys(), (clock, random)).await
    }

    /// The provider with this slug.
    pub fn provider(&self, slug: &str) -> Result<&Arc<Provider>> {
        self.0.providers.get(slug).ok_or_else(|| {
            Error::not_found("unknown_connector", format!("There is no connector \"{slug}\"."))
        })
    }
}
