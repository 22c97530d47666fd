//! The real program as its users start it.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod gangway;

mod backup;
mod keys;
mod memory;
mod start;
