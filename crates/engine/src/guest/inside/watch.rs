//! Watches how long a call uses the processor.

use std::cell::Cell;
use std::time::Duration;

use nix::time::ClockId;

/// The watch of one call: wound up when it begins, looked at by the interpreter as it runs.
#[derive(Debug, Default)]
pub struct Watch {
    until: Cell<Option<Duration>>,
    is_over: Cell<bool>,
}

impl Watch {
    /// Gives what runs from now on this much processor time.
    pub fn start(&self, limit: Duration) {
        self.until.set(Some(cpu_time() + limit));
    }

    /// Whether the time is used up. Once it is, it stays so.
    pub fn is_over(&self) -> bool {
        if !self.is_over.get() && self.until.get().is_some_and(|until| cpu_time() > until) {
            self.is_over.set(true);
        }
        self.is_over.get()
    }
}

/// Processor time that this process has used since it began.
pub fn cpu_time() -> Duration {
    // The clock always exists; a guest without it has no time left.
    ClockId::CLOCK_PROCESS_CPUTIME_ID.now().map_or(Duration::MAX, Duration::from)
}
