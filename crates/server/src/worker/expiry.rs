//! Announces the end of apps' secrets.

use std::time::Duration;

use base::Result;

use crate::app::App;

/// How often.
pub const PAUSE: Duration = Duration::from_secs(600);

/// Announces what is due.
pub async fn tick(app: App) -> Result<()> {
    app.connect().announce_expiring_secrets().await.map(drop)
}
