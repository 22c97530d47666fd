//! Runs executions: takes what is due, drives each from decision to decision, and writes down what
//! happens before and after every effect.
//!
//! Any number of processes do this over one database. Each is a node with a lease; what a node runs
//! carries the number of its claim, and a write with an older number is refused.

mod claim;
mod control;
mod drive;
mod failure;
mod launch;
mod node;
mod plans;
mod reading;
mod replies;
mod watching;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::{ExecutionId, NodeId, ProjectId, Result};
use store::executions::Execution;
use store::{Engine as Database, claims};
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};

use crate::committer::Committer;
use crate::effects::World;
use crate::metrics::Metrics;
use node::Node;
use plans::Plans;
use replies::Replies;
use watching::Watchers;

pub use control::ReplayFrom;
pub use launch::Start;
pub use replies::Answer;
pub use watching::{Topic, WATCHES_MAX, Watch};

/// How often a node looks for what is due, when nobody tells it.
pub const CLAIM_PAUSE: Duration = Duration::from_millis(250);
/// How often a node says that it is alive.
pub const STAY_PAUSE: Duration = Duration::from_secs(4);
/// How long after it last said so the others take over what it ran.
pub const NODE_LEASE: Duration = Duration::from_secs(15);
/// How long stopping waits for effects that are being performed.
pub const STOP_PATIENCE: Duration = Duration::from_secs(8);

/// What the operator decides about running.
#[derive(Clone, Copy, Debug)]
pub struct RunnerConfig {
    /// How many executions this process works on at once.
    pub running_max: usize,
    /// How many executions of one project run at once on all nodes; 0 means any number.
    pub running_per_project_max: usize,
    /// How large the journal of an execution may be, in bytes; one that would grow on fails.
    pub journal_bytes_max: usize,
}

impl Default for RunnerConfig {
    fn default() -> Self {
        Self {
            running_max: 2_000,
            running_per_project_max: 50,
            journal_bytes_max: 64 * 1024 * 1024,
        }
    }
}

/// A handle to the runner of this process. Cloning is cheap.
#[derive(Clone)]
pub struct Runner(Arc<Inner>);

pub(crate) struct Inner {
    world: World,
    config: RunnerConfig,
    committer: Committer,
    metrics: Metrics,
    node: Node,
    plans: Plans,
    replies: Replies,
    watchers: Watchers,
    /// What runs here now, and how much of it for each project.
    running: AtomicUsize,
    running_of: Mutex<HashMap<ProjectId, usize>>,
    /// Which those are, with their leases: one may be taken again before its last run is gone.
    driven: Mutex<HashSet<(ExecutionId, i64)>>,
    /// The project whose turn was last.
    served: Mutex<Option<ProjectId>>,
    /// Held between owning what is claimed and running it.
    claiming: tokio::sync::Mutex<()>,
    /// Whether more was due at the last look than could be taken.
    has_backlog: AtomicBool,
    /// Wakes the claims.
    due: Notify,
    /// Told whenever a run ends.
    ended: Notify,
    stopping: watch::Sender<bool>,
    /// Where executions run: not where a request happened to come in, which may end before them.
    runtime: Handle,
}

impl Runner {
    /// Enters this process as a node. On SQLite, which has one process, what an earlier one ran is
    /// due at once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn start(world: World, config: RunnerConfig) -> Result<Self> {
        let metrics = Metrics::default();
        let committer = Committer::start(&world, metrics.clone());
        let node = Node::enter(&world).await?;
        Ok(Self(Arc::new(Inner {
            config,
            committer,
            metrics,
            node,
            plans: Plans::default(),
            replies: Replies::default(),
            watchers: Watchers::default(),
            running: AtomicUsize::new(0),
            running_of: Mutex::default(),
            driven: Mutex::default(),
            served: Mutex::default(),
            claiming: tokio::sync::Mutex::default(),
            has_backlog: AtomicBool::new(false),
            due: Notify::new(),
            ended: Notify::new(),
            stopping: watch::Sender::new(false),
            runtime: Handle::current(),
            world,
        })))
    }

    /// What it works with.
    pub fn world(&self) -> &World {
        &self.0.world
    }

    /// The one way in which the engine writes.
    pub fn committer(&self) -> &Committer {
        &self.0.committer
    }

    /// What this process counts.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Waits until something may be due, at most [`CLAIM_PAUSE`].
    pub async fn wait(&self) {
        let clock = &self.0.world.clock;
        tokio::select! {
            () = self.0.due.notified() => {}
            () = clock.sleep_until(clock.now() + CLAIM_PAUSE) => {}
        }
    }

    /// How many executions this process works on now.
    pub fn running(&self) -> usize {
        self.0.running.load(Ordering::Acquire)
    }

    /// Waits until nothing runs here.
    pub async fn idle(&self) {
        loop {
            let ended = self.0.ended.notified();
            if self.running() == 0 {
                return;
            }
            ended.await;
        }
    }

    /// Takes no more, lets effects end for up to [`STOP_PATIENCE`], and hands what is left to the
    /// other nodes or the next start.
    ///
    /// # Errors
    /// When the database does not answer; what was left is then taken over after the lease.
    pub async fn stop(&self) -> Result<()> {
        self.0.stopping.send_replace(true);
        let clock = &self.0.world.clock;
        if clock.timeout(STOP_PATIENCE, self.idle()).await.is_none() {
            tracing::warn!(running = self.running(), "effects that have not ended are left");
        }
        self.0.node.leave(&self.0.world).await
    }

    /// Says that this node is alive, and takes over what nodes had whose lease has passed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stay(&self) -> Result<()> {
        let recovered = self.0.node.stay(&self.0.world).await? > 0;
        if self.0.release_strays().await? || recovered {
            self.0.due.notify_one();
        }
        Ok(())
    }
}

impl Inner {
    /// Makes due what this node owns and does not run: the database may have taken a claim or a start
    /// whose answer was lost, or not have taken what would have handed it back.
    async fn release_strays(&self) -> Result<bool> {
        // What is claimed just now is owned before it runs.
        let _claiming = self.claiming.lock().await;
        let owned =
            claims::list_owned(&mut *self.world.store.read().await?, self.node_id()).await?;
        let strays: Vec<Execution> = {
            let driven = self.driven();
            owned.into_iter().filter(|one| !driven.contains(&(one.id, one.lease))).collect()
        };
        if strays.is_empty() {
            return Ok(false);
        }
        tracing::warn!(
            executions = strays.len(),
            "what this node has and does not run is released"
        );
        let mut tx = self.world.store.begin().await?;
        for stray in &strays {
            claims::release_stray(&mut tx, self.node_id(), stray, self.world.clock.now()).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    fn driven(&self) -> std::sync::MutexGuard<'_, HashSet<(ExecutionId, i64)>> {
        self.driven.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn node_id(&self) -> NodeId {
        self.node.id()
    }

    fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    fn database(&self) -> Database {
        self.world.store.engine()
    }

    fn counts(&self) -> std::sync::MutexGuard<'_, HashMap<ProjectId, usize>> {
        self.running_of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a run for as long as it lives.
struct Slot {
    inner: Arc<Inner>,
    project_id: ProjectId,
    claim: (ExecutionId, i64),
}

impl Slot {
    fn take(inner: &Arc<Inner>, project_id: ProjectId, claim: (ExecutionId, i64)) -> Self {
        inner.running.fetch_add(1, Ordering::AcqRel);
        *inner.counts().entry(project_id).or_default() += 1;
        inner.driven().insert(claim);
        Self { inner: Arc::clone(inner), project_id, claim }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.inner.driven().remove(&self.claim);
        let mut counts = self.inner.counts();
        if let Some(count) = counts.get_mut(&self.project_id) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.project_id);
            }
        }
        drop(counts);
        self.inner.running.fetch_sub(1, Ordering::AcqRel);
        self.inner.ended.notify_waiters();
        if self.inner.has_backlog.load(Ordering::Acquire) {
            self.inner.due.notify_one();
        }
    }
}
