//! Lists are read page by page. A page ends with the place of its last row, not with a count, so
//! that rows added or removed meanwhile neither repeat nor hide others.

use std::str::FromStr;

use base::{Error, Result, Timestamp};

use crate::query::Statement;

/// The largest page.
pub const PAGE_ROWS_MAX: u32 = 200;
/// Ids are UUIDs.
const ID_BYTES: usize = 36;

/// Which page is wanted.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// The `next` of the page before; none for the first.
    pub after: Option<Cursor>,
    /// How many rows, at most [`PAGE_ROWS_MAX`]; 0 means 50.
    pub limit: u32,
}

impl PageRequest {
    pub(crate) fn rows(&self) -> i64 {
        i64::from(if self.limit == 0 { 50 } else { self.limit.min(PAGE_ROWS_MAX) })
    }

    /// Binds the creation time and the id after which the page begins, and how many rows to read.
    pub(crate) fn oldest_first<'q>(&self, statement: Statement<'q>) -> Statement<'q> {
        self.bind(statement, i64::MIN)
    }

    /// The same in a list that has the newest first: the page begins before that.
    pub(crate) fn newest_first<'q>(&self, statement: Statement<'q>) -> Statement<'q> {
        self.bind(statement, i64::MAX)
    }

    /// One row more than wanted tells whether there is another page.
    fn bind<'q>(&self, statement: Statement<'q>, first: i64) -> Statement<'q> {
        let (created_at, id) =
            self.after.as_ref().map_or((first, ""), |cursor| (cursor.created_at.0, &*cursor.id));
        statement.bind(created_at).bind(id.to_owned()).bind(self.rows() + 1)
    }
}

/// One page of a list, in the order of creation unless its function says otherwise.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; none when this is the last.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Makes a page of what a query for one row more than wanted has found.
    pub(crate) fn of(mut found: Vec<T>, rows: i64, place: impl Fn(&T) -> Cursor) -> Self {
        let rows = usize::try_from(rows).unwrap_or(0);
        let next = (found.len() > rows).then(|| place(&found[rows - 1]));
        found.truncate(rows);
        Self { items: found, next }
    }
}

/// The place of a row in a list. Its text form is opaque to callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) created_at: Timestamp,
    pub(crate) id: String,
}

impl Cursor {
    pub(crate) fn new(created_at: Timestamp, id: impl ToString) -> Self {
        Self { created_at, id: id.to_string() }
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.created_at.0, self.id)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.split_once('.')
            .filter(|(_, id)| id.len() == ID_BYTES && id.is_ascii() && !id.contains('\0'))
            .and_then(|(time, id)| Some(Self::new(Timestamp(time.parse().ok()?), id)))
            .ok_or_else(|| {
                Error::invalid("invalid_cursor", "Pass the \"next\" of the page before as it came.")
            })
    }
}
