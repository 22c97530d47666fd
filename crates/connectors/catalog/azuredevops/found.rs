//! Finds the ids that a query means, page by page, however many there are.

use base::{Error, ErrorKind, Result};
use serde_json::Value;

use super::api::{self, Place};
use super::refusal;
use super::wiql::Query;
use crate::context::ActionContext;

/// How many ids an ordered search leads to. They are kept in the cursor, so that no item is missed
/// or met twice when somebody changes one meanwhile.
pub const ORDERED_MAX: usize = 10_000;
/// How many ids a range has that cannot hold more items than the service counts.
const RANGE_MIN: i64 = 20_000;
/// A range with fewer items than this is followed by one twice as wide.
const SPARSE: usize = 5_000;
/// The most ranges that are looked through for one page.
const RANGES_MAX: usize = 200;
/// The base in which a cursor holds ids.
const CURSOR_RADIX: u32 = 36;

/// Where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// Above this id.
    After(i64),
    /// With the first of these. The last says whether the query found more.
    Listed(Vec<i64>, bool),
}

impl Cursor {
    /// Reads what an earlier answer gave.
    pub fn parse(text: &str) -> Result<Self> {
        let id = |text: &str| i64::from_str_radix(text, CURSOR_RADIX).ok();
        let read = match text.split_once(':') {
            Some(("after", after)) => id(after).map(Self::After),
            Some((kind @ ("ids" | "first"), ids)) => {
                let ids: Option<Vec<i64>> = ids.split('.').map(id).collect();
                ids.map(|ids| Self::Listed(ids, kind == "first"))
            }
            _ => None,
        };
        read.ok_or_else(|| {
            let message = "The cursor is not one that an earlier answer gave as next.";
            Error::invalid("invalid_cursor", message)
        })
    }

    /// As an answer gives it.
    pub fn text(&self) -> String {
        match self {
            Self::After(id) => format!("after:{}", in_radix(*id)),
            Self::Listed(ids, more) => {
                let ids: Vec<String> = ids.iter().map(|id| in_radix(*id)).collect();
                format!("{}:{}", if *more { "first" } else { "ids" }, ids.join("."))
            }
        }
    }
}

/// Up to `wanted` ids, and where the next page begins.
pub async fn page(
    context: &ActionContext,
    place: Place<'_>,
    query: &Query,
    cursor: Option<Cursor>,
    wanted: usize,
) -> Result<(Vec<i64>, Option<Cursor>)> {
    match cursor {
        Some(Cursor::Listed(ids, more)) => cut(ids, more, wanted),
        Some(Cursor::After(id)) => above(context, place, query, id, wanted).await,
        None if query.is_ordered() || query.is_of_links() => {
            let asked = (ORDERED_MAX + 1, query.has_times());
            let answer = api::query(context, place, &query.text()?, asked).await?;
            let mut ids = ids_of(&answer);
            let more = ids.len() > ORDERED_MAX;
            ids.truncate(ORDERED_MAX);
            cut(ids, more, wanted)
        }
        None => above(context, place, query, 0, wanted).await,
    }
}

fn cut(mut ids: Vec<i64>, more: bool, wanted: usize) -> Result<(Vec<i64>, Option<Cursor>)> {
    let rest = ids.split_off(wanted.min(ids.len()));
    if ids.is_empty() && more {
        let message = format!(
            "An ordered search leads to its first {ORDERED_MAX} items only, and there are more: \
             leave out the order, or narrow the search."
        );
        return Err(Error::new(ErrorKind::TooLarge, refusal::TOO_MANY, message));
    }
    let next = (!rest.is_empty() || more).then_some(Cursor::Listed(rest, more));
    Ok((ids, next))
}

/// Ids above one, in their order. The service refuses to count beyond 20,000 rows, so then the ids
/// are gone through range by range.
async fn above(
    context: &ActionContext,
    place: Place<'_>,
    query: &Query,
    after: i64,
    wanted: usize,
) -> Result<(Vec<i64>, Option<Cursor>)> {
    let ask = async |after: i64, last: Option<i64>, wanted: usize| {
        let text = query.within(after, last).text()?;
        match api::query(context, place, &text, (wanted, query.has_times())).await {
            Ok(answer) => Ok(Some(ids_of(&answer))),
            Err(error) if error.code() == refusal::TOO_MANY => Ok(None),
            Err(error) => Err(error),
        }
    };
    let (mut found, mut low, mut width) = (Vec::new(), after, RANGE_MIN);
    for _ in 0..RANGES_MAX {
        // One more tells whether there is another page.
        let missing = wanted + 1 - found.len();
        if let Some(rest) = ask(low, None, missing).await? {
            found.extend(rest);
            return Ok(first(found, wanted));
        }
        match ask(low, Some(low + width), missing).await? {
            None => width = (width / 2).max(RANGE_MIN),
            Some(ids) => {
                low += width;
                if ids.len() < SPARSE {
                    width = width.saturating_mul(2);
                }
                found.extend(ids);
                if found.len() > wanted {
                    return Ok(first(found, wanted));
                }
            }
        }
    }
    let message = "The work items found lie too far apart to be gone through: narrow the search.";
    Err(Error::new(ErrorKind::TooLarge, refusal::TOO_MANY, message))
}

fn first(mut ids: Vec<i64>, wanted: usize) -> (Vec<i64>, Option<Cursor>) {
    let more = ids.len() > wanted;
    ids.truncate(wanted);
    let next = ids.last().filter(|_| more).map(|id| Cursor::After(*id));
    (ids, next)
}

/// The ids in an answer, each once, in its order; of links those they lead to.
fn ids_of(answer: &Value) -> Vec<i64> {
    if !answer["workItemRelations"].is_array() {
        return api::found_ids(answer);
    }
    let rows = answer["workItemRelations"].as_array().map_or(&[][..], Vec::as_slice);
    let mut seen = std::collections::HashSet::new();
    let ids = rows.iter().filter_map(|row| row["target"]["id"].as_i64());
    ids.filter(|id| seen.insert(*id)).collect()
}

fn in_radix(mut id: i64) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(id % i64::from(CURSOR_RADIX)).unwrap_or_default();
        digits.push(char::from_digit(digit, CURSOR_RADIX).unwrap_or('0'));
        id /= i64::from(CURSOR_RADIX);
        if id <= 0 {
            return digits.iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        for cursor in [
            Cursor::After(0),
            Cursor::After(123_456),
            Cursor::Listed(vec![3, 1, 999_999], false),
            Cursor::Listed(vec![35, 36], true),
        ] {
            assert_eq!(Cursor::parse(&cursor.text()).unwrap(), cursor);
        }
        for text in ["", "after:", "after:!", "ids:1..2", "x:1"] {
            assert_eq!(Cursor::parse(text).unwrap_err().code(), "invalid_cursor", "{text}");
        }
    }

    #[test]
    fn a_list_is_cut_into_pages_and_says_when_it_is_not_all() {
        let (ids, next) = cut(vec![5, 4, 3], false, 2).unwrap();
        assert_eq!((ids, &next), (vec![5, 4], &Some(Cursor::Listed(vec![3], false))));
        let (ids, next) = cut(vec![3], false, 2).unwrap();
        assert_eq!((ids, next), (vec![3], None));
        assert_eq!(cut(vec![], false, 2).unwrap(), (vec![], None));
        let (_, next) = cut(vec![3], true, 2).unwrap();
        let Some(Cursor::Listed(rest, more)) = next else { panic!("there is more") };
        assert_eq!(cut(rest, more, 2).unwrap_err().code(), refusal::TOO_MANY);
    }
}
