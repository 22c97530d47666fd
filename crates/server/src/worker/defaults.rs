//! Switches on what new accounts begin with, where whoever connected them did not come to it.

use std::time::Duration;

use base::Result;

use crate::app::App;
use crate::workflows::defaults;

/// How often.
pub const PAUSE: Duration = Duration::from_secs(30);

/// Takes care of those that wait.
pub async fn tick(app: App) -> Result<()> {
    defaults::catch_up(&app).await
}
