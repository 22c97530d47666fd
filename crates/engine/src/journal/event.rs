//! What can happen in an execution. Written events are read for ever: members are added, never
//! changed.

use base::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::address::Address;
pub use crate::guest::LogLine;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The trigger was accepted.
    Triggered {
        /// When.
        at: Timestamp,
        /// What it brought along: `trigger` in expressions.
        input: Value,
    },
    /// A node began to work on it, with these values for all of its life.
    Began {
        /// When.
        at: Timestamp,
        /// The values.
        snapshot: Snapshot,
    },
    /// A step's effect is about to be performed.
    StepStarted {
        /// When.
        at: Timestamp,
        /// Which.
        step: Address,
        /// Counts tries, from 1.
        attempt: u32,
        /// What it is given.
        input: Value,
    },
    /// A step has ended well.
    StepFinished {
        /// When.
        at: Timestamp,
        /// Which.
        step: Address,
        /// What it gave.
        output: Value,
        /// What it said.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        log: Vec<LogLine>,
    },
    /// A response step has answered the request that started the execution.
    Responded {
        /// When.
        at: Timestamp,
        /// Which.
        step: Address,
        /// The answer: `{"status", "headers", "body"}`.
        answer: Value,
    },
    /// A try of a step has failed.
    StepFailed {
        /// When.
        at: Timestamp,
        /// Which.
        step: Address,
        /// The number of the try.
        attempt: u32,
        /// Why.
        error: StepError,
        /// When it is tried again; none when it is not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_at: Option<Timestamp>,
        /// Whether the path goes on with the error as output.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        continues: bool,
        /// What it said.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        log: Vec<LogLine>,
    },
    /// A provider takes no more calls now; that costs no try.
    StepPaused {
        /// When.
        at: Timestamp,
        /// Which.
        step: Address,
        /// The number of the try that is made again.
        attempt: u32,
        /// Until when.
        until: Timestamp,
        /// What the provider said.
        error: StepError,
    },
    /// A delay began.
    StepDelayed {
        /// When.
        at: Timestamp,
        /// Which.
        step: Address,
        /// Until when.
        until: Timestamp,
    },
    /// A fan out began.
    FanOutOpened {
        /// When.
        at: Timestamp,
        /// Which.
        step: Address,
        /// Its items.
        items: Vec<Value>,
        /// What the next page of items is asked for with; none when these are all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<Value>,
    },
    /// A fan out has read a further page of items.
    FanOutExtended {
        /// When.
        at: Timestamp,
        /// Which.
        step: Address,
        /// The further items.
        items: Vec<Value>,
        /// What the next page of items is asked for with; none when these are the last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<Value>,
    },
    /// The path of one item has ended.
    ItemFinished {
        /// When.
        at: Timestamp,
        /// The fan out.
        step: Address,
        /// The item's position.
        index: u32,
    },
    /// The execution has ended well.
    Succeeded {
        /// When.
        at: Timestamp,
    },
    /// The execution has failed.
    Failed {
        /// When.
        at: Timestamp,
        /// The step whose failure that was; none when it is not a step's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<Address>,
        /// Why.
        error: StepError,
    },
    /// Somebody ended the execution.
    Cancelled {
        /// When.
        at: Timestamp,
        /// Why, for people.
        reason: String,
    },
}

impl Event {
    /// When it happened.
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Triggered { at, .. }
            | Self::Began { at, .. }
            | Self::StepStarted { at, .. }
            | Self::StepFinished { at, .. }
            | Self::Responded { at, .. }
            | Self::StepFailed { at, .. }
            | Self::StepPaused { at, .. }
            | Self::StepDelayed { at, .. }
            | Self::FanOutOpened { at, .. }
            | Self::FanOutExtended { at, .. }
            | Self::ItemFinished { at, .. }
            | Self::Succeeded { at }
            | Self::Failed { at, .. }
            | Self::Cancelled { at, .. } => *at,
        }
    }

    /// The step it happened to.
    pub const fn step(&self) -> Option<&Address> {
        match self {
            Self::StepStarted { step, .. }
            | Self::StepFinished { step, .. }
            | Self::Responded { step, .. }
            | Self::StepFailed { step, .. }
            | Self::StepPaused { step, .. }
            | Self::StepDelayed { step, .. }
            | Self::FanOutOpened { step, .. }
            | Self::FanOutExtended { step, .. }
            | Self::ItemFinished { step, .. } => Some(step),
            Self::Failed { step, .. } => step.as_ref(),
            Self::Triggered { .. }
            | Self::Began { .. }
            | Self::Succeeded { .. }
            | Self::Cancelled { .. } => None,
        }
    }
}

/// What expressions know of the person and the account. It is read once, so that every decision of
/// an execution is made on the same values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The user settings of the workflow and of its integration.
    #[serde(default)]
    pub settings: Value,
    /// The connected user: `{"id", "metadata"}`.
    #[serde(default)]
    pub user: Value,
    /// The account: `{"id", "data"}`.
    #[serde(default)]
    pub account: Value,
}

/// Why a step failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepError {
    /// A stable name.
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// Facts for programs, such as what the provider said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Value>,
}

impl StepError {
    /// An error with a name and a sentence.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), meta: None }
    }

    /// What an error tells people and programs.
    pub fn of(error: &base::Error) -> Self {
        let meta = error.meta().cloned();
        Self { code: error.code().to_owned(), message: error.message().to_owned(), meta }
    }
}
