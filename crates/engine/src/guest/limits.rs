//! What one call of a function may use. docs/reference/functions.md publishes these.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The bounds of one call. The host tells them to every guest that it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The interpreter's memory, in bytes.
    pub memory_bytes_max: usize,
    /// Processor time.
    pub cpu_time_max: Duration,
    /// Time by the clock on the wall: a guest that has not answered by then is ended.
    pub wall_time_max: Duration,
    /// All lines of the log together, in bytes of UTF-8.
    pub log_bytes_max: usize,
    /// The function's source, in bytes of UTF-8.
    pub source_bytes_max: usize,
    /// The parameters as JSON, in bytes.
    pub parameters_bytes_max: usize,
    /// The output as JSON, in bytes.
    pub output_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes_max: 128 * MIB,
            cpu_time_max: Duration::from_secs(10),
            wall_time_max: Duration::from_secs(30),
            log_bytes_max: MIB,
            source_bytes_max: MIB,
            parameters_bytes_max: 4 * MIB,
            output_bytes_max: MIB,
        }
    }
}

const MIB: usize = 1024 * 1024;
/// A byte of text takes at most this many in JSON: `\u0000`.
const JSON_BYTES_FOR_A_BYTE: usize = 6;
/// What a frame holds beside its payload: names of fields, the seed, an error's message and stack.
const ENVELOPE_BYTES_MAX: usize = 256 * 1024;

impl Limits {
    /// The largest frame that a guest reads.
    pub(super) fn job_frame_bytes_max(&self) -> usize {
        self.source_bytes_max * JSON_BYTES_FOR_A_BYTE
            + self.parameters_bytes_max
            + ENVELOPE_BYTES_MAX
    }

    /// The largest frame that the host reads.
    pub(super) fn answer_frame_bytes_max(&self) -> usize {
        // A line of the log costs its frame something even when it is empty: see `Log`.
        self.log_bytes_max * JSON_BYTES_FOR_A_BYTE + self.output_bytes_max + ENVELOPE_BYTES_MAX
    }
}
