//! Hears what other processes have changed.

use std::time::Duration;

use base::Result;

use crate::app::App;

/// A change is felt by every process within a second.
pub const PAUSE: Duration = Duration::from_millis(500);

/// Reads the change log on.
pub async fn tick(app: App) -> Result<()> {
    app.catch_up().await
}
