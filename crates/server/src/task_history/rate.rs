//! How many calls an API token may make.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base::{ApiTokenId, Error, ErrorKind, Result, Timestamp};
use serde_json::json;

/// How many calls a token may make in a [`WINDOW`].
const CALLS_MAX: u32 = 1_000;
/// How long calls are counted.
const WINDOW: Duration = Duration::from_secs(600);
/// Of how many tokens calls are counted; with more, all begin anew.
const TOKENS_MAX: usize = 10_000;

/// Counts the calls of tokens in this process.
#[derive(Default)]
pub struct Rates(Mutex<HashMap<ApiTokenId, Counted>>);

struct Counted {
    since: Timestamp,
    calls: u32,
}

impl Rates {
    /// Counts a call, or refuses it.
    pub fn count(&self, id: ApiTokenId, now: Timestamp) -> Result<()> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= TOKENS_MAX && !counts.contains_key(&id) {
            counts.clear();
        }
        let counted = counts.entry(id).or_insert(Counted { since: now, calls: 0 });
        if now >= counted.since + WINDOW {
            *counted = Counted { since: now, calls: 0 };
        }
        if counted.calls < CALLS_MAX {
            counted.calls += 1;
            return Ok(());
        }
        let wait = (counted.since + WINDOW).since(now).as_secs().max(1);
        let message = format!(
            "The token has made {CALLS_MAX} calls to the Task History API within ten minutes, the \
             most it may make; go on in {wait} seconds."
        );
        let error = Error::new(ErrorKind::RateLimited, "task_history_rate_limit", message);
        Err(error.with_meta(json!({ "retryAfterSeconds": wait })))
    }
}

#[cfg(test)]
mod tests {
    use base::{Clock, Random};

    use super::*;

    #[test]
    fn a_token_makes_a_thousand_calls_in_ten_minutes() {
        let clock = Clock::test(Timestamp::from_secs(1_000));
        let random = Random::seeded(1);
        let [one, other] = [(); 2].map(|()| ApiTokenId::new(&clock, &random));
        let rates = Rates::default();
        for _ in 0..CALLS_MAX {
            rates.count(one, clock.now()).expect("it may");
        }
        clock.advance(Duration::from_secs(590));
        let error = rates.count(one, clock.now()).expect_err("it may not");
        assert_eq!(error.meta(), Some(&json!({ "retryAfterSeconds": 10 })));
        rates.count(other, clock.now()).expect("another token may");
        clock.advance(Duration::from_secs(10));
        rates.count(one, clock.now()).expect("it may again");
    }
}
