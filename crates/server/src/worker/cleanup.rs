//! Deletes what has served its time.

use std::time::Duration;

use base::{Result, Timestamp};
use store::Connection;

use crate::app::App;

/// How often.
pub const PAUSE: Duration = Duration::from_secs(60);
/// How long one kind of rows is deleted before the others have their turn; the rest waits for the next
/// tick.
pub const KIND_TIME_MAX: Duration = Duration::from_secs(60);
/// How long a finished attempt is kept, so that a late callback gets its sentence.
const ATTEMPTS_KEPT: Duration = Duration::from_secs(24 * 3600);
/// How long a change stays in the log; every process has read it long before.
const CHANGES_KEPT: Duration = Duration::from_secs(3600);

/// How many old events go at a time.
const EVENTS_AT_ONCE: u32 = 10_000;
/// How many deliveries go at a time.
const DELIVERIES_AT_ONCE: i64 = 5_000;
/// How many executions go at a time.
const EXECUTIONS_AT_ONCE: i64 = 500;

/// Rows that are deleted once they are old.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Nonces,
    Attempts,
    Changes,
    RateLimitWaits,
    Events,
    Deliveries,
    Executions,
    Requests,
    RequestCounts,
}

const KINDS: [Kind; 9] = [
    Kind::Nonces,
    Kind::Attempts,
    Kind::Changes,
    Kind::RateLimitWaits,
    Kind::Events,
    Kind::Deliveries,
    Kind::Executions,
    Kind::Requests,
    Kind::RequestCounts,
];

/// Deletes expired nonces and attempts, old changes, events, deliveries, executions and requests, and
/// data keys that nothing was sealed with any more. Where one kind fails, the others go all the same.
pub async fn tick(app: App) -> Result<()> {
    for kind in KINDS {
        if let Err(error) = kind.delete_all(&app).await {
            tracing::warn!(?kind, cause = ?error, "old rows stay until the next cleanup");
        }
    }
    app.connect().finish_data_keys().await.map(drop)
}

impl Kind {
    /// In small transactions, so that other writers get their turn in between, until less than a
    /// full one was deleted.
    async fn delete_all(self, app: &App) -> Result<()> {
        let began = app.clock().now();
        loop {
            let mut tx = app.store().begin().await?;
            let deleted = self.delete_some(app, &mut tx, began).await?;
            tx.commit().await?;
            let is_full = self.at_once().is_some_and(|at_once| deleted >= at_once);
            if !is_full || app.clock().now().since(began) >= KIND_TIME_MAX {
                return Ok(());
            }
        }
    }

    async fn delete_some(self, app: &App, tx: &mut Connection, now: Timestamp) -> Result<u64> {
        let config = app.config();
        let requests_before = now - config.request_log.kept;
        match self {
            Self::Nonces => store::oauth_nonces::delete_expired(tx, now).await,
            Self::Attempts => store::oauth_attempts::delete_expired(tx, now - ATTEMPTS_KEPT).await,
            Self::Changes => store::changes::delete_before(tx, now - CHANGES_KEPT).await,
            Self::RateLimitWaits => store::rate_limit_waits::delete_before(tx, now).await,
            Self::Events => {
                store::events::delete_before(tx, now - config.events.kept, EVENTS_AT_ONCE).await
            }
            Self::Deliveries => {
                let before = now - config.events.deliveries_kept;
                store::event_deliveries::delete_before(tx, before, DELIVERIES_AT_ONCE).await
            }
            Self::Executions => {
                let before = now - config.workflows.kept;
                store::executions::delete_before(tx, before, EXECUTIONS_AT_ONCE).await
            }
            Self::Requests => store::requests::delete_before(tx, requests_before).await,
            Self::RequestCounts => store::request_counts::delete_before(tx, requests_before).await,
        }
    }

    /// How many one transaction deletes at most; none where it deletes all.
    fn at_once(self) -> Option<u64> {
        match self {
            Self::Nonces
            | Self::Attempts
            | Self::Changes
            | Self::RateLimitWaits
            | Self::RequestCounts => None,
            Self::Events => Some(EVENTS_AT_ONCE.into()),
            Self::Deliveries => Some(DELIVERIES_AT_ONCE.unsigned_abs()),
            Self::Executions => Some(EXECUTIONS_AT_ONCE.unsigned_abs()),
            Self::Requests => Some(store::requests::DELETED_AT_ONCE_MAX.unsigned_abs()),
        }
    }
}
