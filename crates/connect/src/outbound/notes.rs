//! What calls leave to be written: entries of the request log and waits that providers asked for.
//! Calls put them into bounded queues, and one writer at a time takes them out.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base::{CredentialId, Result, Timestamp};
use store::rate_limit_waits::{self, Wait};
use store::request_counts::{self, Count};
use store::requests::{self, Request};
use store::{Transaction, changes};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::record::{Sample, Uncounted};
use crate::Connect;
use crate::held::Held;

/// How many entries wait to be written; more are dropped, and counted as that.
const ENTRIES_MAX: usize = 10_000;
/// How many waits wait to be written.
const WAITS_MAX: usize = 1_000;
/// How many entries one transaction writes.
const WRITTEN_AT_ONCE_MAX: usize = 1_000;
const MINUTE_MICROS: i64 = 60_000_000;

enum Entry {
    Call(Box<Request>),
    Successes(Uncounted),
}

/// The queues.
pub(crate) struct Notes {
    /// Which successes get an entry.
    pub sample: Sample,
    entries: Sender<Entry>,
    waits: Sender<Wait>,
    dropped: AtomicU64,
    taken: Mutex<Taken>,
}

/// The writer's side.
struct Taken {
    entries: Receiver<Entry>,
    waits: Receiver<Wait>,
    /// Whose successes are counted in the minute under way.
    counted: HashMap<CredentialId, Uncounted>,
    minute: i64,
}

impl Notes {
    pub fn new(successes_per_second_max: u32, now: Timestamp) -> Self {
        let (entries, taken_entries) = channel(ENTRIES_MAX);
        let (waits, taken_waits) = channel(WAITS_MAX);
        Self {
            sample: Sample::new(successes_per_second_max),
            entries,
            waits,
            dropped: AtomicU64::new(0),
            taken: Mutex::new(Taken {
                entries: taken_entries,
                waits: taken_waits,
                counted: HashMap::new(),
                minute: minute_of(now),
            }),
        }
    }

    /// Adds an entry of the request log.
    pub fn add(&self, request: Request) {
        self.put(Entry::Call(Box::new(request)));
    }

    /// Counts a success that gets no entry.
    pub fn count_success(&self, held: &Arc<Held>) {
        if held.learned.count_success() {
            self.put(Entry::Successes(Uncounted { held: Arc::clone(held) }));
        }
    }

    /// Adds a wait. One that finds no place is heard of again with the next answer.
    pub fn wait(&self, wait: Wait) {
        if self.waits.try_send(wait).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn put(&self, entry: Entry) {
        if let Err(refused) = self.entries.try_send(entry) {
            let lost = match refused.into_inner() {
                Entry::Call(_) => 1,
                Entry::Successes(uncounted) => uncounted.take(),
            };
            self.dropped.fetch_add(lost, Ordering::Relaxed);
        }
    }
}

fn minute_of(now: Timestamp) -> i64 {
    now.0.div_euclid(MINUTE_MICROS)
}

impl Connect {
    /// Writes what calls have left to be written. The counts of the minute under way are kept until
    /// it is over, unless this is the `last` time.
    ///
    /// # Errors
    /// When the database does not take it; what was taken out is lost then, and counted as dropped.
    pub async fn write_notes(&self, last: bool) -> Result<()> {
        let notes = &self.0.notes;
        let mut taken = notes.taken.lock().await;
        loop {
            let (mut calls, mut waits) = (Vec::new(), Vec::new());
            while waits.len() < WAITS_MAX
                && let Ok(wait) = taken.waits.try_recv()
            {
                waits.push(wait);
            }
            while calls.len() < WRITTEN_AT_ONCE_MAX
                && let Ok(entry) = taken.entries.try_recv()
            {
                match entry {
                    Entry::Call(request) => calls.push(request),
                    Entry::Successes(one) => {
                        taken.counted.insert(one.held.id, one);
                    }
                }
            }
            let counts = taken.counts(self.0.clock.now(), last);
            if calls.is_empty() && waits.is_empty() && counts.is_empty() {
                break;
            }
            if let Err(error) = self.write(&calls, &waits, &counts).await {
                notes.dropped.fetch_add(calls.len() as u64, Ordering::Relaxed);
                return Err(error);
            }
        }
        let dropped = notes.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            tracing::warn!(dropped, "calls have no entry in the request log: too many at once");
        }
        Ok(())
    }

    async fn write(&self, calls: &[Box<Request>], waits: &[Wait], counts: &[Count]) -> Result<()> {
        let mut tx = self.0.store.begin().await?;
        for wait in waits {
            self.write_wait(&mut tx, wait).await?;
        }
        for call in calls {
            requests::insert(&mut tx, call).await?;
        }
        for count in counts {
            request_counts::add(&mut tx, count).await?;
        }
        tx.commit().await
    }

    async fn write_wait(&self, tx: &mut Transaction, wait: &Wait) -> Result<()> {
        if !rate_limit_waits::extend(tx, wait).await? {
            return Ok(());
        }
        let subject = format!("{} {} {}", wait.user_id, wait.credential_id, wait.until.0);
        let kind = changes::Kind::RateLimitWait;
        changes::note(tx, wait.project_id, kind, subject, self.0.clock.now()).await
    }
}

impl Taken {
    /// The counts of a minute that is over.
    fn counts(&mut self, now: Timestamp, last: bool) -> Vec<Count> {
        let (minute, now) = (self.minute, minute_of(now));
        if minute == now && !last {
            return Vec::new();
        }
        self.minute = now;
        let counted = std::mem::take(&mut self.counted);
        counted
            .into_values()
            .map(|one| Count {
                project_id: one.held.project_id,
                minute: Timestamp(minute * MINUTE_MICROS),
                credential_id: one.held.id,
                successes: one.take(),
            })
            .filter(|count| count.successes > 0)
            .collect()
    }
}
