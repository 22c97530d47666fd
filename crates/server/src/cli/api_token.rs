//! `gangway api-token`: tokens of the management API.

use std::path::PathBuf;

use anyhow::{Result, bail};
use base::{ApiTokenId, Clock, ProjectId, Random, Timestamp};
use clap::Subcommand;
use store::Store;
use store::api_tokens;

use super::config;
use super::terminal::say;
use crate::auth::manager;

#[derive(Subcommand)]
pub enum Command {
    /// Make a token and print it: it is shown this once and only its hash is kept.
    Create {
        /// What it is for.
        #[arg(long)]
        name: String,
        /// The one project it may manage; left out, it may manage every project.
        #[arg(long, value_name = "ID")]
        project: Option<ProjectId>,
    },
    /// List tokens.
    List {
        /// Those of one project; left out, those for every project.
        #[arg(long, value_name = "ID")]
        project: Option<ProjectId>,
    },
    /// Revoke a token; it is refused from now on.
    Revoke {
        /// Its id.
        id: ApiTokenId,
        /// The project it is for; left out, it is one for every project.
        #[arg(long, value_name = "ID")]
        project: Option<ProjectId>,
    },
}

pub async fn run(file: Option<PathBuf>, command: Command) -> Result<()> {
    let config = config::load(file, None)?;
    let store = Store::open(config.database_url().as_str()).await?;
    let clock = Clock::system();
    let done = match command {
        Command::Create { name, project } => {
            let (token, _) =
                manager::create_token(&store, &clock, &Random::system(), name, project).await?;
            say(&token);
            Ok(())
        }
        Command::List { project } => list(&store, project).await,
        Command::Revoke { id, project } => revoke(&store, id, project, clock.now()).await,
    };
    store.close().await;
    done
}

async fn list(store: &Store, project: Option<ProjectId>) -> Result<()> {
    for token in api_tokens::list(&mut *store.read().await?, project).await? {
        let state = match token.revoked_at {
            Some(time) => format!("revoked {time}"),
            None => "active".to_owned(),
        };
        say(&format!("{}  {}  {state}  {}", token.id, token.created_at, token.name));
    }
    Ok(())
}

async fn revoke(
    store: &Store,
    id: ApiTokenId,
    project: Option<ProjectId>,
    now: Timestamp,
) -> Result<()> {
    let mut tx = store.begin().await?;
    if !api_tokens::revoke(&mut tx, project, id, now).await? {
        bail!("There is no active token {id} here: see `gangway api-token list`.");
    }
    tx.commit().await?;
    say("Revoked.");
    Ok(())
}
