//! Functions in real guest processes.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod actors;

mod forms;
mod guests;
mod hostile_functions;
mod hostile_guests;
mod isolation;
mod libraries;
mod logs;
mod results;
