//! `gangway config`: look at the settings.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Subcommand;

use super::terminal::say;
use crate::config::{Config, Mode, Problem, Sources};

const DEVELOPMENT: &str =
    "If this is about what `gangway dev` serves, set GANGWAY_SERVER__MODE=development.";

#[derive(Subcommand)]
pub enum Command {
    /// Check all settings and list every problem at once.
    Check,
}

pub fn run(file: Option<PathBuf>, command: &Command) -> Result<()> {
    match command {
        Command::Check => {
            load(file, None)?;
            say("The settings are good.");
            Ok(())
        }
    }
}

/// The settings, or all that is wrong with them in one error.
pub fn load(file: Option<PathBuf>, mode: Option<Mode>) -> Result<Config> {
    match Config::load(&Sources::of_process(file, mode)) {
        Ok(config) => Ok(config),
        Err(problems) => {
            let mut lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
            // Whoever looks after what `gangway dev` serves has no such settings.
            if mode.is_none() {
                lines.push(DEVELOPMENT.to_owned());
            }
            bail!("The settings have problems:\n{}", lines.join("\n"))
        }
    }
}
