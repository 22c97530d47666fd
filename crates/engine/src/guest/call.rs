//! What goes into a call of a function and what comes out of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One call of a function.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function's source, as its author wrote it.
    pub source: Arc<str>,
    /// What it is called with.
    pub parameters: Value,
}

/// What a function returned.
#[derive(Clone, Debug, PartialEq)]
pub struct Returned {
    /// Its result; `null` when it returned nothing.
    pub output: Value,
    /// What it wrote to the console.
    pub log: Vec<LogLine>,
    /// Whether the log was longer than its limit; the last line then says so.
    pub log_truncated: bool,
}

/// One call of `console`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Which of the console's methods was called.
    pub level: Level,
    /// Its arguments as text.
    pub text: String,
}

/// How weighty a line of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// `console.debug`
    Debug,
    /// `console.log` and `console.info`
    Info,
    /// `console.warn`
    Warn,
    /// `console.error`
    Error,
}

/// Why a source is not a function that can be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What is wrong, in a sentence or in the interpreter's words.
    pub message: String,
    /// The line in the source, from 1, where it is known.
    pub line: Option<u32>,
    /// The column in that line, from 1.
    pub column: Option<u32>,
}
