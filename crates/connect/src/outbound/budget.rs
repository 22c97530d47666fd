//! Waits that the provider asked for: while one lasts, calls are refused here instead of there.

use std::sync::atomic::Ordering;
use std::time::Duration;

use base::{Error, ErrorKind, Result, Timestamp};
use http::HeaderMap;
use http::header::RETRY_AFTER;
use serde_json::json;

use crate::held::{Held, Learned};

/// The longest wait that is believed.
const WAIT_MAX: Duration = Duration::from_secs(3_600);

/// Refuses while the provider wants no calls.
pub(crate) fn require(held: &Held, now: Timestamp) -> Result<()> {
    let wait = Learned::time(&held.learned.wait_until).since(now);
    if wait.is_zero() {
        return Ok(());
    }
    let seconds = wait.as_micros().div_ceil(1_000_000);
    let message = format!(
        "{} asked for fewer calls with this account; try again in {seconds} seconds.",
        held.provider.name
    );
    let meta = json!({ "retryAfterSeconds": seconds });
    Err(Error::new(ErrorKind::RateLimited, "rate_limited", message).with_meta(meta))
}

/// Notes the wait that an answer asks for; it can stand on a success too.
pub(crate) fn note(held: &Held, headers: &HeaderMap, now: Timestamp) {
    let asked = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    if let Some(wait) = asked.and_then(|text| parse(text.trim(), now)) {
        let until = now + wait.min(WAIT_MAX);
        held.learned.wait_until.fetch_max(until.0, Ordering::Relaxed);
    }
}

/// Seconds, whole or not, or a date.
fn parse(text: &str, now: Timestamp) -> Option<Duration> {
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
