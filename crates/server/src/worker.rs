//! Background work: each piece is a tick, run again and again with a pause of the clock.

pub mod changes;
pub mod cleanup;
pub mod defaults;
pub mod deliveries;
pub mod executions;
pub mod expiry;
pub mod idle;
pub mod notes;
pub mod triggers;

use std::future::Future;
use std::time::Duration;

use base::Result;
use tokio::sync::watch;

use crate::app::App;

/// Starts all background work. It ends when `stop` turns true.
pub fn spawn_all(app: &App, stop: &watch::Receiver<bool>) {
    spawn(app, stop, "changes", changes::PAUSE, changes::tick);
    spawn(app, stop, "notes", notes::PAUSE, notes::tick);
    spawn(app, stop, "claims", executions::PAUSE, executions::claim);
    spawn(app, stop, "node", engine::runner::STAY_PAUSE, executions::stay);
    spawn(app, stop, "arrange", triggers::PAUSE, triggers::arrange);
    spawn(app, stop, "due", triggers::PAUSE, triggers::run_due);
    spawn(app, stop, "feeds", triggers::PAUSE, triggers::read_feeds);
    spawn(app, stop, "cleanup", cleanup::PAUSE, cleanup::tick);
    spawn(app, stop, "defaults", defaults::PAUSE, defaults::tick);
    spawn(app, stop, "idle", idle::PAUSE, idle::tick);
    spawn(app, stop, "expiry", expiry::PAUSE, expiry::tick);
    for _ in 0..deliveries::AT_ONCE {
        spawn(app, stop, "deliveries", deliveries::PAUSE, deliveries::tick);
    }
    let (app, mut stop) = (app.clone(), stop.clone());
    tokio::spawn(async move {
        // Whoever held the other end is gone: that is a stop too.
        let _ = stop.wait_for(|stop| *stop).await;
        app.end_streams();
    });
}

/// Repeats `tick`. A failed tick is logged, and the next may succeed.
fn spawn<F: Future<Output = Result<()>> + Send>(
    app: &App,
    stop: &watch::Receiver<bool>,
    name: &'static str,
    pause: Duration,
    tick: impl Fn(App) -> F + Send + 'static,
) {
    let (app, mut stop) = (app.clone(), stop.clone());
    tokio::spawn(async move {
        loop {
            if let Err(error) = tick(app.clone()).await {
                tracing::warn!(name, cause = ?error, "background work failed; it is tried again");
            }
            tokio::select! {
                () = app.clock().sleep_until(app.clock().now() + pause) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    });
}
