//! Lanes: threads that serve side by side, each with outgoing connections of its own.

use std::cell::Cell;
use std::num::NonZero;

thread_local! {
    static LANE: Cell<usize> = const { Cell::new(0) };
}

/// Gives the calling thread a lane; without one it shares the first.
pub fn enter(lane: usize) {
    LANE.set(lane);
}

/// The lane of the calling thread.
pub(super) fn current() -> usize {
    LANE.get()
}

/// How many lanes there are: one for each core.
pub(super) fn count() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}
