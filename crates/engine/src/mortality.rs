//! Lets a test end this process, as far as the engine is concerned, at any moment that matters: from
//! then on nothing is written, nothing is performed, and nobody gets an answer. In a server it never
//! comes to that.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// How many moments this process lives.
#[derive(Clone, Debug, Default)]
pub struct Mortality(Option<Arc<Life>>);

#[derive(Debug)]
struct Life {
    passed: AtomicUsize,
    moments: usize,
    end: Notify,
}

impl Mortality {
    /// A process that dies when so many moments have passed.
    pub fn after(moments: usize) -> Self {
        Self(Some(Arc::new(Life { passed: AtomicUsize::new(0), moments, end: Notify::new() })))
    }

    /// How many moments have passed; 0 for one that lives for ever.
    pub fn passed(&self) -> usize {
        self.0.as_ref().map_or(0, |life| life.passed.load(Ordering::Acquire))
    }

    /// Whether it is dead.
    pub fn is_over(&self) -> bool {
        self.0.as_ref().is_some_and(|life| life.passed.load(Ordering::Acquire) > life.moments)
    }

    /// Waits for the end of a life; for ever, for one that lives for ever.
    pub async fn over(&self) {
        match &self.0 {
            Some(life) => life.end.notified().await,
            None => std::future::pending().await,
        }
    }

    /// A moment at which dying makes a difference: just before or after a commit or an effect. Does
    /// not return once life is over.
    pub(crate) async fn moment(&self) {
        let Some(life) = &self.0 else { return };
        if life.passed.fetch_add(1, Ordering::AcqRel) >= life.moments {
            life.end.notify_one();
            std::future::pending::<()>().await;
        }
    }
}
