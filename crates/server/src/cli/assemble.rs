//! Puts the server together from settings.

use std::collections::HashMap;
use std::fs;
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use base::{Clock, Random};
use connect::{Connect, DevelopmentKeys, ProfileAddress};
use connectors::Catalogue;
use store::{Store, sqlite_file};
use tracing_subscriber::EnvFilter;

use crate::app::App;
use crate::config::{Config, Format};
use crate::http::serve::Listeners;

/// What development mode adds to the settings of connecting.
#[derive(Default)]
pub struct Stand {
    /// By connector: the app that integrations without one of their own use.
    pub keys: HashMap<String, DevelopmentKeys>,
    /// By endpoint profile: where its hosts are.
    pub addresses: HashMap<String, ProfileAddress>,
}

/// Writes the log to standard error.
pub fn start_log(config: &Config) {
    let filter = EnvFilter::try_new(&config.log.filter).unwrap_or_default();
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match config.log.format {
        Format::Text => log.init(),
        Format::Json => log.json().init(),
    }
}

/// Makes the data directory, for its owner only.
pub fn make_data_directory(directory: &Path) -> Result<()> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(directory);
    let closed =
        made.and_then(|()| fs::set_permissions(directory, fs::Permissions::from_mode(0o700)));
    closed.with_context(|| format!("The data directory {} cannot be made.", directory.display()))
}

/// Binds the addresses of the settings. Where port 0 was asked for and no public address is set,
/// the public address gets the port that was found.
pub async fn bind(config: &mut Config) -> Result<Listeners> {
    let listeners = Listeners::bind(&config.server.listen).await?;
    if config.server.public_url.is_none() {
        let port = listeners.addresses().first().map_or(0, SocketAddr::port);
        config.server.public_url = Some(format!("http://localhost:{port}"));
    }
    Ok(listeners)
}

/// Opens the database that is there: a command that looks after it must not make one.
pub async fn existing_store(config: &Config) -> Result<Store> {
    let url = config.database_url();
    if let Some(file) = sqlite_file::of(url.as_str())?.filter(|file| !file.exists()) {
        bail!(
            "There is no database at {}: check database.url and server.data_directory.",
            file.display()
        );
    }
    Ok(Store::open(url.as_str()).await?)
}

/// Opens the database and puts the server together over it.
pub async fn app(config: Config, stand: Stand, clock: Clock, random: Random) -> Result<App> {
    let store = Store::open(config.database_url().as_str()).await?;
    let master_keys = config.master_keys(&random)?;
    let catalogue =
        Catalogue::load(config.connectors.directory.as_deref(), &config.outbound.allow)?;
    let mut settings = config.connect_config()?;
    for (slug, keys) in stand.keys {
        settings.development_keys.entry(slug).or_insert(keys);
    }
    settings.profile_addresses = stand.addresses;
    let connect = Connect::new(
        store.clone(),
        clock.clone(),
        random.clone(),
        master_keys,
        catalogue.providers(),
        settings,
    )?;
    Ok(App::new(config, clock, random, store, connect, catalogue).await?)
}
