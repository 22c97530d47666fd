//! `make bench`: measures Gangway beside nginx in the same run.
//!
//! The load generator and the provider's stand-in run on one core, what is measured on another, so
//! that a figure is that of one core. Each figure is printed beside its peer's and appended as one
//! line of JSON to `target/bench/results.jsonl`. No figure decides whether anything passes.

mod call;
mod gangway;
mod latency;
mod nginx;
mod paced;
mod process;
mod proxy;
mod results;
mod start;
mod stored;
mod workflows;
mod wrk;

use anyhow::{Result, bail};

/// The suites, by the name that picks one on the command line.
const SUITES: [&str; 5] = ["proxy", "latency", "start", "stored", "workflows"];

#[tokio::main]
async fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = wanted.iter().find(|name| !SUITES.contains(&name.as_str())) {
        bail!("There is no suite \"{unknown}\"; choose from {}.", SUITES.join(", "));
    }
    for suite in SUITES {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == suite) {
            continue;
        }
        match suite {
            "proxy" => proxy::measure().await?,
            "latency" => latency::measure().await?,
            "start" => start::measure().await?,
            "stored" => stored::measure().await?,
            _ => workflows::measure().await?,
        }
    }
    Ok(())
}
