//! Who wants to hear at once when something about executions became durable. A hint: whoever hears it
//! reads the journal, and looks there by itself too, because other nodes write as well.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base::{ExecutionId, ProjectId};
use tokio::sync::Notify;

use super::{Inner, Runner};

/// How many may watch at once in one process.
pub const WATCHES_MAX: usize = 256;

/// What is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// One execution.
    Execution(ExecutionId),
    /// All executions of a project.
    Project(ProjectId),
}

/// Those who watch in this process.
#[derive(Default)]
pub(super) struct Watchers {
    count: AtomicUsize,
    of: Mutex<HashMap<Topic, Vec<Arc<Notify>>>>,
}

impl Watchers {
    /// Tells that something became durable. Costs a load while nobody watches.
    pub fn tell(&self, project_id: ProjectId, execution_id: ExecutionId) {
        if self.count.load(Ordering::Acquire) == 0 {
            return;
        }
        let of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        for topic in [Topic::Execution(execution_id), Topic::Project(project_id)] {
            for watcher in of.get(&topic).into_iter().flatten() {
                watcher.notify_one();
            }
        }
    }
}

/// Hears of a topic for as long as it lives.
pub struct Watch {
    inner: Arc<Inner>,
    topic: Topic,
    told: Arc<Notify>,
}

impl Runner {
    /// Watches a topic; none when [`WATCHES_MAX`] watch already.
    pub fn watch(&self, topic: Topic) -> Option<Watch> {
        let watchers = &self.0.watchers;
        let mut of = watchers.of.lock().unwrap_or_else(PoisonError::into_inner);
        if watchers.count.load(Ordering::Acquire) >= WATCHES_MAX {
            return None;
        }
        watchers.count.fetch_add(1, Ordering::AcqRel);
        let told = Arc::new(Notify::new());
        of.entry(topic).or_default().push(Arc::clone(&told));
        Some(Watch { inner: Arc::clone(&self.0), topic, told })
    }
}

impl Watch {
    /// Waits until something has become durable since the last time.
    pub async fn told(&self) {
        self.told.notified().await;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let watchers = &self.inner.watchers;
        let mut of = watchers.of.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(all) = of.get_mut(&self.topic) {
            all.retain(|told| !Arc::ptr_eq(told, &self.told));
            if all.is_empty() {
                of.remove(&self.topic);
            }
        }
        watchers.count.fetch_sub(1, Ordering::AcqRel);
    }
}
