//! `gangway integrations`: what is configured, and how long the apps' secrets are good.

use std::path::PathBuf;

use anyhow::Result;
use base::{Clock, ProjectId, Timestamp};
use clap::Subcommand;
use connect::expiry::days_left;
use store::app_registrations::{self, AppRegistration, Proof};
use store::{PageRequest, Store, integrations, projects};

use super::config;
use super::terminal::say;

#[derive(Subcommand)]
pub enum Command {
    /// List integrations with their apps and the days left of each app's secret.
    List {
        /// Those of one project; left out, those of all.
        #[arg(long, value_name = "ID")]
        project: Option<ProjectId>,
    },
}

pub async fn run(file: Option<PathBuf>, command: Command) -> Result<()> {
    let config = config::load(file, None)?;
    let store = Store::open(config.database_url().as_str()).await?;
    let Command::List { project } = command;
    let done = list(&store, project, Clock::system().now()).await;
    store.close().await;
    done
}

async fn list(store: &Store, project: Option<ProjectId>, now: Timestamp) -> Result<()> {
    let mut page = PageRequest::default();
    loop {
        let found = projects::list(&mut *store.read().await?, &page).await?;
        let wanted = |id: ProjectId| project.is_none_or(|project| project == id);
        for one in found.items.iter().filter(|one| wanted(one.id)) {
            list_of_project(store, one.id, now).await?;
        }
        if found.next.is_none() {
            return Ok(());
        }
        page.after = found.next;
    }
}

async fn list_of_project(store: &Store, id: ProjectId, now: Timestamp) -> Result<()> {
    let mut conn = store.read().await?;
    for integration in integrations::list(&mut conn, id).await? {
        let state = if integration.is_active { "active" } else { "off" };
        let app = app_registrations::find_current(&mut conn, id, integration.id).await?;
        let app = app.map_or_else(|| "development keys".to_owned(), |app| describe(&app, now));
        say(&format!("{id}  {}  {}  {state}  {app}", integration.id, integration.kind));
    }
    Ok(())
}

fn describe(app: &AppRegistration, now: Timestamp) -> String {
    let next = app.successor.as_ref();
    let next = next.map_or_else(String::new, |next| format!(", next {}", life(next, now)));
    format!("{}  {}{next}", app.client_id, life(&app.proof, now))
}

fn life(proof: &Proof, now: Timestamp) -> String {
    let what = if proof.thumbprint.is_some() { "certificate" } else { "secret" };
    match proof.expires_at {
        None => format!("{what} without a known end"),
        Some(end) if end <= now => format!("{what} ended {end}"),
        Some(end) => format!("{what} ends {end}, {} days left", days_left(end, now)),
    }
}
