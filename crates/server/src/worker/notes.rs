//! Writes what calls have left to be written, away from the calls.

use std::time::Duration;

use base::Result;

use crate::app::App;

/// Often enough that a wait which a provider asks for is felt by every process within a second.
pub const PAUSE: Duration = Duration::from_millis(250);

/// Writes it.
pub async fn tick(app: App) -> Result<()> {
    app.connect().write_notes(false).await
}
