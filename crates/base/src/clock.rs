//! The one door to the time of day.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use crate::Timestamp;

/// Tells the time and waits for it. Cloning is cheap; clones of a test clock share its time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Test(Arc<watch::Sender<Timestamp>>),
}

impl Clock {
    /// The machine's clock.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `start` until [`Clock::advance`] moves it.
    pub fn test(start: Timestamp) -> Self {
        Self(Source::Test(Arc::new(watch::Sender::new(start))))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => system_now(),
            Source::Test(time) => *time.borrow(),
        }
    }

    /// Waits until `deadline`. Under a test clock this returns only when a test moves time there.
    pub async fn sleep_until(&self, deadline: Timestamp) {
        match &self.0 {
            Source::System => system_sleep(deadline.since(system_now())).await,
            Source::Test(time) => {
                let mut time = time.subscribe();
                // The sender lives in `self`, so waiting cannot fail.
                let _ = time.wait_for(|now| *now >= deadline).await;
            }
        }
    }

    /// Runs `work` for at most `limit`; `None` when the limit passed first.
    pub async fn timeout<T>(&self, limit: Duration, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.sleep_until(self.now() + limit) => None,
        }
    }

    /// Moves a test clock forward and wakes whoever waits for the time passed.
    ///
    /// # Panics
    /// On the system clock, whose time is not ours to move.
    pub fn advance(&self, by: Duration) {
        match &self.0 {
            Source::System => panic!("only a test clock can be moved"),
            Source::Test(time) => time.send_modify(|now| *now = *now + by),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the door")]
fn system_now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
}

#[expect(clippy::disallowed_methods, reason = "this is the door")]
async fn system_sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleeper_on_a_test_clock_wakes_when_time_is_moved() {
        let clock = Clock::test(Timestamp::from_secs(0));
        let sleeper = {
            let clock = clock.clone();
            tokio::spawn(async move { clock.sleep_until(Timestamp::from_secs(60)).await })
        };
        clock.advance(Duration::from_secs(59));
        assert!(!sleeper.is_finished());
        clock.advance(Duration::from_secs(1));
        sleeper.await.expect("the sleeper ends");
    }

    #[tokio::test]
    async fn work_that_is_ready_beats_a_limit_of_zero() {
        let clock = Clock::test(Timestamp::from_secs(0));
        assert_eq!(clock.timeout(Duration::ZERO, async { 7 }).await, Some(7));
        assert_eq!(clock.timeout(Duration::ZERO, std::future::pending::<()>()).await, None);
    }
}
