//! What can happen in an account and start a workflow, and the provider's feed that tells of it.
//!
//! A feed is the one source of truth. It is read from where the last reading ended; a trigger looks
//! at one change at a time and says whether it is of its kind. Both are functions without memory.

use base::{Error, Result, Timestamp};
use serde_json::{Value, json};

use crate::action::{Answering, Inputs};
use crate::context::ActionContext;
use crate::descriptor::{self, Field};

/// One kind of thing that can happen.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Its name in workflows.
    pub key: &'static str,
    /// What people read.
    pub title: &'static str,
    /// When it happens, in sentences.
    pub description: &'static str,
    /// What narrows it down.
    pub inputs: Vec<Field>,
    /// An example of its event.
    pub event_sample: Value,
    /// The event that a change is, if it is of this kind.
    pub detect: fn(&Change) -> Option<Value>,
    /// Whether an event of this kind is one that the inputs ask for.
    pub matches: fn(&Inputs, &Value) -> bool,
}

/// One change that a feed tells of.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What has changed, by the provider's own id.
    pub item: String,
    /// Which of its changes this is.
    pub revision: String,
    /// What it was before; none when it is new, or when that cannot be read any more.
    pub before: Option<Value>,
    /// What it is since.
    pub after: Value,
}

/// Where a provider tells what has changed.
#[derive(Clone, Copy, Debug)]
pub struct Feed {
    /// Which part of the account a trigger with these inputs listens to. Triggers with the same
    /// answer share a reader.
    pub scope: fn(&Inputs) -> String,
    /// Where a reader begins that wants what happens from this moment on.
    pub begin: fn(Timestamp) -> String,
    /// Reads on from a watermark.
    pub read: for<'c> fn(&'c ActionContext, &'c Position) -> Answering<'c, Batch>,
    /// The calls by which the provider wakes a reader, if it makes such.
    pub hooks: Option<Hooks>,
}

/// Calls of the provider that wake a reader.
#[derive(Clone, Copy, Debug)]
pub struct Hooks {
    /// The provider's names of what it must call for, for a scope and the key of a trigger.
    pub events: fn(&str, &str) -> &'static [&'static str],
    /// Orders calls; answers the provider's id of the order.
    pub create: for<'c> fn(&'c ActionContext, &'c HookOrder) -> Answering<'c, String>,
    /// Looks how an order is doing.
    pub check: for<'c> fn(&'c ActionContext, &'c Subscription) -> Answering<'c, HookHealth>,
    /// Takes an order back.
    pub remove: for<'c> fn(&'c ActionContext, &'c Subscription) -> Answering<'c, ()>,
}

/// An order of calls.
pub struct HookOrder {
    /// The part of the account.
    pub scope: String,
    /// The provider's name of what it calls for.
    pub event: String,
    /// Where to call.
    pub url: String,
    /// The user name to send.
    pub user: String,
    /// The password to send.
    pub password: String,
}

/// An order at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The part of the account.
    pub scope: String,
    /// The provider's id of it.
    pub id: String,
}

/// How an order is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookHealth {
    /// The provider calls.
    Works,
    /// The provider had trouble calling, and may lose events.
    OnProbation,
    /// The provider calls no more.
    Gone,
}

/// A place in a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The part of the account.
    pub scope: String,
    /// Where the reading before this one ended.
    pub watermark: String,
}

/// What one reading brought.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The changes, in order.
    pub changes: Vec<Change>,
    /// Where the next reading begins.
    pub watermark: String,
    /// Whether there is no more for now.
    pub is_last: bool,
}

impl Trigger {
    /// The event that a change is, if it is of this kind and one that the inputs ask for.
    pub fn event(&self, change: &Change, inputs: &Inputs) -> Option<Value> {
        (self.detect)(change).filter(|event| (self.matches)(inputs, event))
    }

    /// Inputs as the trigger reads them.
    ///
    /// # Errors
    /// `invalid_inputs` with every fault in `meta.problems`.
    pub fn read(&self, inputs: &Value) -> Result<Inputs> {
        descriptor::normalize(&self.inputs, inputs).map_err(|problems| {
            let lines: Vec<String> = problems
                .iter()
                .map(|problem| format!("{}: {}", problem.path, problem.message))
                .collect();
            let message =
                format!("\"{}\" cannot start with these inputs: {}.", self.title, lines.join("; "));
            let list: Vec<Value> = problems
                .iter()
                .map(|problem| json!({ "path": problem.path, "message": problem.message }))
                .collect();
            Error::invalid("invalid_inputs", message).with_meta(json!({ "problems": list }))
        })
    }
}
