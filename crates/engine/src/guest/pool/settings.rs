//! What a pool is told when it is made.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::guest::Limits;

/// How to start a guest: a program that calls [`run`](crate::guest::run).
#[derive(Clone, Debug)]
pub struct Program {
    /// The file; this program itself, as a rule.
    pub file: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

/// How many guests there are, how long they live and what they may use.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How to start a guest.
    pub program: Program,
    /// What one call may use.
    pub limits: Limits,
    /// How many guests live at once.
    pub guests_max: usize,
    /// How many calls a guest serves before another process takes its place.
    pub calls_per_guest_max: u32,
    /// How long a guest with nothing to do is kept.
    pub idle_time_max: Duration,
    /// How many calls wait for a guest at once; more are refused.
    pub calls_waiting_max: usize,
    /// Whether functions are refused where the kernel has neither landlock nor seccomp.
    pub require_isolation: bool,
}
