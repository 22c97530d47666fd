//! `gangway token`: sign a user token in development.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::development::Development;
use super::terminal::say;

#[derive(Args)]
pub struct Arguments {
    /// Your id of the user: the token's `sub`.
    #[arg(long)]
    user: String,
    /// How many hours it is good for.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=8760))]
    hours: u16,
    /// The data directory of the development server.
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let lifetime_secs = i64::from(arguments.hours) * 3600;
    say(&Development::user_token(&arguments.data, &arguments.user, lifetime_secs)?);
    Ok(())
}
