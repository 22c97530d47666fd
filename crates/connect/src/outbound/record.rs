//! What stays of a call: counters, and a note for the request log. Nothing here waits or locks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base::{Clock, Error, Random, RequestId, Result, Timestamp};
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue, Method, Response, Uri};
use store::requests::Request;

use super::body::Body;
use super::notes::Notes;
use crate::held::{Held, Learned};

/// Says which permission a refusal lacks.
pub(crate) const NEEDS_SCOPE_HEADER: &str = "x-gangway-needs-scope";
/// How much of a path is kept.
const PATH_BYTES_MAX: usize = 2_048;
/// How much of a provider's name of a call is kept.
const ACTIVITY_ID_BYTES_MAX: usize = 128;

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
    pub(crate) fn count(&self, result: &Result<Response<Body>>) {
        let counter = match result {
            Ok(answer) if is_success(answer) => &self.answered,
            Ok(_) => &self.refused,
            Err(_) => &self.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

fn is_success(answer: &Response<Body>) -> bool {
    !answer.status().is_client_error() && !answer.status().is_server_error()
}

/// Lets so many successes a second through.
#[derive(Debug)]
pub(crate) struct Sample {
    per_second: u64,
    /// The second in the upper bits, how many it has had in the lower.
    taken: AtomicU64,
}

const TAKEN_BITS: u32 = 24;

impl Sample {
    pub fn new(per_second: u32) -> Self {
        let per_second = u64::from(per_second).min((1 << TAKEN_BITS) - 1);
        Self { per_second, taken: AtomicU64::new(0) }
    }

    fn takes(&self, now: Timestamp) -> bool {
        let second = u64::try_from(now.as_secs()).unwrap_or(0) << TAKEN_BITS;
        let one_more = |taken: u64| {
            let of_this_second = taken.checked_sub(second).filter(|n| *n < 1 << TAKEN_BITS);
            let next = of_this_second.unwrap_or(0) + 1;
            (next <= self.per_second).then_some(second + next)
        };
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok()
    }
}

/// A call on its way.
pub(crate) struct Call<'c> {
    pub held: &'c Arc<Held>,
    pub method: &'c Method,
    /// None while it has no address.
    pub uri: Option<&'c Uri>,
    pub began: Timestamp,
}

impl Call<'_> {
    /// Notes how the call ended: a failure always, a success while the sample takes more.
    pub fn record(
        &self,
        notes: &Notes,
        (clock, random): (&Clock, &Random),
        result: Result<&Response<Body>, &Error>,
    ) {
        let now = clock.now();
        let took = now.since(self.began);
        let host = self.uri.and_then(Uri::host).unwrap_or_default();
        match result {
            Ok(answer) => tracing::debug!(host, status = answer.status().as_u16(), ?took, "called"),
            Err(error) => tracing::warn!(host, ?error, ?took, "a call failed"),
        }
        if result.is_ok_and(is_success) && !notes.sample.takes(now) {
            notes.count_success(self.held);
            return;
        }
        let headers = result.ok().map(Response::headers);
        let activity_id = self.held.provider.proxy.activity_id_header.as_ref();
        let activity_id = headers.zip(activity_id).and_then(|(headers, name)| headers.get(name));
        let path = self.uri.map(Uri::path).unwrap_or_default();
        notes.add(Request {
            id: RequestId::new(clock, random),
            project_id: self.held.project_id,
            user_id: self.held.user_id,
            integration_id: self.held.integration_id,
            credential_id: self.held.id,
            method: self.method.as_str().to_owned(),
            host: host.to_owned(),
            path: path[..path.floor_char_boundary(PATH_BYTES_MAX)].to_owned(),
            status: result.ok().map(|answer| answer.status().as_u16()),
            duration: took,
            bytes: headers.and_then(|headers| number(headers.get(CONTENT_LENGTH))),
            error_code: result.err().map(|error| error.code().to_owned()),
            activity_id: activity_id.and_then(|value| text(value, ACTIVITY_ID_BYTES_MAX)),
            needs_scope: needs_scope(headers, result.err()),
            created_at: self.began,
        });
    }
}

fn text(value: &HeaderValue, bytes_max: usize) -> Option<String> {
    value.to_str().ok().filter(|text| text.len() <= bytes_max).map(str::to_owned)
}

fn number(value: Option<&HeaderValue>) -> Option<u64> {
    value?.to_str().ok()?.parse().ok()
}

fn needs_scope(headers: Option<&HeaderMap>, error: Option<&Error>) -> Option<String> {
    let told = headers.and_then(|headers| headers.get(NEEDS_SCOPE_HEADER));
    let meant = error.and_then(|error| error.meta()?.get("needsScope")?.as_str());
    told.and_then(|value| value.to_str().ok()).or(meant).map(str::to_owned)
}

/// A credential whose successes are counted and not written yet.
pub(crate) struct Uncounted {
    pub held: Arc<Held>,
}

impl Uncounted {
    /// Takes what was counted.
    pub fn take(&self) -> u64 {
        self.held.learned.successes.swap(0, Ordering::Relaxed)
    }
}

impl Learned {
    /// Counts a success; true when it is the first since the count was taken.
    pub fn count_success(&self) -> bool {
        self.successes.fetch_add(1, Ordering::Relaxed) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_takes_its_number_each_second_and_no_more() {
        let sample = Sample::new(2);
        let taken = |second| sample.takes(Timestamp::from_secs(second));
        assert_eq!(
            [taken(5), taken(5), taken(5), taken(6), taken(6)],
            [true, true, false, true, true]
        );
        assert!(!Sample::new(0).takes(Timestamp::from_secs(5)));
    }
}
