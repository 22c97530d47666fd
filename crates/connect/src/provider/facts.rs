//! How a provider pages its lists and limits its calls: facts for whoever calls it in a loop.

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
    /// RFC 3339.
    Timestamp,
}
