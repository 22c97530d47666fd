//! Delivers events to those who want to hear of them.

use std::time::Duration;

use base::Result;

use crate::app::App;

/// How often.
pub const PAUSE: Duration = Duration::from_millis(500);
/// How many of these work at once, so that a slow destination holds up a part of the others only.
pub const AT_ONCE: usize = 4;

/// Delivers what is due.
pub async fn tick(app: App) -> Result<()> {
    let world = app.runner().world();
    while engine::destinations::deliver_due(world).await? > 0 {}
    Ok(())
}
