//! Failures on order: the next calls to something answer as a test says, late, or not at all.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// How many faults can wait at once.
pub const MAX_FAULTS: usize = 100;

/// What the next matching calls get instead of, or before, their answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fault {
    /// How many calls it applies to; 0 counts as 1.
    pub times: u32,
    /// Only calls with this method.
    pub method: Option<String>,
    /// Only calls whose path and query contain this text.
    pub path_contains: Option<String>,
    /// Only calls to this host (without the port).
    pub host: Option<String>,
    /// How long to wait first, on the sandbox's clock.
    pub delay_ms: u64,
    /// What to answer instead of the real thing; without it the call goes on after the delay.
    pub answer: Option<FaultAnswer>,
    /// Closes the connection without an answer.
    pub drop_connection: bool,
    /// Whether the call is carried out all the same: the waiting then comes after it, and only its
    /// answer is replaced or lost.
    pub carried_out: bool,
}

/// A made-up answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultAnswer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

/// The faults that still wait for their calls, the oldest first.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Orders a fault; `false` when too many are waiting already.
    pub fn order(&self, mut fault: Fault) -> bool {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if list.len() >= MAX_FAULTS {
            return false;
        }
        fault.times = fault.times.max(1);
        list.push(fault);
        true
    }

    /// Forgets every fault that still waits.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The faults that still wait.
    pub fn list(&self) -> Vec<Fault> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the fault that this call gets, if any, and counts it as used once.
    pub(crate) fn next(&self, method: &str, host: &str, target: &str) -> Option<Fault> {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = list.iter().position(|fault| fault.matches(method, host, target))?;
        let fault = list[index].clone();
        if fault.times <= 1 {
            list.remove(index);
        } else {
            list[index].times -= 1;
        }
        Some(fault)
    }
}

impl Fault {
    fn matches(&self, method: &str, host: &str, target: &str) -> bool {
        let same = |wanted: &Option<String>, actual: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(actual))
        };
        same(&self.method, method)
            && same(&self.host, host)
            && self.path_contains.as_ref().is_none_or(|part| target.contains(part.as_str()))
    }
}
