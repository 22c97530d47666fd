//! `gangway restore`: a backup becomes the database of a new installation.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use base::Random;
use clap::Args;
use connect::keys::{self, Standing};
use store::{Store, backup, sqlite_file};

use super::backup::{make_private, part_of, place_of_master_key, put_in_place};
use super::running::Running;
use super::terminal::{count_projects, say};
use super::{assemble, config, postgres_tools};
use crate::config::Config;

/// What SQLite keeps beside a database, and would take for a part of the restored one.
const BESIDE: [&str; 3] = ["", "-wal", "-shm"];

#[derive(Args)]
pub struct Arguments {
    /// The backup.
    file: PathBuf,
}

pub async fn run(file: Option<PathBuf>, Arguments { file: source }: Arguments) -> Result<()> {
    let config = config::load(file, None)?;
    let url = config.database_url();
    let Some(target) = sqlite_file::of(url.as_str())? else {
        say("PostgreSQL restores its own backups. Stop Gangway, make an empty database, and run:");
        say(&postgres_tools::restore_line(url.as_str(), &source)?);
        return Ok(());
    };
    require_free(&config, &target)?;
    if !source.exists() {
        bail!("There is no file {}.", source.display());
    }
    let contents = backup::check(&source).await?;
    assemble::make_data_directory(&config.server.data_directory)?;
    copy(&source, &target).with_context(|| format!("{} cannot be made.", target.display()))?;
    let store = Store::open(url.as_str()).await?;
    let told = tell_keys(&config, &store).await;
    store.close().await;
    let projects = count_projects(contents.projects);
    say(&format!("Restored {projects} to {}.", target.display()));
    say(&told?);
    Ok(())
}

/// Refuses where a database would be overwritten, or pulled away from under a server.
fn require_free(config: &Config, target: &Path) -> Result<()> {
    for ending in BESIDE {
        let mut name = target.as_os_str().to_owned();
        name.push(ending);
        let found = Path::new(&name);
        if found.exists() {
            bail!(
                "{} is there already, and a restore overwrites nothing: stop Gangway, move it away \
                 with the files whose names begin alike, or set another server.data_directory.",
                found.display()
            );
        }
    }
    let listens = |address: &&std::net::SocketAddr| {
        TcpListener::bind(address).is_err_and(|cause| cause.kind() == std::io::ErrorKind::AddrInUse)
    };
    if let Some(address) = config.server.listen.iter().find(listens) {
        bail!("Something serves at {address}: stop Gangway before you restore.");
    }
    if Running::find(&config.server.data_directory).is_ok() {
        bail!("A development server runs with this data directory: stop it before you restore.");
    }
    Ok(())
}

fn copy(source: &Path, target: &Path) -> Result<()> {
    let part = part_of(target);
    let mut copy = make_private(&part)?;
    std::io::copy(&mut fs::File::open(source)?, &mut copy)?;
    copy.sync_all()?;
    put_in_place(&part, target)
}

/// Says whether what was restored opens with the master keys that are here.
async fn tell_keys(config: &Config, store: &Store) -> Result<String> {
    let place = place_of_master_key(config);
    if config.keys.master_key.is_none() && !config.master_key_file().exists() {
        return Ok(format!(
            "The master key is missing, and nothing opens without it. {place} Put it there before \
             Gangway starts."
        ));
    }
    let found = keys::status(store, &config.master_keys(&Random::system())?).await?;
    let missing = found.iter().filter(|one| one.standing == Standing::Missing);
    let missing: Vec<String> = missing.map(|one| one.id.to_string()).collect();
    if missing.is_empty() {
        return Ok("Every project opens with the master keys that are here.".to_owned());
    }
    Ok(format!(
        "Projects do not open: they need the master key {}, and the one that is here is another. \
         {place} Add the missing one there, as one line more.",
        missing.join(" and ")
    ))
}
