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
    let mut row = Row::default();
    events.iter().for_each(|event| row.push(event));
    row.text()
}

/// A row of a journal that is still growing.
#[derive(Debug, Default)]
pub struct Row(String);

impl Row {
    /// Adds an event.
    pub fn push(&mut self, event: &Event) {
        self.0.push(if self.0.is_empty() { '[' } else { ',' });
        let text = serde_json::to_string(event);
        self.0.push_str(&text.expect("events have text keys and no failing parts"));
    }

    /// How large it is by now, in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has no event.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The row, which is empty from now on.
    pub fn text(&mut self) -> String {
        if self.0.is_empty() {
            self.0.push('[');
        }
        self.0.push(']');
        std::mem::take(&mut self.0)
    }
}

/// The events of a journal's row.
///
/// # Errors
/// When a newer version wrote events that this one does not know.
pub fn read(row: &str) -> Result<Vec<Event>> {
    serde_json::from_str(row)
        .map_err(|cause| Error::internal(format!("a journal holds what is no event: {cause}")))
}
