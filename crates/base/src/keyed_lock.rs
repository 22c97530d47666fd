//! One at a time for each key, so that of many who want the same thing the first fetches it and
//! the others find it.

use std::hash::{DefaultHasher, Hash, Hasher as _};

use tokio::sync::{Mutex, MutexGuard};

/// Keys that fall into the same shard wait for each other too, which is rare and does no harm.
const SHARDS: usize = 64;

/// A lock for each key.
#[derive(Debug)]
pub struct KeyedLock {
    shards: [Mutex<()>; SHARDS],
}

impl KeyedLock {
    /// Nothing is locked.
    pub fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::new(())) }
    }

    /// Waits for the key's turn.
    pub async fn lock(&self, key: &impl Hash) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        #[expect(clippy::cast_possible_truncation, reason = "the low bits are as good as any")]
        let shard = hasher.finish() as usize % SHARDS;
        self.shards[shard].lock().await
    }
}

impl Default for KeyedLock {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[tokio::test]
    async fn the_second_for_a_key_waits_until_the_first_is_done() {
        let lock = KeyedLock::new();
        let first = lock.lock(&"ann").await;
        let mut second = pin!(lock.lock(&"ann"));
        let mut context = Context::from_waker(Waker::noop());
        assert!(second.as_mut().poll(&mut context).is_pending());
        drop(first);
        assert!(second.as_mut().poll(&mut context).is_ready());
    }
}
