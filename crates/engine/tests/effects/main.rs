//! What the effects of steps do, over real sockets, on both engines.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod accounts;
#[path = "../../../connect/tests/it/far_side.rs"]
mod far_side;
mod files;
#[path = "../it/guests.rs"]
mod guests;
mod pagination;
mod requests;
mod stage;
