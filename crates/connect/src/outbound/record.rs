//! Counts calls and tells the log of those that failed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base::Result;
use http::Response;

use super::body::Body;

/// How calls ended since this process began.
#[derive(Debug, Default)]
pub struct Counters {
    /// Answered by the provider with a status below 400.
    pub answered: AtomicU64,
    /// Answered by the provider with a status from 400.
    pub refused: AtomicU64,
    /// Without an answer.
    pub failed: AtomicU64,
}

impl Counters {
    pub(crate) fn record(&self, host: &str, took: Duration, result: &Result<Response<Body>>) {
        match result {
            Ok(answer) => {
                let status = answer.status();
                let ok = !status.is_client_error() && !status.is_server_error();
                let counter = if ok { &self.answered } else { &self.refused };
                counter.fetch_add(1, Ordering::Relaxed);
                tracing::debug!(host, status = status.as_u16(), ?took, "called");
            }
            Err(error) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(host, ?error, ?took, "a call failed");
            }
        }
    }
}
