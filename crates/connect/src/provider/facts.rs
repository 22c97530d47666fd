//! How a provider pages its lists and limits its calls: facts for whoever calls it in a loop.

use std::time::Duration;

use base::Timestamp;
use http::HeaderMap;
use serde::{Deserialize, Serialize};

/// How lists are paged.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "style", rename_all = "snake_case", deny_unknown_fields)]
pub enum Pagination {
    /// The header `Link` names the next page by `rel="next"` (RFC 8288).
    LinkHeader {
        /// The parameter of the page's size.
        size: Option<String>,
        /// The largest size.
        size_max: Option<u32>,
    },
    /// The answer names the address of the next page.
    NextUrl {
        /// JSON pointer of the address.
        next: String,
        /// JSON pointer of the list, where it is the same everywhere.
        items: Option<String>,
        /// The parameter of the page's size.
        size: Option<String>,
        /// The largest size.
        size_max: Option<u32>,
    },
    /// The answer names a cursor, which the next request gives back.
    Cursor {
        /// JSON pointer of the cursor.
        next: String,
        /// The parameter that gives it back.
        parameter: String,
        /// JSON pointer of the list, where it is the same everywhere.
        items: Option<String>,
        /// The parameter of the page's size.
        size: Option<String>,
        /// The largest size.
        size_max: Option<u32>,
    },
    /// The next request says where to begin.
    Offset {
        /// The parameter of the first entry's number.
        parameter: String,
        /// JSON pointer of the list, where it is the same everywhere.
        items: Option<String>,
        /// JSON pointer of the sum of all entries.
        total: Option<String>,
        /// The parameter of the page's size.
        size: Option<String>,
        /// The largest size.
        size_max: Option<u32>,
    },
}

/// The headers that tell how many calls are left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateLimit {
    /// The header of the number of calls in a window.
    pub limit: Option<String>,
    /// The header of the number that are left.
    pub remaining: Option<String>,
    /// The header of the end of the window.
    pub reset: Option<String>,
    /// How that end is written.
    pub reset_form: ResetForm,
}

/// How the end of a rate limit's window is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetForm {
    /// Seconds from now.
    #[default]
    SecondsLeft,
    /// Seconds since the epoch.
    EpochSeconds,
    /// Milliseconds since the epoch.
    EpochMilliseconds,
}

impl RateLimit {
    /// How long until calls are taken again, where an answer's headers say that none is left.
    pub(crate) fn wait(&self, headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
        let text = |name: &Option<String>| headers.get(name.as_deref()?)?.to_str().ok();
        if text(&self.remaining)?.trim().parse::<f64>().ok()? > 0.0 {
            return None;
        }
        let reset = text(&self.reset)?.trim();
        let number: u64 = reset.parse().ok()?;
        let end = match self.reset_form {
            ResetForm::SecondsLeft => return Some(Duration::from_secs(number)),
            ResetForm::EpochSeconds => number,
            ResetForm::EpochMilliseconds => number / 1_000,
        };
        // What does not fit into 32 bits is no time this century.
        let end = Timestamp::from_secs(u32::try_from(end).ok()?.into());
        Some(end.since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(form: &str, remaining: &str, reset: &str) -> Option<u64> {
        let limit: RateLimit = toml::from_str(&format!(
            "remaining = \"x-left\"\nreset = \"x-reset\"\nreset_form = \"{form}\""
        ))
        .unwrap();
        let headers = [("x-left", remaining), ("x-reset", reset)];
        let headers = headers.map(|(n, v)| (http::HeaderName::from_static(n), v.parse().unwrap()));
        let now = Timestamp::from_secs(1_790_000_000);
        limit.wait(&headers.into_iter().collect(), now).map(|wait| wait.as_secs())
    }

    #[test]
    fn the_end_of_a_window_is_read_in_every_form() {
        assert_eq!(wait("seconds_left", "0", "30"), Some(30));
        assert_eq!(wait("epoch_seconds", "0", "1790000040"), Some(40));
        assert_eq!(wait("epoch_milliseconds", "0", "1790000050000"), Some(50));
    }

    #[test]
    fn calls_that_are_left_and_nonsense_ask_for_no_wait() {
        assert_eq!(wait("seconds_left", "1", "30"), None);
        assert_eq!(wait("seconds_left", "none", "30"), None);
        assert_eq!(wait("seconds_left", "0", "soon"), None);
        assert_eq!(wait("epoch_seconds", "0", "18446744073709551615"), None);
        assert_eq!(wait("epoch_seconds", "0", "1"), Some(0));
    }
}
