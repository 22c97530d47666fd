//! Proxied calls beside nginx, as fast as they go: throughput, latency, memory.

use anyhow::Result;

use crate::gangway::Installation;
use crate::nginx::Nginx;
use crate::process::{LOADER_CORE, SERVER_CORE};
use crate::results::{Figure, median, record};
use crate::wrk;

const CONNECTIONS: [u32; 3] = [1, 32, 256];
const WARM_UP_SECONDS: u32 = 2;
const SECONDS: u32 = 10;
/// Runs of each, taken in turn, so that a machine whose speed drifts treats both alike.
const RUNS: usize = 3;

/// Measures on one core for the server and one for load generator and provider.
pub async fn measure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let provider = Nginx::provider(folder.path(), LOADER_CORE).await?;
    let peer = Nginx::proxy(folder.path(), SERVER_CORE, provider.port).await?;
    let installation = Installation::make(folder.path(), provider.port)?;
    let gangway = installation.start(SERVER_CORE).await?;
    let account = installation.connect(&gangway).await?;
    let idle_mib = gangway.process.resident_mib()?;

    let ours = format!("http://127.0.0.1:{}{}", gangway.port, account.path);
    let theirs = format!("http://127.0.0.1:{}/data", peer.port);
    for connections in CONNECTIONS {
        throughput(&ours, &theirs, &account.token, connections)?;
    }
    let loaded_mib = gangway.process.resident_mib()?;
    record(&Figure { name: "memory_idle", value: idle_mib, unit: "MiB", peer: None })?;
    record(&Figure { name: "memory_loaded", value: loaded_mib, unit: "MiB", peer: None })?;
    gangway.process.stop()
}

fn throughput(ours: &str, theirs: &str, token: &str, connections: u32) -> Result<()> {
    let mut runs = [Vec::new(), Vec::new()];
    for _ in 0..RUNS {
        for (url, seen) in [ours, theirs].into_iter().zip(&mut runs) {
            wrk::load(url, token, connections, WARM_UP_SECONDS)?;
            seen.push(wrk::load(url, token, connections, SECONDS)?);
        }
    }
    let middle =
        |side: usize, figure: fn(&wrk::Run) -> f64| median(runs[side].iter().map(figure).collect());
    for (suffix, unit, figure) in [
        ("", "req/s", (|run| run.requests_per_second) as fn(&wrk::Run) -> f64),
        ("_p50", "ms", |run| run.p50_ms),
        ("_p99", "ms", |run| run.p99_ms),
    ] {
        record(&Figure {
            name: &format!("proxy_c{connections}{suffix}"),
            value: middle(0, figure),
            unit,
            peer: Some(("nginx", middle(1, figure))),
        })?;
    }
    Ok(())
}
