//! Starts what a clock starts, and what runs because an account was connected.
//!
//! An execution is begun before the next time is noted. Should the process die in between, the same
//! times come again, and their names are taken.

use base::{Result, Timestamp};
use futures_util::future::join_all;
use serde_json::json;
use store::arrangements::{self, Arrangement};
use store::enablements::{self, Enablement};

use super::schedule::{Timetable, due};
use super::{Live, Triggers, runnable};
use crate::definition::{Schedule, Trigger};

/// How many arrangements one look takes.
const AT_ONCE: i64 = 256;
/// How long a node has for them before another one takes them: much less than the time by which a run
/// may be late and still counts as being in time.
const LEASE_MICROS: i64 = 20 * 1_000_000;
/// When one that could not be started is tried again.
const RETRY_MICROS: i64 = 1_000_000;

impl Triggers {
    /// Starts what is due. Answers how many workflows were looked at.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn run_due(&self) -> Result<usize> {
        let world = self.world();
        let now = world.clock.now();
        if !arrangements::is_any_due(&mut *world.store.read().await?, now).await? {
            return Ok(0);
        }
        let mut tx = world.store.begin().await?;
        let lease_until = Timestamp(now.0 + LEASE_MICROS);
        let engine = world.store.engine();
        let claimed = arrangements::claim(&mut tx, engine, now, lease_until, AT_ONCE).await?;
        tx.commit().await?;
        let outcomes = join_all(claimed.iter().map(|one| self.run_arrangement(one, now))).await;
        let mut tx = world.store.begin().await?;
        for (arrangement, outcome) in claimed.iter().zip(outcomes) {
            match outcome {
                Ok(next) => {
                    let fired_at = next.fired_at.or(arrangement.fired_at);
                    arrangements::reschedule(&mut tx, arrangement, next.at, fired_at).await?;
                }
                Err(error) => {
                    let at = Timestamp(world.clock.now().0 + RETRY_MICROS);
                    arrangements::postpone(&mut tx, arrangement, at).await?;
                    let workflow = arrangement.workflow_id;
                    tracing::warn!(%workflow, ?error, "a workflow could not be started in time");
                }
            }
        }
        tx.commit().await?;
        Ok(claimed.len())
    }

    async fn run_arrangement(&self, arrangement: &Arrangement, now: Timestamp) -> Result<Next> {
        let (project_id, workflow_id) = (arrangement.project_id, arrangement.workflow_id);
        let mut conn = self.world().store.read().await?;
        let on =
            enablements::find(&mut conn, project_id, workflow_id, arrangement.configuration_id);
        let (Some(on), Some(live)) =
            (on.await?, self.live(&mut conn, project_id, workflow_id).await?)
        else {
            return Ok(Next::default());
        };
        let works = runnable(&mut conn, &on).await?.filter(|works| live.admits(works));
        drop(conn);
        match &live.trigger {
            Trigger::Scheduler(schedule) => {
                let Some(next_at) = arrangement.next_at else { return Ok(Next::default()) };
                let zone = arrangement.inputs["timezone"].as_str().unwrap_or_default();
                let schedule = Schedule { timezone: zone.to_owned(), ..schedule.clone() };
                let Ok(table) = Timetable::read(&schedule, &json!(null)) else {
                    return Ok(Next::default());
                };
                let due = due(&table, schedule.catch_up, next_at, now);
                for run in due.runs.iter().filter(|_| works.is_some()) {
                    let at = run.scheduled_at;
                    let input = json!({ "scheduledAt": at.to_rfc3339(), "isLate": run.is_late });
                    let key = format!("time:{workflow_id}:{}:{}", on.configuration_id, at.0);
                    self.0.runner.begin(live.start(&on, input, key)).await?;
                }
                Ok(Next { at: due.next_at, fired_at: None })
            }
            Trigger::IntegrationEnabled {} if works.is_some() => self.fire(&live, &on, now).await,
            // Once the account works again, it is arranged anew.
            _ => Ok(Next::default()),
        }
    }

    async fn fire(&self, live: &Live, on: &Enablement, now: Timestamp) -> Result<Next> {
        let input = json!({ "enabledAt": on.enabled_at.to_rfc3339() });
        let key = format!("enabled:{}:{}", on.workflow_id, on.configuration_id);
        self.0.runner.begin(live.start(on, input, key)).await?;
        Ok(Next { at: None, fired_at: Some(now) })
    }
}

/// What comes after a look.
#[derive(Default)]
struct Next {
    at: Option<Timestamp>,
    fired_at: Option<Timestamp>,
}
