//! How a call of a function fails.

use std::fmt;

use base::{Error, ErrorKind};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::LogLine;

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FunctionErrorKind {
    /// The source is not JavaScript.
    Syntax,
    /// The source is JavaScript and yields no function.
    NotAFunction,
    /// The function threw, or its promise was rejected.
    Threw,
    /// The function used more time than it may.
    TimedOut,
    /// The function used more memory than it may.
    OutOfMemory,
    /// The function waits for a promise that nothing will settle.
    NeverSettled,
    /// The output is larger than its limit.
    OutputTooLarge,
    /// The output has no JSON form.
    OutputInvalid,
    /// Source or parameters are larger than their limit.
    InputTooLarge,
    /// The guest process died.
    Crashed,
    /// Too many calls wait already.
    Busy,
    /// The kernel cannot lock a guest in, and the settings demand it.
    NotIsolated,
    /// No guest process can be started.
    Unavailable,
}

impl FunctionErrorKind {
    /// The stable code for the error contract.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Syntax => "function_syntax",
            Self::NotAFunction => "function_missing",
            Self::Threw => "function_threw",
            Self::TimedOut => "function_timed_out",
            Self::OutOfMemory => "function_out_of_memory",
            Self::NeverSettled => "function_never_settled",
            Self::OutputTooLarge => "function_output_too_large",
            Self::OutputInvalid => "function_output_invalid",
            Self::InputTooLarge => "function_input_too_large",
            Self::Crashed => "guest_crashed",
            Self::Busy => "guests_busy",
            Self::NotIsolated => "guests_not_isolated",
            Self::Unavailable => "guests_unavailable",
        }
    }

    /// Whether the same call may succeed later: the fault is not the function's.
    pub const fn may_pass(self) -> bool {
        matches!(self, Self::Busy | Self::Unavailable)
    }
}

/// A call that failed: what it was, in a sentence, and what the function said before.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionError {
    /// What class of failure this is.
    pub kind: FunctionErrorKind,
    /// What happened; for [`FunctionErrorKind::Threw`] the error's own name and message.
    pub message: String,
    /// JavaScript's stack, with lines of the function's source.
    pub stack: Option<String>,
    /// What the function wrote to the console until then.
    pub log: Vec<LogLine>,
    /// Whether the log was longer than its limit.
    pub log_truncated: bool,
}

impl FunctionError {
    /// A failure about which no function said anything.
    pub fn new(kind: FunctionErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, message, stack: None, log: Vec::new(), log_truncated: false }
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FunctionError {}

impl From<FunctionError> for Error {
    fn from(failure: FunctionError) -> Self {
        let kind = match failure.kind {
            FunctionErrorKind::Busy
            | FunctionErrorKind::Unavailable
            | FunctionErrorKind::NotIsolated => ErrorKind::Unavailable,
            FunctionErrorKind::TimedOut => ErrorKind::Timeout,
            FunctionErrorKind::InputTooLarge | FunctionErrorKind::OutputTooLarge => {
                ErrorKind::TooLarge
            }
            _ => ErrorKind::Invalid,
        };
        let error = Self::new(kind, failure.kind.code(), failure.message);
        match failure.stack {
            Some(stack) => error.with_meta(json!({ "stack": stack })),
            None => error,
        }
    }
}
