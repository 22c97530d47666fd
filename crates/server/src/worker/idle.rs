//! Renews accounts that nobody uses, a few each time.

use std::time::Duration;

use base::Result;

use crate::app::App;

/// How often.
pub const PAUSE: Duration = Duration::from_secs(60);

/// Renews the longest unused.
pub async fn tick(app: App) -> Result<()> {
    app.connect().renew_idle().await.map(drop)
}
