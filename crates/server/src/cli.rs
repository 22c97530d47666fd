//! The command line.

mod api_token;
mod assemble;
mod backup;
mod config;
mod dev;
mod development;
mod example_host;
mod files;
mod guest;
mod integrations;
mod keys;
mod openapi;
mod postgres_tools;
mod restore;
mod running;
mod sandbox;
mod serve;
mod setup_links;
mod stop;
mod terminal;
mod token;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

pub(crate) use guest::GUEST;

/// Connects the accounts of your users in other products to yours.
#[derive(Parser)]
#[command(name = "gangway", version)]
struct Arguments {
    /// A settings file on top of the defaults (see config.default.toml).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve in production.
    Serve,
    /// Serve in development: with made-up keys, the sandbox and the example host page.
    Dev(dev::Arguments),
    /// Serve the sandbox alone: an emulator of Microsoft Entra ID and Azure DevOps.
    Sandbox(sandbox::Arguments),
    /// Sign a user token with the development project's key.
    Token(token::Arguments),
    /// Make and look after master keys.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Copy the database to a file while Gangway runs. The master key is not in it.
    Backup(backup::Arguments),
    /// Make a backup the database of an installation that has none.
    Restore(restore::Arguments),
    /// Look at the settings.
    #[command(subcommand)]
    Config(config::Command),
    /// Make, list and revoke API tokens.
    #[command(subcommand)]
    ApiToken(api_token::Command),
    /// Make, list and revoke Setup Links: pages on which one person connects without any SDK.
    #[command(subcommand)]
    SetupLinks(setup_links::Command),
    /// Look at integrations and how long their apps' secrets are good.
    #[command(subcommand)]
    Integrations(integrations::Command),
    /// Write the project's workflows and portal settings into a folder of YAML files.
    Pull(files::Place),
    /// Make the project have what a folder of YAML files says; nothing when anything is wrong.
    Push(files::Push),
    /// Show how a folder differs from the project; exits with 1 if it does.
    Diff(files::Place),
    /// Tell all that is wrong with a folder's files; exits with 1 if anything is.
    Validate(files::Place),
    /// Print the OpenAPI document of the management API.
    Openapi,
    /// Run functions for the process that started this one.
    #[command(name = GUEST, hide = true)]
    Guest,
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    // Before the runtime is there: a guest locks in its only thread.
    if matches!(arguments.command, Command::Guest) {
        return guest::run();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(dispatch(arguments))) {
        Ok(code) => code,
        Err(error) => {
            terminal::complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(Arguments { config, command }: Arguments) -> Result<ExitCode> {
    match command {
        Command::Serve => serve::run(config).await,
        Command::Dev(arguments) => dev::run(config, arguments).await,
        Command::Sandbox(arguments) => sandbox::run(arguments).await,
        Command::Token(arguments) => token::run(&arguments),
        Command::Keys(command) => keys::run(config, command).await,
        Command::Backup(arguments) => backup::run(config, arguments).await,
        Command::Restore(arguments) => restore::run(config, arguments).await,
        Command::Config(command) => config::run(config, &command),
        Command::ApiToken(command) => api_token::run(config, command).await,
        Command::SetupLinks(command) => setup_links::run(config, command).await,
        Command::Integrations(command) => integrations::run(config, command).await,
        Command::Openapi => openapi::run(),
        Command::Guest => anyhow::bail!("A guest runs before anything else does."),
        Command::Pull(place) => return files::pull(config, place).await,
        Command::Push(push) => return files::push(config, push).await,
        Command::Diff(place) => return files::diff(config, place).await,
        Command::Validate(place) => return files::validate(config, place).await,
    }
    .map(|()| ExitCode::SUCCESS)
}
