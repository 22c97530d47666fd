//! The group committer: every durable write of the engine goes through one task, which gathers what
//! is waiting, commits once, and then wakes all who wait. A commit costs the same for one write as
//! for five hundred, so throughput grows with load.

use std::collections::HashSet;

use base::{Error, ErrorKind, ExecutionId, Result};
use store::Store;
use store::events::{self, Event};
use store::executions::{self, Execution, Release};
use store::journal::{self, Append};
use tokio::sync::{mpsc, oneshot};

use crate::effects::World;
use crate::metrics::Metrics;
use crate::mortality::Mortality;

/// How many writes one commit carries at most.
const WRITES_PER_COMMIT_MAX: usize = 512;
/// How many writes may wait; beyond that, new triggers are turned away with 503.
const WRITES_WAITING_MAX: usize = 8_192;

/// A handle to the committer. Cloning is cheap; the task ends with the last handle.
#[derive(Clone)]
pub struct Committer(mpsc::Sender<Write>);

struct Write {
    what: What,
    done: oneshot::Sender<Result<bool>>,
}

enum What {
    /// A new execution and the first row of its journal.
    Begin(Box<(Execution, String)>),
    /// A further row of a journal, giving the execution out of hand, and what is told of that.
    Append(Append, Option<Release>, Option<Box<Event>>),
}

impl Committer {
    /// Starts the task.
    pub fn start(world: &World, metrics: Metrics) -> Self {
        let (sender, receiver) = mpsc::channel(WRITES_WAITING_MAX);
        tokio::spawn(run(world.clone(), metrics, receiver));
        Self(sender)
    }

    /// How many writes wait.
    pub fn waiting(&self) -> usize {
        WRITES_WAITING_MAX.saturating_sub(self.0.capacity())
    }

    /// Stores a new execution with the first events of its journal. True once it is durable; false
    /// when another execution has its dedup key.
    ///
    /// # Errors
    /// `overloaded` when too much waits already; `database_unavailable`.
    pub async fn begin(&self, execution: Execution, events: String) -> Result<bool> {
        let (done, answer) = oneshot::channel();
        let what = What::Begin(Box::new((execution, events)));
        match self.0.try_send(Write { what, done }) {
            Ok(()) => answered(answer).await,
            Err(mpsc::error::TrySendError::Full(_)) => Err(overloaded()),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(stopping()),
        }
    }

    /// Stores a row of a journal, gives the execution out of hand where `release` says so, and tells
    /// the project's owner of it where there is an event. True once that is durable; false when the
    /// execution belongs to another owner now.
    ///
    /// # Errors
    /// `database_unavailable`: it is unknown whether the row was stored.
    pub async fn append(
        &self,
        append: Append,
        release: Option<Release>,
        told: Option<Box<Event>>,
    ) -> Result<bool> {
        let (done, answer) = oneshot::channel();
        let what = What::Append(append, release, told);
        self.0.send(Write { what, done }).await.map_err(|_| stopping())?;
        answered(answer).await
    }
}

async fn answered(answer: oneshot::Receiver<Result<bool>>) -> Result<bool> {
    answer.await.unwrap_or_else(|_| Err(stopping()))
}

fn overloaded() -> Error {
    let message = "More is being started than can be written down just now; try again in a second.";
    Error::new(ErrorKind::Unavailable, "overloaded", message)
}

fn stopping() -> Error {
    Error::new(ErrorKind::Unavailable, "stopping", "This server is stopping; try again.")
}

async fn run(world: World, metrics: Metrics, mut waiting: mpsc::Receiver<Write>) {
    let mut writes = Vec::with_capacity(WRITES_PER_COMMIT_MAX);
    while waiting.recv_many(&mut writes, WRITES_PER_COMMIT_MAX).await > 0 {
        let (count, began) = (writes.len(), world.clock.now());
        settle(&world.store, &world.mortality, std::mem::take(&mut writes)).await;
        metrics.note_commit(count, began, world.clock.now());
    }
}

/// Commits writes and answers each. When a commit fails because of what it carries, it is halved
/// until the bad write stands alone.
async fn settle(store: &Store, mortality: &Mortality, writes: Vec<Write>) {
    let mut parts = once_each(writes);
    while let Some(mut part) = parts.pop() {
        mortality.moment().await;
        let committed = commit(store, &part).await;
        mortality.moment().await;
        match committed {
            Ok(done) => {
                for (write, done) in part.into_iter().zip(done) {
                    // Who waited may be gone; the write stands.
                    let _ = write.done.send(Ok(done));
                }
            }
            Err(error) if part.len() > 1 && error.kind() != ErrorKind::Unavailable => {
                let tail = part.split_off(part.len() / 2);
                parts.push(tail);
                parts.push(part);
            }
            Err(error) => {
                for write in part {
                    let _ = write.done.send(Err(error.clone()));
                }
            }
        }
    }
}

/// Parts in which each execution has one row at most, the last part first: two runs of one execution
/// may write at the same time, and each must hear of its own row.
fn once_each(writes: Vec<Write>) -> Vec<Vec<Write>> {
    let mut parts: Vec<(HashSet<ExecutionId>, Vec<Write>)> = Vec::new();
    for write in writes {
        let id = match &write.what {
            What::Begin(begin) => begin.0.id,
            What::Append(append, ..) => append.execution_id,
        };
        let place = parts.iter().position(|(ids, _)| !ids.contains(&id)).unwrap_or_else(|| {
            parts.push((HashSet::new(), Vec::new()));
            parts.len() - 1
        });
        parts[place].0.insert(id);
        parts[place].1.push(write);
    }
    parts.into_iter().rev().map(|(_, writes)| writes).collect()
}

/// One transaction for all; answers for each whether it took effect.
async fn commit(store: &Store, writes: &[Write]) -> Result<Vec<bool>> {
    let mut new = Vec::new();
    let mut appends = Vec::new();
    for write in writes {
        match &write.what {
            What::Begin(begin) => new.push(&begin.0),
            What::Append(append, ..) => appends.push(append),
        }
    }
    let mut tx = store.begin().await?;
    let begun = executions::insert(&mut tx, &new).await?;
    let is_begun = |id: &ExecutionId| begun.contains(id);
    let first: Vec<(ExecutionId, &str)> = writes
        .iter()
        .filter_map(|write| match &write.what {
            What::Begin(begin) => is_begun(&begin.0.id).then_some((begin.0.id, &*begin.1)),
            What::Append(..) => None,
        })
        .collect();
    journal::begin(&mut tx, &first).await?;
    let appended = journal::append(&mut tx, &appends).await?;
    let releases: Vec<&Release> = writes
        .iter()
        .filter_map(|write| match &write.what {
            What::Append(_, Some(release), _) => appended.contains(&release.id).then_some(release),
            What::Append(_, None, _) | What::Begin(_) => None,
        })
        .collect();
    executions::release(&mut tx, &releases).await?;
    let told: Vec<&Event> = writes
        .iter()
        .filter_map(|write| match &write.what {
            What::Append(append, _, Some(event)) => {
                appended.contains(&append.execution_id).then_some(&**event)
            }
            What::Append(_, _, None) | What::Begin(_) => None,
        })
        .collect();
    events::insert_all(&mut tx, &told).await?;
    tx.commit().await?;
    let took_effect = |write: &Write| match &write.what {
        What::Begin(begin) => is_begun(&begin.0.id),
        What::Append(append, ..) => appended.contains(&append.execution_id),
    };
    Ok(writes.iter().map(took_effect).collect())
}
