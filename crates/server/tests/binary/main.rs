//! The real program as its users start it.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod gangway;
#[expect(dead_code, reason = "some of it is for the tests of crashes")]
mod pair;

mod backup;
mod felt;
mod files;
mod guest;
mod keys;
mod killed;
mod memory;
mod one_exchange;
mod start;
