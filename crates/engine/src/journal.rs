//! The journal: what happened in an execution, as events in order. It is the only record.

mod event;
mod state;

pub use event::{Event, LogLine, Snapshot, StepError};
pub use state::{FanOut, Outcome, State, StepState};

use base::{Error, Result};

/// How many events one journal may hold; an execution that would write more fails.
pub const EVENTS_MAX: usize = 250_000;

/// Events as a journal's row holds them.
pub fn write(events: &[Event]) -> String {
    serde_json::to_string(events).expect("events have text keys and no failing parts")
}

/// The events of a journal's row.
///
/// # Errors
/// When a newer version wrote events that this one does not know.
pub fn read(row: &str) -> Result<Vec<Event>> {
    serde_json::from_str(row)
        .map_err(|cause| Error::internal(format!("a journal holds what is no event: {cause}")))
}
