//! Reads what providers tell of accounts, and starts the workflows that wait for it.
//!
//! There is one path: from the stored watermark to events, from events to executions, and only when
//! all of them are on disk the watermark moves. A process that dies in between repeats the reading,
//! and what was started before is refused by its name. A hook only makes a reader due earlier.

use std::sync::Arc;
use std::time::Duration;

use base::{Error, ErrorKind, Result};
use connect::Selector;
use connectors::trigger::{Batch, Change, Position};
use connectors::{ActionContext, Connector};
use futures_util::future::{join_all, try_join_all};
use store::arrangements::{self, Arrangement};
use store::enablements::{self, Runnable};
use store::feeds::{self, Feed};

use super::{Live, Triggers};
use crate::definition::Trigger;
use crate::runner::Start;

/// How often an account is read while nobody wakes its reader.
pub const POLL_PAUSE: Duration = Duration::from_secs(60);
/// By how much of itself that varies, so that accounts connected together part ways.
const VARIATION_PERCENT: u64 = 10;
/// The longest pause after readings that failed.
const FAILURE_PAUSE_MAX: Duration = Duration::from_secs(15 * 60);
/// How many accounts a node reads at once.
const READERS_AT_ONCE: i64 = 16;
/// How long a node has for one page.
const LEASE: Duration = Duration::from_secs(120);
/// How many pages one turn reads; then others have theirs.
const PAGES_PER_TURN_MAX: usize = 10;
/// How many executions are begun at once.
const STARTS_AT_ONCE: usize = 256;
/// How much of an error's sentence is kept, in characters.
const PROBLEM_CHARS_MAX: usize = 500;

/// Someone who listens to a reader.
struct Listener {
    on: Runnable,
    live: Arc<Live>,
    key: String,
    arrangement: Arrangement,
}

/// How a turn of a reader ended.
enum Turn {
    /// It has read all there was.
    AtEnd,
    /// There is more.
    HasMore,
    /// Nobody listens, or another node has it.
    Gone,
}

impl Triggers {
    /// Reads the accounts that are due. Answers how many.
    ///
    /// # Errors
    /// When the database does not answer. What fails at a provider is noted, and tried again later.
    pub async fn read_feeds(&self) -> Result<usize> {
        let world = self.world();
        let now = world.clock.now();
        if !feeds::is_any_due(&mut *world.store.read().await?, now).await? {
            return Ok(0);
        }
        let mut tx = world.store.begin().await?;
        let engine = world.store.engine();
        let claimed = feeds::claim(&mut tx, engine, now, now + LEASE, READERS_AT_ONCE).await?;
        tx.commit().await?;
        let ended = join_all(claimed.iter().map(|feed| self.take_turn(feed))).await;
        ended.into_iter().collect::<Result<Vec<()>>>()?;
        Ok(claimed.len())
    }

    async fn take_turn(&self, feed: &Feed) -> Result<()> {
        let world = self.world();
        let turn = self.read_pages(feed).await;
        let now = world.clock.now();
        let mut tx = world.store.begin().await?;
        match turn {
            Ok(Turn::Gone) => return Ok(()),
            Ok(Turn::AtEnd) => {
                feeds::release(&mut tx, feed, now + self.poll_pause(), now).await?;
            }
            Ok(Turn::HasMore) => {
                feeds::release(&mut tx, feed, now, now).await?;
            }
            Err(error) => {
                let pause = pause_after(&error, feed.failures);
                tracing::warn!(feed = %feed.id, ?error, "an account could not be read");
                let problem: String = error.message().chars().take(PROBLEM_CHARS_MAX).collect();
                feeds::fail(&mut tx, feed, now + pause, &problem).await?;
            }
        }
        tx.commit().await
    }

    fn poll_pause(&self) -> Duration {
        let pause = u64::try_from(POLL_PAUSE.as_millis()).unwrap_or(u64::MAX);
        let spread = pause * VARIATION_PERCENT / 100;
        Duration::from_millis(pause - spread + self.world().random.below(2 * spread + 1))
    }

    async fn read_pages(&self, feed: &Feed) -> Result<Turn> {
        let world = self.world();
        let mut conn = world.store.read().await?;
        let arranged = arrangements::list_of_feed(&mut conn, feed.project_id, feed.id).await?;
        drop(conn);
        let connector = world.catalogue.get(&feed.connector);
        let connector = connector.ok_or_else(|| Error::internal("a connector is gone"))?;
        let reader = connector.feed().ok_or_else(|| Error::internal("a feed is gone"))?;
        let account = Selector::Id(feed.credential_id);
        let held = world
            .connect
            .load(feed.project_id, feed.user_id, &feed.connector, Some(&account))
            .await?;
        let context = ActionContext::new(world.connect.clone(), held);
        if arranged.is_empty() {
            self.tend_hooks(feed, connector, &context, &[]).await;
            let mut tx = world.store.begin().await?;
            feeds::delete_unheard(&mut tx, feed).await?;
            tx.commit().await?;
            return Ok(Turn::Gone);
        }
        let mut position =
            Position { scope: feed.scope.clone(), watermark: feed.watermark.clone() };
        for _ in 0..PAGES_PER_TURN_MAX {
            let Batch { changes, watermark, is_last } = (reader.read)(&context, &position).await?;
            if !changes.is_empty() {
                self.start_all(feed, connector, &arranged, &changes).await?;
            }
            if watermark != position.watermark {
                let mut tx = world.store.begin().await?;
                let (key, until) = ((feed.id, feed.fence), world.clock.now() + LEASE);
                if !feeds::advance(&mut tx, key, &watermark, until).await? {
                    return Ok(Turn::Gone);
                }
                tx.commit().await?;
                position.watermark = watermark;
            }
            if is_last {
                let keys = self.keys(feed, &arranged).await?;
                self.tend_hooks(feed, connector, &context, &keys).await;
                return Ok(Turn::AtEnd);
            }
        }
        Ok(Turn::HasMore)
    }

    /// The triggers that listen to a reader.
    async fn keys(&self, feed: &Feed, arranged: &[Arrangement]) -> Result<Vec<String>> {
        let mut conn = self.world().store.read().await?;
        let mut keys = Vec::new();
        for one in arranged {
            let live = self.live(&mut conn, feed.project_id, one.workflow_id).await?;
            if let Some(Trigger::Integration { trigger, .. }) =
                live.as_ref().map(|live| &live.trigger)
            {
                keys.push(trigger.clone());
            }
        }
        Ok(keys)
    }

    /// Starts everything that these changes start. When this answers, all of it is on disk.
    async fn start_all(
        &self,
        feed: &Feed,
        connector: &Connector,
        arranged: &[Arrangement],
        changes: &[Change],
    ) -> Result<()> {
        let listeners = self.listeners(feed, arranged).await?;
        let mut starts = Vec::new();
        for change in changes {
            starts.extend(events(feed, connector, &listeners, change));
        }
        let mut starts = starts.into_iter();
        loop {
            let some: Vec<Start> = starts.by_ref().take(STARTS_AT_ONCE).collect();
            if some.is_empty() {
                return Ok(());
            }
            try_join_all(some.into_iter().map(|start| self.0.runner.begin(start))).await?;
        }
    }

    /// Those who listen and for whom the workflow runs now.
    async fn listeners(&self, feed: &Feed, arranged: &[Arrangement]) -> Result<Vec<Listener>> {
        let mut conn = self.world().store.read().await?;
        let (project_id, user_id) = (feed.project_id, feed.user_id);
        let all = enablements::list_runnable_of_user(&mut conn, project_id, user_id).await?;
        let mut listeners = Vec::new();
        for arrangement in arranged {
            let is_meant = |on: &&Runnable| {
                let on = &on.enablement;
                on.workflow_id == arrangement.workflow_id
                    && on.configuration_id == arrangement.configuration_id
            };
            let Some(on) = all.iter().find(is_meant) else { continue };
            let live = self.live(&mut conn, project_id, arrangement.workflow_id).await?;
            let Some(live) = live.filter(|live| live.admits(on)) else { continue };
            let Trigger::Integration { trigger, .. } = &live.trigger else { continue };
            let (key, arrangement) = (trigger.clone(), arrangement.clone());
            listeners.push(Listener { on: on.clone(), live, key, arrangement });
        }
        Ok(listeners)
    }
}

/// What a change starts.
fn events(
    feed: &Feed,
    connector: &Connector,
    listeners: &[Listener],
    change: &Change,
) -> Vec<Start> {
    let one = |listener: &Listener| {
        let trigger = connector.trigger(&listener.key)?;
        let inputs = listener.arrangement.inputs.as_object()?;
        let event = trigger.event(change, inputs)?;
        let on = &listener.on.enablement;
        let dedup_key = format!(
            "{}:{}:{}:{}:{}:{}",
            listener.key,
            on.workflow_id,
            on.configuration_id,
            feed.id,
            change.item,
            change.revision
        );
        Some(listener.live.start(on, event, dedup_key))
    };
    listeners.iter().filter_map(one).collect()
}

/// When to try again: as the provider asks, else later each time.
fn pause_after(error: &Error, failures: i64) -> Duration {
    let asked = error.meta().and_then(|meta| meta["retryAfterSeconds"].as_u64());
    if let Some(seconds) = asked.filter(|_| error.kind() == ErrorKind::RateLimited) {
        return Duration::from_secs(seconds).min(FAILURE_PAUSE_MAX);
    }
    let doubled = u32::try_from(failures.clamp(0, 8)).unwrap_or(0);
    (POLL_PAUSE * 2_u32.pow(doubled)).min(FAILURE_PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_after_failures_grow_to_a_quarter_of_an_hour() {
        let failed = Error::new(ErrorKind::Provider, "failed", "It failed.");
        let pauses: Vec<u64> = (0..6).map(|times| pause_after(&failed, times).as_secs()).collect();
        assert_eq!(pauses, [60, 120, 240, 480, 900, 900]);
        let limited = Error::new(ErrorKind::RateLimited, "rate_limited", "Fewer calls.")
            .with_meta(serde_json::json!({ "retryAfterSeconds": 7 }));
        assert_eq!(pause_after(&limited, 3).as_secs(), 7);
    }
}
