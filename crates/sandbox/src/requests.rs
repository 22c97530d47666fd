//! The last requests as the sandbox saw them, for tests and for people who wonder what was sent.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use base::Timestamp;
use serde::Serialize;

/// How many requests are remembered; older ones are forgotten.
pub const REMEMBERED_REQUESTS: usize = 2_000;

/// One request and how it was answered. No credential is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenRequest {
    /// When it arrived.
    pub at: Timestamp,
    /// The method.
    pub method: String,
    /// Host and port as the caller wrote them.
    pub host: String,
    /// Path and query as sent, with secrets in the query blanked.
    pub target: String,
    /// The scheme of the `Authorization` header: "Basic", "Bearer".
    pub authorization: Option<String>,
    /// Headers that say something about the caller and hold no secret, lower-case name and value.
    pub headers: Vec<(String, String)>,
    /// The status of the answer; `None` when the connection was dropped on purpose.
    pub status: Option<u16>,
}

/// A bounded list of requests.
#[derive(Debug, Default)]
pub struct RequestLog(Mutex<VecDeque<SeenRequest>>);

impl RequestLog {
    /// Takes all remembered requests out, the oldest first.
    pub fn take(&self) -> Vec<SeenRequest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }

    /// Looks at all remembered requests, the oldest first.
    pub fn list(&self) -> Vec<SeenRequest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Remembers one more.
    pub(crate) fn add(&self, request: SeenRequest) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if list.len() == REMEMBERED_REQUESTS {
            list.pop_front();
        }
        list.push_back(request);
    }
}
