//! What host and guest say to each other.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{FunctionErrorKind, Isolation, Limits, LogLine, Problem};

/// The host's first word.
#[derive(Debug, Serialize, Deserialize)]
pub struct Start {
    pub limits: Limits,
}

/// The guest's first word: it has locked itself in, or why it could not.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ready {
    Isolated(Isolation),
    Failed(String),
}

/// What the host wants of a guest.
#[derive(Debug, Serialize, Deserialize)]
pub struct Job<'a> {
    #[serde(borrow)]
    pub source: Cow<'a, str>,
    /// The parameters to call it with; without them the source is only looked at.
    #[serde(borrow)]
    pub parameters: Option<&'a RawValue>,
    /// What chance is made of in this call.
    pub seed: [u8; 32],
}

/// A guest's answer to a job.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    pub outcome: Outcome,
    pub log: Vec<LogLine>,
    pub log_truncated: bool,
    /// The guest ends itself after this answer.
    pub is_last: bool,
}

/// How a job ended.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Returned(Box<RawValue>),
    Failed(Failure),
    Checked(Option<Problem>),
}

/// Why a call failed, as far as the guest can tell.
#[derive(Debug, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FunctionErrorKind,
    pub message: String,
    pub stack: Option<String>,
    pub line: Option<u32>,
    pub column: Option<u32>,
}

impl Failure {
    pub fn new(kind: FunctionErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), stack: None, line: None, column: None }
    }
}
