//! What the engine counts about itself, for the operator. Counting costs an atomic addition, or a
//! lock that nobody else holds for longer than one.

use std::fmt::{self, Debug, Formatter};

use base::Timestamp;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use store::executions::Status;

use crate::effects::Done;
use crate::steps::StepKind;

type Labels<const N: usize> = [(&'static str, &'static str); N];

/// The counts of one process. Cloning is cheap, and clones count together.
#[derive(Clone)]
pub struct Metrics {
    begun: Counter,
    ended: Family<Labels<1>, Counter>,
    attempts: Family<Labels<2>, Counter>,
    claimed: Counter,
    claim_seconds: Histogram,
    commit_writes: Histogram,
    commit_seconds: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            begun: Counter::default(),
            ended: Family::default(),
            attempts: Family::default(),
            claimed: Counter::default(),
            claim_seconds: Histogram::new(exponential_buckets(0.000_5, 2.0, 14)),
            commit_writes: Histogram::new(exponential_buckets(1.0, 2.0, 10)),
            commit_seconds: Histogram::new(exponential_buckets(0.000_5, 2.0, 14)),
        }
    }
}

impl Debug for Metrics {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Shows them in a registry.
    pub fn register(&self, registry: &mut Registry) {
        let all = self.clone();
        registry.register("executions_begun", "Executions that began here", all.begun);
        registry.register("executions_ended", "Executions that ended here, by status", all.ended);
        let help = "Tries of steps that ended here, by the kind of step and how they ended";
        registry.register("step_attempts", help, all.attempts);
        registry.register("executions_claimed", "Executions taken from the database", all.claimed);
        registry.register("claim_seconds", "How long taking them took", all.claim_seconds);
        let help = "How many writes a commit carried";
        registry.register("commit_writes", help, all.commit_writes);
        registry.register("commit_seconds", "How long a commit took", all.commit_seconds);
    }

    pub(crate) fn count_begun(&self) {
        self.begun.inc();
    }

    pub(crate) fn count_ended(&self, status: Status) {
        self.ended.get_or_create(&[("status", status.as_str())]).inc();
    }

    pub(crate) fn count_attempt(&self, kind: &StepKind, done: &Done) {
        let outcome = match done {
            Done::Finished { .. } => "succeeded",
            Done::Failed { .. } => "failed",
            Done::Paused { .. } => "paused",
        };
        self.attempts.get_or_create(&[("kind", kind.name()), ("outcome", outcome)]).inc();
    }

    pub(crate) fn note_claim(&self, executions: usize, began: Timestamp, now: Timestamp) {
        self.claimed.inc_by(executions as u64);
        self.claim_seconds.observe(now.since(began).as_secs_f64());
    }

    pub(crate) fn note_commit(&self, writes: usize, began: Timestamp, now: Timestamp) {
        self.commit_writes.observe(f64::from(u32::try_from(writes).unwrap_or(u32::MAX)));
        self.commit_seconds.observe(now.since(began).as_secs_f64());
    }
}
