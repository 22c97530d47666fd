//! `gangway dev`: everything a newcomer needs in one process, with nothing to set up.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use base::{Clock, Random, Secret};
use clap::{Args, Subcommand};
use connect::{DevelopmentKeys, ProfileAddress};
use sandbox::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_CLIENT_SECRET, Sandbox};
use tokio::sync::watch;

use super::assemble::{self, Stand};
use super::development::Development;
use super::example_host::ExampleHost;
use super::running::Running;
use super::terminal::say;
use super::{config, sandbox as sandbox_command, stop};
use crate::config::{Config, Mode};
use crate::http::serve::{self, Limits};
use crate::{router, worker};

/// The endpoint profile whose hosts are the sandbox.
const PROFILE: &str = "development";

#[derive(Args)]
pub struct Arguments {
    /// Where everything is kept; overrides `server.data_directory`.
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Say where the running development server and its parts are, with tokens to use them.
    Info {
        /// As one line of JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(file: Option<PathBuf>, arguments: Arguments) -> Result<()> {
    let mut config = config::load(file, Some(Mode::Development))?;
    if let Some(directory) = arguments.data {
        config.server.data_directory = directory;
    }
    match arguments.command {
        Some(Command::Info { json }) => info(&config.server.data_directory, json),
        None => start(config).await,
    }
}

fn info(directory: &Path, json: bool) -> Result<()> {
    let info = Running::find(directory)?.info(directory)?;
    say(&if json { info.to_string() } else { serde_json::to_string_pretty(&info)? });
    Ok(())
}

async fn start(mut config: Config) -> Result<()> {
    assemble::start_log(&config);
    let directory = config.server.data_directory.clone();
    assemble::make_data_directory(&directory)?;
    let directory = directory.canonicalize()?;
    let (clock, random) = (Clock::system(), Random::system());
    let listeners = assemble::bind(&mut config).await?;
    let sandbox = sandbox_command::start(
        config.sandbox.http_port,
        config.sandbox.https_port,
        Some(&directory),
        &clock,
        &random,
    )
    .await?;
    let host = ExampleHost::bind(config.example_host.port)?;
    let public_url = config.public_url();
    let limits = Limits::of(&config.server);
    let app = assemble::app(config, stand(&sandbox)?, clock, random).await?;
    let development = Development::ensure(&app, &directory).await?;

    let (stop, stopped) = watch::channel(false);
    worker::spawn_all(&app, &stopped);
    let serving =
        tokio::spawn(serve::serve(listeners, router::router(app.clone()), limits, stopped));
    let host = host.start(&public_url, &directory, development.project_id).await?;
    let running = running(&sandbox, &public_url, host.url(), &directory, development)?;
    running.announce(&directory)?;
    greet(&running);

    let wished = stop::wished().await;
    Running::withdraw(&directory);
    host.stop().await;
    stop.send_replace(true);
    serving.await??;
    sandbox.shutdown().await;
    if let Err(error) = app.runner().stop().await {
        tracing::warn!(?error, "what still ran is taken over after the lease of this process");
    }
    if let Err(error) = app.connect().write_notes(true).await {
        tracing::warn!(?error, "the last entries of the request log are lost");
    }
    app.store().close().await;
    Ok(wished?)
}

/// The sandbox takes the place of the provider's hosts, and its app that of a registered one.
fn stand(sandbox: &Sandbox) -> Result<Stand> {
    let keys = DevelopmentKeys {
        client_id: DEVELOPMENT_CLIENT_ID.to_owned(),
        client_secret: Secret::new(DEVELOPMENT_CLIENT_SECRET.to_owned()),
        profile: PROFILE.to_owned(),
    };
    let address = ProfileAddress {
        browser_origin: sandbox.http_url().context("the sandbox has no HTTP address")?,
        socket: *sandbox.https_addresses().first().context("the sandbox has no HTTPS address")?,
        ca_pem: sandbox.ca_pem().to_owned(),
    };
    Ok(Stand {
        keys: HashMap::from([("azuredevops".to_owned(), keys)]),
        addresses: HashMap::from([(PROFILE.to_owned(), address)]),
    })
}

fn running(
    sandbox: &Sandbox,
    public_url: &str,
    example_host: String,
    directory: &Path,
    development: Development,
) -> Result<Running> {
    let ca_file = directory.join("sandbox-ca.pem");
    std::fs::write(&ca_file, sandbox.ca_pem())?;
    Ok(Running {
        pid: std::process::id(),
        server: public_url.to_owned(),
        example_host,
        sandbox_http: sandbox.http_url().unwrap_or_default(),
        sandbox_https: sandbox.https_url().unwrap_or_default(),
        sandbox_ca_file: ca_file.display().to_string(),
        project_id: development.project_id,
        api_token: development.api_token,
    })
}

fn greet(running: &Running) {
    let next = if running.example_host.is_empty() {
        "Next: gangway token --user ann signs a user token for your own page.".to_owned()
    } else {
        format!(
            "Open {} and press \"Connect Azure DevOps\"; sign in as Ann, no password needed.",
            running.example_host
        )
    };
    say(&format!(
        "\n  Gangway       {}\n  Example host  {}\n  Sandbox       {} (Microsoft sign-in and Azure \
         DevOps, emulated)\n\n  {next}\n  For scripts: gangway dev info --json. Ctrl-C stops; what \
         you did is kept.\n",
        running.server,
        if running.example_host.is_empty() { "not started" } else { &running.example_host },
        running.sandbox_http
    ));
}
