//! Workflows that run, on both databases.

mod bed;
mod control;
mod crash;
#[expect(dead_code, clippy::unwrap_used, reason = "it is written for the tests of connect")]
#[path = "../../../connect/tests/it/far_side.rs"]
mod far_side;
mod flow;
mod guests;
mod properties;
