//! `gangway setup-links`: links to a page on which one person connects without any SDK.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use base::{Clock, ConnectedUserId, ProjectId, Random, SetupLinkId, Timestamp};
use clap::Subcommand;
use serde_json::Map;
use store::connected_users::{self, ConnectedUser};
use store::{PageRequest, Store, setup_links};

use super::config;
use super::terminal::say;
use crate::auth::setup_link;

const HOUR_SECS: u64 = 3600;

#[derive(Subcommand)]
pub enum Command {
    /// Make a link and print its address: it is shown this once and only a hash is kept.
    Create {
        /// The project.
        #[arg(long, value_name = "ID")]
        project: ProjectId,
        /// Your id of the person.
        #[arg(long, value_name = "ID")]
        user: String,
        /// How many hours the link counts.
        #[arg(long, value_name = "HOURS", default_value_t = 168)]
        hours: u64,
    },
    /// List a project's links.
    List {
        /// The project.
        #[arg(long, value_name = "ID")]
        project: ProjectId,
    },
    /// Revoke a link; its page does nothing from now on.
    Revoke {
        /// Its id.
        id: SetupLinkId,
        /// The project.
        #[arg(long, value_name = "ID")]
        project: ProjectId,
    },
}

pub async fn run(file: Option<PathBuf>, command: Command) -> Result<()> {
    let config = config::load(file, None)?;
    let store = Store::open(config.database_url().as_str()).await?;
    let now = Clock::system().now();
    let done = match command {
        Command::Create { project, user, hours } => {
            create(&store, &config.public_url(), project, user, hours * HOUR_SECS).await
        }
        Command::List { project } => list(&store, project, now).await,
        Command::Revoke { id, project } => revoke(&store, project, id, now).await,
    };
    store.close().await;
    done
}

async fn create(
    store: &Store,
    public_url: &str,
    project_id: ProjectId,
    external_id: String,
    lifetime_secs: u64,
) -> Result<()> {
    let (clock, random) = (Clock::system(), Random::system());
    let now = clock.now();
    let mut tx = store.begin().await?;
    let project = store::projects::find(&mut tx, project_id).await?;
    project.with_context(|| format!("There is no project {project_id}."))?;
    let user = ConnectedUser {
        id: ConnectedUserId::new(&clock, &random),
        project_id,
        external_id,
        metadata: Map::new(),
        disabled_at: None,
        created_at: now,
        last_active_at: now,
    };
    let user = connected_users::ensure(&mut tx, &user).await?;
    let made = setup_link::create(&mut tx, &clock, &random, &user, lifetime_secs).await?;
    tx.commit().await?;
    say(&setup_link::address(public_url, project_id, &made.token));
    Ok(())
}

async fn list(store: &Store, project: ProjectId, now: Timestamp) -> Result<()> {
    let mut page = PageRequest::default();
    loop {
        let found = setup_links::list(&mut *store.read().await?, project, &page).await?;
        for link in found.items {
            let state = match link.revoked_at {
                Some(time) => format!("revoked {time}"),
                None if link.expires_at <= now => format!("ended {}", link.expires_at),
                None => format!("until {}", link.expires_at),
            };
            say(&format!("{}  {}  {state}", link.id, link.user_id));
        }
        page.after = match found.next {
            Some(next) => Some(next),
            None => return Ok(()),
        };
    }
}

async fn revoke(store: &Store, project: ProjectId, id: SetupLinkId, now: Timestamp) -> Result<()> {
    let mut tx = store.begin().await?;
    if !setup_links::revoke(&mut tx, project, id, now).await? {
        bail!("There is no link {id} here that still counts: see `gangway setup-links list`.");
    }
    tx.commit().await?;
    say("Revoked.");
    Ok(())
}
