//! Who waits for the answer that a response step gives.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base::ExecutionId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::oneshot;

/// What a response step gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The status.
    pub status: Value,
    /// Headers.
    #[serde(default)]
    pub headers: Map<String, Value>,
    /// The body.
    #[serde(default)]
    pub body: Value,
}

impl Answer {
    /// Reads what the journal has of it.
    pub(super) fn read(answer: Value) -> Option<Self> {
        serde_json::from_value(answer).ok()
    }
}

/// Those who wait in this process.
#[derive(Default)]
pub(super) struct Replies(Mutex<HashMap<ExecutionId, oneshot::Sender<Option<Answer>>>>);

impl Replies {
    /// Waits for the answer of an execution: none when it ends without one.
    pub fn expect(&self, id: ExecutionId) -> oneshot::Receiver<Option<Answer>> {
        let (sender, receiver) = oneshot::channel();
        self.lock().insert(id, sender);
        receiver
    }

    /// Gives the answer, or tells that there is none, once that is durable.
    pub fn give(&self, id: ExecutionId, answer: Option<Answer>) {
        if let Some(waiting) = self.lock().remove(&id) {
            // Who waited may have left.
            let _ = waiting.send(answer);
        }
    }

    /// Forgets who waits: their time is over, or they look elsewhere.
    pub fn forget(&self, id: ExecutionId) {
        self.lock().remove(&id);
    }

    fn lock(
        &self,
    ) -> std::sync::MutexGuard<'_, HashMap<ExecutionId, oneshot::Sender<Option<Answer>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
