//! Proxied calls at a fixed pace: how much later an answer comes through us, and through nginx, than
//! straight from the provider's stand-in.

use anyhow::Result;

use crate::gangway::Installation;
use crate::nginx::Nginx;
use crate::paced::{self, Latencies};
use crate::process::{LOADER_CORE, SERVER_CORE};
use crate::results::{Figure, median, record};

const PER_SECOND: u64 = 10_000;
const WARM_UP_SECONDS: u64 = 2;
const SECONDS: u64 = 10;
/// Runs of each, taken in turn, so that a machine whose speed drifts treats all alike.
const RUNS: usize = 5;
const SHARES: [(&str, f64); 2] = [("p50", 0.5), ("p99", 0.99)];

/// The middle of the runs, for each of [`SHARES`], in milliseconds.
type Middle = [f64; SHARES.len()];

/// Measures on one core for the server and one for load generator and provider.
pub async fn measure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let provider = Nginx::provider(folder.path(), LOADER_CORE).await?;
    let peer = Nginx::proxy(folder.path(), SERVER_CORE, provider.port).await?;
    let installation = Installation::make(folder.path(), provider.port)?;
    let gangway = installation.start(SERVER_CORE).await?;
    let account = installation.connect(&gangway).await?;
    let ways =
        [(gangway.port, account.path.as_str()), (peer.port, "/data"), (provider.port, "/data")];
    let mut runs = ways.map(|_| Vec::new());
    for _ in 0..RUNS {
        for ((port, path), seen) in ways.into_iter().zip(&mut runs) {
            paced::load(port, path, &account.token, PER_SECOND, WARM_UP_SECONDS).await?;
            seen.push(paced::load(port, path, &account.token, PER_SECOND, SECONDS).await?);
        }
    }
    gangway.process.stop()?;
    let [ours, theirs, direct] = runs.map(|seen| middle(&seen));
    for (index, (name, _)) in SHARES.into_iter().enumerate() {
        let show = |figure: &str, value: f64, peer: Option<f64>| {
            let name = format!("{figure}_{name}_at_{PER_SECOND}");
            let peer = peer.map(|value| ("nginx", value));
            record(&Figure { name: &name, value, unit: "ms", peer })
        };
        show("direct", direct[index], None)?;
        show("proxy", ours[index], Some(theirs[index]))?;
        let added = |whole: Middle| whole[index] - direct[index];
        show("proxy_added", added(ours), Some(added(theirs)))?;
    }
    Ok(())
}

fn middle(runs: &[Latencies]) -> Middle {
    SHARES.map(|(_, share)| median(runs.iter().map(|run| run.quantile_ms(share)).collect()))
}
