//! `[functions]`: the JavaScript of function steps, and the guests that run it.

use std::time::Duration;

use base::{Error, Result};
use engine::guest::{Limits, Program, Settings};
use serde::Deserialize;

use super::problem::Problems;
use super::values;
use crate::cli;

/// With less than this the interpreter hardly starts.
const MEMORY_BYTES_MIN: usize = 8 * 1024 * 1024;
/// The host reads lengths of 32 bits: half of that leaves room for what stands around a value.
const PAYLOAD_BYTES_MAX: usize = 256 * 1024 * 1024;
/// How many guests there are for a core where the settings do not say.
const GUESTS_FOR_A_CORE: usize = 2;

/// The JavaScript of function steps, and the guests that run it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Functions {
    /// The memory of one call.
    pub memory_bytes_max: usize,
    /// The processor time of one call.
    #[serde(rename = "cpu_seconds_max", deserialize_with = "values::seconds")]
    pub cpu_time_max: Duration,
    /// The time of one call by the clock.
    #[serde(rename = "wall_seconds_max", deserialize_with = "values::seconds")]
    pub wall_time_max: Duration,
    /// What one call may write to its log.
    #[serde(deserialize_with = "values::at_least_one")]
    pub log_bytes_max: usize,
    /// The source of a function.
    #[serde(deserialize_with = "values::at_least_one")]
    pub source_bytes_max: usize,
    /// What a function is given.
    #[serde(deserialize_with = "values::at_least_one")]
    pub parameters_bytes_max: usize,
    /// What a function returns.
    #[serde(deserialize_with = "values::at_least_one")]
    pub output_bytes_max: usize,
    /// How many guests live at once; 0 is two for each core.
    pub guests_max: usize,
    /// How many calls a guest serves.
    pub calls_per_guest_max: u32,
    /// How many calls wait for a guest.
    pub calls_waiting_max: usize,
    /// How long a guest with nothing to do is kept.
    #[serde(rename = "idle_seconds_max", deserialize_with = "values::seconds")]
    pub idle_time_max: Duration,
    /// Whether functions are refused where the kernel cannot lock their guests in.
    pub require_isolation: bool,
}

impl Functions {
    pub(super) fn check(&self, problems: &mut Problems) {
        if self.memory_bytes_max < MEMORY_BYTES_MIN {
            let message = format!("It must be {MEMORY_BYTES_MIN} or more.");
            problems.add("functions.memory_bytes_max", message);
        }
        if self.calls_per_guest_max == 0 {
            problems.add("functions.calls_per_guest_max", "It must be 1 or more.");
        }
        let payloads = [
            ("functions.log_bytes_max", self.log_bytes_max),
            ("functions.source_bytes_max", self.source_bytes_max),
            ("functions.parameters_bytes_max", self.parameters_bytes_max),
            ("functions.output_bytes_max", self.output_bytes_max),
        ];
        for (name, bytes) in payloads {
            if bytes > PAYLOAD_BYTES_MAX {
                problems.add(name, format!("It must be {PAYLOAD_BYTES_MAX} or less."));
            }
        }
    }

    /// What a pool of guests wants to know. The guests are this program again.
    ///
    /// # Errors
    /// When the system does not say which file this program is.
    pub fn guests(&self) -> Result<Settings> {
        let file = std::env::current_exe().map_err(Error::internal)?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let guests_max = match self.guests_max {
            0 => cores * GUESTS_FOR_A_CORE,
            count => count,
        };
        Ok(Settings {
            program: Program { file, arguments: vec![cli::GUEST.into()] },
            limits: Limits {
                memory_bytes_max: self.memory_bytes_max,
                cpu_time_max: self.cpu_time_max,
                wall_time_max: self.wall_time_max,
                log_bytes_max: self.log_bytes_max,
                source_bytes_max: self.source_bytes_max,
                parameters_bytes_max: self.parameters_bytes_max,
                output_bytes_max: self.output_bytes_max,
            },
            guests_max,
            calls_per_guest_max: self.calls_per_guest_max,
            idle_time_max: self.idle_time_max,
            calls_waiting_max: self.calls_waiting_max,
            require_isolation: self.require_isolation,
        })
    }
}
