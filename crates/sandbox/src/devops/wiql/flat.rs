//! Runs a query of items.

use std::cmp::Ordering;

use super::ast::Query;
use super::bind::{self, Context};
use super::held;
use super::lens::Lens;
use super::probe::Test;
use crate::devops::catalog::fields::Field;
use crate::devops::problem::Problem;
use crate::devops::state::{Revision, WorkItem};

/// How many rows a query can give.
pub const MAX_ROWS: usize = 20_000;

/// The ids of the items a query finds, in its order.
pub fn run(context: &Context<'_>, query: &Query) -> Result<Vec<u32>, Problem> {
    let filter = query.filter.as_ref().map(|node| bind::test(context, node)).transpose()?;
    let filter = filter.unwrap_or(Test::All(Vec::new()));
    let order = order(query)?;
    let lens = &context.lens;
    let mut found: Vec<_> =
        lens.items().filter(|(item, revision)| filter.passes(lens, item, revision)).collect();
    sort(lens, &mut found, &order);
    Ok(found.into_iter().map(|(item, _)| item.id).collect())
}

/// The fields a query orders by.
pub fn order(query: &Query) -> Result<Vec<(&'static Field, bool)>, Problem> {
    query.order.iter().map(|(name, descending)| Ok((bind::field(name)?, *descending))).collect()
}

/// Puts items in order; where nothing is said, or all is the same, by number.
pub fn sort(
    lens: &Lens<'_>,
    items: &mut [(&WorkItem, &Revision)],
    order: &[(&'static Field, bool)],
) {
    if order.is_empty() {
        return;
    }
    items.sort_by_cached_key(|(item, revision)| {
        let keys = order
            .iter()
            .map(|(field, descending)| (Key(held::of(lens, item, revision, field)), *descending));
        Keys(keys.collect(), item.id)
    });
}

struct Key(held::Held);

struct Keys(Vec<(Key, bool)>, u32);

impl Ord for Keys {
    fn cmp(&self, other: &Self) -> Ordering {
        let pairs = self.0.iter().zip(&other.0);
        let mut orders = pairs.map(|((one, descending), (other, _))| {
            let order = one.0.order(&other.0);
            if *descending { order.reverse() } else { order }
        });
        let first = orders.find(|order| *order != Ordering::Equal);
        first.unwrap_or_else(|| self.1.cmp(&other.1))
    }
}

impl PartialOrd for Keys {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Keys {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Keys {}

/// The first rows, if some are enough; too many rows are an error and never cut off in silence.
pub fn limited<T>(mut rows: Vec<T>, top: Option<usize>) -> Result<Vec<T>, Problem> {
    rows.truncate(top.unwrap_or(usize::MAX));
    if rows.len() > MAX_ROWS {
        return Err(Problem::tracking(
            "WorkItemTrackingQueryResultSizeLimitExceededException",
            format!(
                "VS402337: The number of work items returned exceeds the size limit of {MAX_ROWS}. Change the query to return fewer items."
            ),
        ));
    }
    Ok(rows)
}
