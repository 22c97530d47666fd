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
    /// What it was about, where a handler says so: "grant_type=refresh_token".
    pub note: Option<String>,
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

/// What a handler wants the log to say about a request; it travels as an extension of the answer.
#[derive(Clone, Debug)]
pub(crate) struct Note(pub(crate) String);

/// Query parameters whose values are secrets.
const SECRET_PARAMETERS: [&str; 9] = [
    "access_token",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "id_token_hint",
    "password",
    "refresh_token",
    "token",
];

/// Path and query with the values of secret parameters blanked.
pub(crate) fn without_secrets(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let blanked = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if SECRET_PARAMETERS.contains(&name.to_ascii_lowercase().as_str()) => {
            format!("{name}=***")
        }
        _ => pair.to_owned(),
    });
    format!("{path}?{}", blanked.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_a_query_do_not_reach_the_log() {
        assert_eq!(without_secrets("/a?x=1&code=abc&Token=z"), "/a?x=1&code=***&Token=***");
        assert_eq!(without_secrets("/a"), "/a");
    }
}
