//! Guests for functions, started by a program that is one and nothing else.

use std::time::Duration;

use base::{Clock, Random};
use engine::guest::{Limits, Pool, Program, Settings};

/// A pool of them.
pub fn pool(clock: &Clock, random: &Random) -> Pool {
    let file = env!("CARGO_BIN_EXE_engine-guest").into();
    let settings = Settings {
        program: Program { file, arguments: Vec::new() },
        limits: Limits::default(),
        guests_max: 2,
        calls_per_guest_max: 1_000,
        idle_time_max: Duration::from_secs(60),
        calls_waiting_max: 1_000,
        require_isolation: false,
    };
    Pool::new(settings, clock.clone(), random.clone())
}
