//! Runs executions that are due.

use std::time::Duration;

use base::Result;

use crate::app::App;

/// A claim waits by itself until something may be due.
pub const PAUSE: Duration = Duration::ZERO;

/// Waits until something may be due, and takes it.
pub async fn claim(app: App) -> Result<()> {
    app.runner().wait().await;
    app.runner().claim().await.map(drop)
}

/// Says that this process is alive, and takes over what dead ones had.
pub async fn stay(app: App) -> Result<()> {
    app.runner().stay().await
}
