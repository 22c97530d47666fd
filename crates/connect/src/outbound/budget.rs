//! Waits that the provider asked for: while one lasts, calls wait or are refused here instead of
//! there.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base::{CredentialId, Error, ErrorKind, Result, Timestamp};
use http::header::RETRY_AFTER;
use http::{HeaderMap, Response, StatusCode};
use serde_json::json;
use store::changes::Change;
use store::rate_limit_waits::Wait;

use super::body::Body;
use crate::Connect;
use crate::config::RateLimit;
use crate::held::{Held, Learned};

/// The longest wait that is believed.
const WAIT_MAX: Duration = Duration::from_secs(3_600);
/// How many calls with one credential wait at once; more are refused.
const WAITING_MAX: usize = 1_000;
/// A wait is written once more when it grows by this much.
const WRITTEN_EVERY: Duration = Duration::from_secs(1);

/// A place in the line of those who wait.
struct Place<'l>(&'l AtomicUsize);

impl<'l> Place<'l> {
    fn take(waiting: &'l AtomicUsize) -> Option<Self> {
        let place = Self(waiting);
        (waiting.fetch_add(1, Ordering::SeqCst) < WAITING_MAX).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Connect {
    /// Lets a call that began then pass at once while the provider wants calls. Else it waits in
    /// line, or is refused, as the settings say.
    pub(crate) async fn keep_to_budget(&self, held: &Held, began: Timestamp) -> Result<()> {
        let (learned, now) = (&held.learned, self.0.clock.now());
        if Learned::time(&learned.wait_until) <= now && learned.waiting.load(Ordering::Relaxed) == 0
        {
            return Ok(());
        }
        self.wait_in_line(held, began + self.longest_wait()).await
    }

    fn longest_wait(&self) -> Duration {
        match self.0.network.limits.rate_limit {
            RateLimit::Refuse => Duration::ZERO,
            RateLimit::Wait(longest) => longest,
        }
    }

    /// Whether a call that began then is worth repeating after the wait that this answer asks for.
    pub(crate) fn can_wait(&self, held: &Held, began: Timestamp, answer: &Response<Body>) -> bool {
        let until = Learned::time(&held.learned.wait_until);
        answer.status() == StatusCode::TOO_MANY_REQUESTS
            && until > self.0.clock.now()
            && until <= began + self.longest_wait()
    }

    async fn wait_in_line(&self, held: &Held, give_up: Timestamp) -> Result<()> {
        let (learned, clock) = (&held.learned, &self.0.clock);
        let refused = || refused(held, clock.now());
        if Learned::time(&learned.wait_until) > give_up {
            return Err(refused());
        }
        let _place = Place::take(&learned.waiting).ok_or_else(refused)?;
        // Whoever came first is first in line, and the others stand behind.
        let turn = clock.timeout(give_up.since(clock.now()), learned.line.lock()).await;
        let _turn = turn.ok_or_else(refused)?;
        loop {
            let until = Learned::time(&learned.wait_until);
            if until <= clock.now() {
                return Ok(());
            }
            if until > give_up {
                return Err(refused());
            }
            clock.sleep_until(until).await;
        }
    }

    /// Notes the wait that an answer asks for. `Retry-After` can stand on a success too; that no
    /// call is left counts on a refusal only, for a provider may count each kind of call by itself.
    /// Every process hears of it.
    pub(crate) fn note_wait(&self, held: &Held, status: StatusCode, headers: &HeaderMap) {
        let refused = matches!(status, StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS);
        let asked = headers.get(RETRY_AFTER);
        if asked.is_none() && !refused {
            return;
        }
        let now = self.0.clock.now();
        let asked = asked.and_then(|value| parse(value.to_str().ok()?.trim(), now));
        let told = || held.provider.rate_limit.wait(headers, now).filter(|_| refused);
        let asked = asked.or_else(told);
        let Some(wait) = asked.filter(|wait| !wait.is_zero()) else { return };
        let until = now + wait.min(WAIT_MAX);
        held.learned.wait_until.fetch_max(until.0, Ordering::Relaxed);
        let written = Learned::time(&held.learned.wait_written);
        if until < written + WRITTEN_EVERY {
            return;
        }
        held.learned.wait_written.store(until.0, Ordering::Relaxed);
        self.0.notes.wait(Wait {
            project_id: held.project_id,
            user_id: held.user_id,
            credential_id: held.id,
            until,
        });
    }

    /// Hears of a wait that another process was told.
    pub(crate) fn hear_of_wait(&self, change: &Change) {
        let mut parts = change.subject.split(' ');
        let mut part = || parts.next().unwrap_or_default();
        let (user, credential, until) = (part().parse(), part().parse(), part().parse());
        if let (Ok(user), Ok(credential), Ok(until)) = (user, credential, until)
            && let Some(held) = self.known(change.project_id, user, credential)
        {
            held.learned.wait_until.fetch_max(until, Ordering::Relaxed);
        }
    }

    fn known(
        &self,
        project_id: base::ProjectId,
        user_id: base::ConnectedUserId,
        id: CredentialId,
    ) -> Option<Arc<Held>> {
        self.0.accounts.known(&(project_id, user_id), id)
    }
}

fn refused(held: &Held, now: Timestamp) -> Error {
    let wait = Learned::time(&held.learned.wait_until).since(now);
    let seconds = wait.as_micros().div_ceil(1_000_000).max(1);
    let message = format!(
        "{} asked for fewer calls with this account; try again in {seconds} seconds.",
        held.provider.name
    );
    let meta = json!({ "retryAfterSeconds": seconds });
    Error::new(ErrorKind::RateLimited, "rate_limited", message).with_meta(meta)
}

/// Seconds, whole or not, or a date.
pub(crate) fn parse(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let since_epoch = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp(i64::try_from(since_epoch.as_micros()).ok()?).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_as_seconds_or_as_a_date() {
        let now = Timestamp::from_secs(784_111_777);
        assert_eq!(parse("30", now), Some(Duration::from_secs(30)));
        assert_eq!(parse("0.5", now), Some(Duration::from_millis(500)));
        assert_eq!(parse("Sun, 06 Nov 1994 08:49:40 GMT", now), Some(Duration::from_secs(3)));
        assert_eq!(parse("Sun, 06 Nov 1994 08:49:30 GMT", now), Some(Duration::ZERO));
        assert_eq!(parse("-1", now), None);
        assert_eq!(parse("soon", now), None);
    }
}
