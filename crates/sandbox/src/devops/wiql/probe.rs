//! A comparison that is ready to be made with items.

use std::cmp::Ordering;

use uuid::Uuid;

use super::dates;
use super::held::{self, Held};
use super::lens::Lens;
use super::words;
use crate::devops::catalog::fields::{Field, Kind};
use crate::devops::state::{Revision, WorkItem};
use crate::devops::work_items::tags;

/// A condition, or several.
#[derive(Debug)]
pub enum Test {
    /// All of them; none is always true.
    All(Vec<Self>),
    /// One of them.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// A comparison.
    Check(Check),
}

/// A comparison with a field.
#[derive(Debug)]
pub struct Check {
    /// The field.
    pub field: &'static Field,
    /// What is asked of it.
    pub probe: Probe,
    /// Whether the answer must be no.
    pub negated: bool,
    /// Whether it is enough that it was true once.
    pub ever: bool,
    /// Whether dates count by the day.
    pub by_day: bool,
}

/// What can be asked of a value.
#[derive(Debug)]
pub enum Probe {
    /// Nothing: it may be anything.
    Anything,
    /// Its order beside another.
    Compare(Comparison, Held),
    /// Its order beside another field of the item.
    CompareField(Comparison, &'static Field),
    /// Whether it is one of these.
    OneOf(Vec<Held>),
    /// Whether it lies in one of these parts of the tree, in lower case.
    Under(Vec<String>),
    /// Whether it has a piece of text, in lower case; a tag must be whole.
    Contains(String),
    /// Whether it has all these words.
    Words(Vec<String>),
    /// Whether it is one of these people.
    Member(Vec<Uuid>),
    /// Whether there is none.
    Empty,
}

/// One of the orders two values can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The same.
    Equal,
    /// Larger.
    Greater,
    /// Smaller.
    Less,
    /// Larger or the same.
    GreaterOrEqual,
    /// Smaller or the same.
    LessOrEqual,
}

impl Test {
    /// Whether an item passes.
    pub fn passes(&self, lens: &Lens<'_>, item: &WorkItem, revision: &Revision) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(|test| test.passes(lens, item, revision)),
            Self::Any(tests) => tests.iter().any(|test| test.passes(lens, item, revision)),
            Self::Not(test) => !test.passes(lens, item, revision),
            Self::Check(check) if check.ever => {
                let mut revisions = item.revisions.iter().filter(|one| one.rev <= revision.rev);
                revisions.any(|one| check.holds(lens, item, one))
            }
            Self::Check(check) => check.holds(lens, item, revision),
        }
    }
}

impl Check {
    fn holds(&self, lens: &Lens<'_>, item: &WorkItem, revision: &Revision) -> bool {
        let held = || self.dated(held::of(lens, item, revision, self.field));
        let answer = match &self.probe {
            Probe::Anything => true,
            Probe::Compare(comparison, other) => comparison.holds(&held(), other),
            Probe::CompareField(comparison, field) => {
                let other = self.dated(held::of(lens, item, revision, field));
                comparison.holds(&held(), &other)
            }
            Probe::OneOf(values) => {
                let held = held();
                values.iter().any(|value| held.equals(value))
            }
            Probe::Under(roots) => match held() {
                Held::Text(path) => roots.iter().any(|root| is_under(&path, root)),
                _ => false,
            },
            Probe::Contains(piece) => match held() {
                Held::Text(text) if self.field.reference == "System.Tags" => {
                    tags::split(&text).contains(&piece.as_str())
                }
                Held::Text(text) | Held::Person(_, text) => text.contains(piece.as_str()),
                _ => false,
            },
            Probe::Words(search) if self.field.kind == Kind::History => {
                let last = item.comments.iter().filter_map(|comment| comment.versions.last());
                let mut texts = last.filter(|version| !version.is_deleted);
                texts.any(|version| words::contains_all(&version.text, search))
            }
            Probe::Words(search) => match held() {
                Held::Text(text) => words::contains_all(&text, search),
                _ => false,
            },
            Probe::Member(people) => match held() {
                Held::Person(account, _) => people.contains(&account),
                _ => false,
            },
            Probe::Empty => held() == Held::Nothing,
        };
        answer != self.negated
    }

    fn dated(&self, held: Held) -> Held {
        match held {
            Held::Moment(moment) if self.by_day => Held::Moment(dates::start_of_day(moment)),
            other => other,
        }
    }
}

/// Whether a path is the other or below it.
pub fn is_under(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'))
}

impl Comparison {
    /// Whether two values are in this order; what is empty is neither large nor small.
    fn holds(self, one: &Held, other: &Held) -> bool {
        if self == Self::Equal {
            return one.equals(other);
        }
        if *one == Held::Nothing || *other == Held::Nothing {
            return false;
        }
        let order = one.order(other);
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::Greater => order == Ordering::Greater,
            Self::Less => order == Ordering::Less,
            Self::GreaterOrEqual => order != Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
        }
    }
}
