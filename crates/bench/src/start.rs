//! From starting the process on an existing database to its first answer.

use anyhow::Result;
use base::Clock;
use serde_json::Value;

use crate::call;
use crate::gangway::Installation;
use crate::process::SERVER_CORE;
use crate::results::{Figure, median, record};

const RUNS: usize = 5;

pub async fn measure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let installation = Installation::make(folder.path(), 9)?;
    installation.start(SERVER_CORE).await?.process.stop()?;
    let clock = Clock::system();
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let gangway = installation.start(SERVER_CORE).await?;
        let listening = clock.now();
        call::json(gangway.port, "GET", "/readyz", "", &Value::Null).await?;
        let answered = gangway.started_in + clock.now().since(listening);
        runs.push(answered.as_secs_f64() * 1_000.0);
        gangway.process.stop()?;
    }
    let value = median(runs);
    record(&Figure { name: "start_to_first_answer", value, unit: "ms", peer: None })
}
