//! How much each identity has used of late, and what it is told about that.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base::Timestamp;
use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// Usage is counted over this long.
const WINDOW: Duration = Duration::from_secs(300);
/// What an identity may use in a window, in thousandths of a throughput unit (TSTU).
const DEFAULT_LIMIT_MILLI: u64 = 200_000;
/// From this part of the limit on, answers tell how much is left.
const NOTABLE_PERCENT: u64 = 50;
/// Up to this part of the limit calls are answered with a wish to slow down; then they are not.
const BLOCKED_PERCENT: u64 = 200;

/// The budgets of all identities.
#[derive(Debug)]
pub struct Budgets(Mutex<Ledger>);

#[derive(Debug)]
struct Ledger {
    limit_milli: u64,
    used: HashMap<Uuid, Usage>,
}

/// What one identity used, by second, so that the list is never longer than the window.
#[derive(Debug, Default)]
struct Usage {
    seconds: VecDeque<(i64, u64)>,
    total_milli: u64,
}

/// What a call is told about its budget.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether the call is refused.
    pub blocked: bool,
    headers: Vec<(&'static str, String)>,
}

impl Default for Budgets {
    fn default() -> Self {
        Self(Mutex::new(Ledger { limit_milli: DEFAULT_LIMIT_MILLI, used: HashMap::new() }))
    }
}

impl Budgets {
    /// Sets what every identity may use in five minutes, in thousandths of a unit, and forgets
    /// what they have used.
    pub fn set_limit(&self, limit_milli: u64) {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *ledger = Ledger { limit_milli: limit_milli.max(1), used: HashMap::new() };
    }

    /// Charges a call, unless it is refused: a refused call costs nothing.
    pub fn charge(&self, identity: Uuid, cost_milli: u64, now: Timestamp) -> Standing {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let limit = ledger.limit_milli;
        let usage = ledger.used.entry(identity).or_default();
        usage.forget_before(now - WINDOW);
        let blocked = usage.total_milli >= percent(limit, BLOCKED_PERCENT);
        if !blocked {
            usage.add(now, cost_milli);
        }
        usage.standing(blocked, limit, now)
    }
}

impl Usage {
    fn forget_before(&mut self, start: Timestamp) {
        while let Some(&(second, used)) = self.seconds.front() {
            if second > start.as_secs() {
                break;
            }
            self.total_milli -= used;
            self.seconds.pop_front();
        }
    }

    fn add(&mut self, now: Timestamp, cost_milli: u64) {
        self.total_milli += cost_milli;
        match self.seconds.back_mut() {
            Some((second, used)) if *second == now.as_secs() => *used += cost_milli,
            _ => self.seconds.push_back((now.as_secs(), cost_milli)),
        }
    }

    fn standing(&self, blocked: bool, limit: u64, now: Timestamp) -> Standing {
        let mut headers = Vec::new();
        if self.total_milli >= percent(limit, NOTABLE_PERCENT) {
            let reset = self.seconds.front().map_or(now.as_secs(), |(second, _)| *second)
                + i64::try_from(WINDOW.as_secs()).unwrap_or(i64::MAX);
            headers.push(("x-ratelimit-resource", "Concurrency".to_owned()));
            headers.push(("x-ratelimit-limit", (limit / 1_000).to_string()));
            let remaining = limit.saturating_sub(self.total_milli) / 1_000;
            headers.push(("x-ratelimit-remaining", remaining.to_string()));
            headers.push(("x-ratelimit-reset", reset.to_string()));
            if self.total_milli > limit {
                // The service would hold the answer back this long; here it only says so.
                let delay = (self.total_milli - limit) as f64 / limit as f64 * 30.0;
                let wait =
                    if blocked { (reset - now.as_secs()).max(1) } else { delay.ceil() as i64 };
                headers.push(("x-ratelimit-delay", format!("{:.3}", delay.min(30.0))));
                headers.push(("retry-after", wait.to_string()));
            }
        }
        Standing { blocked, headers }
    }
}

impl Standing {
    /// Puts what there is to say into the headers of an answer.
    pub fn write(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::try_from(value.as_str()) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// A part of a limit, however large the limit is.
fn percent(limit: u64, percent: u64) -> u64 {
    u64::try_from(u128::from(limit) * u128::from(percent) / 100).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(standing: &Standing) -> Vec<&str> {
        standing.headers.iter().map(|(name, _)| *name).collect()
    }

    #[test]
    fn usage_is_told_then_delayed_then_refused_and_forgotten_after_five_minutes() {
        let budgets = Budgets::default();
        budgets.set_limit(10_000);
        let (who, start) = (Uuid::from_u128(1), Timestamp::from_secs(1_000));

        assert!(names(&budgets.charge(who, 4_000, start)).is_empty());
        assert!(names(&budgets.charge(who, 4_000, start)).contains(&"x-ratelimit-remaining"));
        let over = budgets.charge(who, 12_000, start);
        assert!(!over.blocked && names(&over).contains(&"retry-after"));
        assert!(budgets.charge(who, 1, start).blocked);
        assert!(!budgets.charge(Uuid::from_u128(2), 1, start).blocked, "others are not affected");
        assert!(!budgets.charge(who, 1, start + WINDOW).blocked);
    }
}
