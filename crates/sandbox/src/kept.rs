//! State that outlives the process: whoever changes it wakes the writer of the data file.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::Notify;

/// A value behind a lock whose every change is saved. Never hold a guard across an `await`.
#[derive(Debug)]
pub struct Kept<T> {
    value: RwLock<T>,
    changed: Arc<Notify>,
}

impl<T> Kept<T> {
    /// Keeps `value`; `changed` is told before each change is visible to readers.
    pub fn new(value: T, changed: Arc<Notify>) -> Self {
        Self { value: RwLock::new(value), changed }
    }

    /// Looks at the value, together with any number of other readers.
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        self.value.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the value to change it, alone; the change is saved soon after the guard is dropped.
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        let guard = self.value.write().unwrap_or_else(PoisonError::into_inner);
        // The writer of the file has to wait for this guard, so it cannot save too early.
        self.changed.notify_one();
        guard
    }
}
