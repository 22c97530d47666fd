//! The same calls with a million credentials stored.

use anyhow::{Context as _, Result};
use base::{Clock, CredentialId, Random};
use store::{PageRequest, Store, credentials, projects};

use crate::gangway::{Account, Gangway, Installation};
use crate::nginx::Nginx;
use crate::process::{LOADER_CORE, SERVER_CORE};
use crate::results::{Figure, median, record};
use crate::wrk;

const CREDENTIALS: usize = 1_000_000;
const BATCH: usize = 20_000;
const CONNECTIONS: u32 = 32;
const SECONDS: u32 = 5;
const RUNS: usize = 3;

pub async fn measure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let provider = Nginx::provider(folder.path(), LOADER_CORE).await?;
    let installation = Installation::make(folder.path(), provider.port)?;
    let gangway = installation.start(SERVER_CORE).await?;
    let account = installation.connect(&gangway).await?;
    let few = calls(&gangway, &account)?;
    gangway.process.stop()?;
    fill(&installation).await?;
    let gangway = installation.start(SERVER_CORE).await?;
    let many = calls(&gangway, &account)?;
    gangway.process.stop()?;
    for (name, unit, index) in
        [("proxy_million_stored", "req/s", 0), ("proxy_million_stored_p99", "ms", 1)]
    {
        let peer = Some(("few stored", few[index]));
        record(&Figure { name, value: many[index], unit, peer })?;
    }
    Ok(())
}

/// Requests per second, and the 99th percentile in milliseconds.
fn calls(gangway: &Gangway, account: &Account) -> Result<[f64; 2]> {
    let url = format!("http://127.0.0.1:{}{}", gangway.port, account.path);
    wrk::load(&url, &account.token, CONNECTIONS, SECONDS)?;
    let (mut rates, mut latencies) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let run = wrk::load(&url, &account.token, CONNECTIONS, SECONDS)?;
        rates.push(run.requests_per_second);
        latencies.push(run.p99_ms);
    }
    Ok([median(rates), median(latencies)])
}

/// Copies the one credential there is until there are enough. A copy is another user's business:
/// nobody calls with it, it only lies in the way.
async fn fill(installation: &Installation) -> Result<()> {
    let (clock, random) = (Clock::system(), Random::system());
    let store = Store::open(&installation.database_url()).await?;
    let mut conn = store.read().await?;
    let every = projects::list(&mut conn, &PageRequest::default()).await?;
    let project = every.items.first().context("no project")?;
    let page = credentials::list(&mut conn, project.id, &PageRequest::default()).await?;
    let mut copy = page.items.into_iter().next().context("no credential")?;
    drop(conn);
    for begin in (0..CREDENTIALS).step_by(BATCH) {
        let mut tx = store.begin().await?;
        copy.user_id = other_user(&mut tx, project.id, &clock, &random).await?;
        for _ in begin..(begin + BATCH).min(CREDENTIALS) {
            copy.id = CredentialId::new(&clock, &random);
            credentials::insert(&mut tx, &copy).await?;
        }
        tx.commit().await?;
    }
    store.close().await;
    Ok(())
}

/// Another connected user; each batch has its own.
async fn other_user(
    tx: &mut store::Transaction,
    project_id: base::ProjectId,
    clock: &Clock,
    random: &Random,
) -> Result<base::ConnectedUserId> {
    let now = clock.now();
    let user = store::connected_users::ConnectedUser {
        id: base::ConnectedUserId::new(clock, random),
        project_id,
        external_id: random.token(),
        metadata: serde_json::Map::new(),
        disabled_at: None,
        created_at: now,
        last_active_at: now,
    };
    Ok(store::connected_users::ensure(tx, &user).await?.id)
}
