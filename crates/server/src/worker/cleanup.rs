//! Deletes what has served its time.

use std::time::Duration;

use base::Result;

use crate::app::App;

/// How often.
pub const PAUSE: Duration = Duration::from_secs(60);
/// How long a finished attempt is kept, so that a late callback gets its sentence.
const ATTEMPTS_KEPT: Duration = Duration::from_secs(24 * 3600);
/// How long a change stays in the log; every process has read it long before.
const CHANGES_KEPT: Duration = Duration::from_secs(3600);

/// How many times in a row entries of the request log are deleted; the rest waits for the next tick.
const DELETIONS_MAX: usize = 100;
/// How many old events go at a time.
const EVENTS_AT_ONCE: u32 = 10_000;

/// Deletes expired nonces and attempts, old changes, events and requests, and data keys that nothing
/// was sealed with any more.
pub async fn tick(app: App) -> Result<()> {
    let now = app.clock().now();
    let mut tx = app.store().begin().await?;
    store::oauth_nonces::delete_expired(&mut tx, now).await?;
    store::oauth_attempts::delete_expired(&mut tx, now - ATTEMPTS_KEPT).await?;
    store::changes::delete_before(&mut tx, now - CHANGES_KEPT).await?;
    store::rate_limit_waits::delete_before(&mut tx, now).await?;
    let before = now - app.config().events.kept;
    store::events::delete_before(&mut tx, before, EVENTS_AT_ONCE).await?;
    tx.commit().await?;
    delete_deliveries(&app).await?;
    delete_executions(&app).await?;
    delete_requests(&app).await?;
    app.connect().finish_data_keys().await.map(drop)
}

/// How many deliveries go at a time.
const DELIVERIES_AT_ONCE: i64 = 5_000;

async fn delete_deliveries(app: &App) -> Result<()> {
    let before = app.clock().now() - app.config().events.deliveries_kept;
    for _ in 0..DELETIONS_MAX {
        let mut tx = app.store().begin().await?;
        let deleted =
            store::event_deliveries::delete_before(&mut tx, before, DELIVERIES_AT_ONCE).await?;
        tx.commit().await?;
        if deleted == 0 {
            break;
        }
    }
    Ok(())
}

/// How many executions go at a time.
const EXECUTIONS_AT_ONCE: i64 = 500;

async fn delete_executions(app: &App) -> Result<()> {
    let before = app.clock().now() - app.config().workflows.kept;
    for _ in 0..DELETIONS_MAX {
        let mut tx = app.store().begin().await?;
        let deleted = store::executions::delete_before(&mut tx, before, EXECUTIONS_AT_ONCE).await?;
        tx.commit().await?;
        if deleted == 0 {
            break;
        }
    }
    Ok(())
}

/// In small steps, so that other writers get their turn in between.
async fn delete_requests(app: &App) -> Result<()> {
    let before = app.clock().now() - app.config().request_log.kept;
    for _ in 0..DELETIONS_MAX {
        let mut tx = app.store().begin().await?;
        let deleted = store::requests::delete_before(&mut tx, before).await?;
        store::request_counts::delete_before(&mut tx, before).await?;
        tx.commit().await?;
        if deleted == 0 {
            break;
        }
    }
    Ok(())
}
