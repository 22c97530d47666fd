//! The vendor's Task History API: what ran, read from the same journal as everything else, under the
//! paths and in the form that clients of the vendor know.

mod caller;
pub mod detail;
pub mod list;
mod query;
mod rate;
mod wire;

pub use rate::Rates;
