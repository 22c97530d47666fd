//! What cannot be staged inside of a process: servers that are killed, held up and asked to stop,
//! databases that fail. Each test counts what was acknowledged against what came of it.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod books;
#[expect(dead_code, reason = "it is written for the tests of connect")]
#[path = "../../../connect/tests/it/far_side.rs"]
mod far_side;
#[expect(dead_code, reason = "it is written for the tests of the binary")]
#[path = "../binary/gangway.rs"]
mod gangway;
mod held_up;
mod killed;
mod load;
#[expect(dead_code, reason = "it is written for the tests of the binary")]
#[path = "../binary/pair.rs"]
mod pair;
mod postgres;
mod yard;
