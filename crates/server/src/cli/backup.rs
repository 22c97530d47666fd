//! `gangway backup`: a copy of the database, taken while Gangway runs.

use std::fs::{self, OpenOptions};
use std::io::ErrorKind as IoKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use store::{Store, backup, sqlite_file};

use super::terminal::{count_projects, say};
use super::{assemble, config, postgres_tools};
use crate::config::Config;

#[derive(Args)]
pub struct Arguments {
    /// The file to write. An existing one is never overwritten.
    file: PathBuf,
}

pub async fn run(file: Option<PathBuf>, Arguments { file: target }: Arguments) -> Result<()> {
    let config = config::load(file, None)?;
    let url = config.database_url();
    if sqlite_file::of(url.as_str())?.is_none() {
        say("PostgreSQL makes its own backups. Run:");
        say(&postgres_tools::dump_line(url.as_str(), &target)?);
    } else {
        let store = assemble::existing_store(&config).await?;
        let copied = copy(&store, &target).await;
        store.close().await;
        say(&copied?);
    }
    say(&format!(
        "The master key is NOT in the backup, and nothing in it opens without that key. {} Keep a \
         copy of it in a safe place, and not beside the backup.",
        place_of_master_key(&config)
    ));
    Ok(())
}

/// Copies the database under another name first: a file with the wanted name is whole.
async fn copy(store: &Store, target: &Path) -> Result<String> {
    if target.exists() {
        bail!(
            "{} exists. A backup never overwrites a file: choose another name.",
            target.display()
        );
    }
    let part = part_of(target);
    make_private(&part).with_context(|| format!("{} cannot be made.", part.display()))?;
    store.copy_to(&part).await?;
    let contents = backup::check(&part).await?;
    put_in_place(&part, target)?;
    Ok(format!(
        "Backed up to {}: {}, {} bytes, checked from its first page to its last.",
        target.display(),
        count_projects(contents.projects),
        fs::metadata(target)?.len()
    ))
}

/// The name of a file while it is being written.
pub fn part_of(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    target.with_file_name(name)
}

/// Makes an empty file that only its owner may read, in the place of what a stopped command left.
pub fn make_private(part: &Path) -> std::io::Result<fs::File> {
    match fs::remove_file(part) {
        Err(cause) if cause.kind() != IoKind::NotFound => return Err(cause),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(part)
}

/// Gives a finished file its name, down to the disk.
pub fn put_in_place(part: &Path, target: &Path) -> Result<()> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs::rename(part, target)
        .and_then(|()| fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all())
        .with_context(|| format!("{} cannot be put in place.", target.display()))
}

/// A sentence that says where the master key is.
pub fn place_of_master_key(config: &Config) -> String {
    if config.keys.master_key.is_some() {
        return "It comes from keys.master_key or its environment variable.".to_owned();
    }
    let file = config.master_key_file();
    format!("It is in {}.", std::path::absolute(&file).unwrap_or(file).display())
}
