//! Starts what clocks and connected accounts start.

use std::time::Duration;

use base::Result;

use crate::app::App;

/// How long a time that has come, or a change, waits to be seen at most.
pub const PAUSE: Duration = Duration::from_millis(500);

/// Writes down what was switched on waits for.
pub async fn arrange(app: App) -> Result<()> {
    app.triggers().arrange().await.map(drop)
}

/// Starts what a clock starts, until nothing is due.
pub async fn run_due(app: App) -> Result<()> {
    while app.triggers().run_due().await? > 0 {}
    Ok(())
}

/// Reads the accounts that are due, until none is.
pub async fn read_feeds(app: App) -> Result<()> {
    while app.triggers().read_feeds().await? > 0 {}
    Ok(())
}
