//! `gangway keys`: master keys.

use std::path::PathBuf;

use anyhow::Result;
use base::Random;
use clap::Subcommand;

use super::terminal::say;
use crate::config;

#[derive(Subcommand)]
pub enum Command {
    /// Make a master key and write it to a new file that only its owner may read.
    Generate {
        /// The file to write. An existing one is never overwritten.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

pub fn run(command: &Command) -> Result<()> {
    match command {
        Command::Generate { out } => {
            config::generate(out, &Random::system())?;
            say(&format!(
                "Made a master key in {}. Keep a copy in a safe place: without it every account \
                 has to be connected again.",
                out.display()
            ));
            Ok(())
        }
    }
}
