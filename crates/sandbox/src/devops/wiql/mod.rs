//! WIQL, the query language of work items.
//!
//! [`lexer`] and [`parser`] turn a text into an [`ast`]; [`bind`] finds its fields, checks its
//! operators and works out its macros; [`flat`] and [`linked`] run it over the items; [`answer`]
//! speaks HTTP.

pub mod answer;
pub mod ast;
pub mod bind;
mod dates;
mod flat;
mod groups;
mod held;
mod lens;
mod lexer;
pub mod linked;
mod macros;
pub mod parser;
mod probe;
mod words;

use super::problem::Problem;

pub use probe::is_under;

/// A query that cannot be run: the sentence, and the part of the text that is to blame.
fn refused(message: &str, cause: &str) -> Problem {
    let message = format!("{message} The error is caused by «{cause}».");
    Problem::tracking("WorkItemTrackingQueryException", message)
}
