//! A step that does the same for every item of a list.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How many items a fan out may have.
pub const ITEMS_MAX: usize = 10_000;
/// How many items a fan out may have that reads them page by page.
pub const PAGED_ITEMS_MAX: usize = 50_000;
/// How many items are worked on at once where the step does not say.
pub const PARALLEL_DEFAULT: u32 = 10;
/// The most that are worked on at once.
pub const PARALLEL_MAX: u32 = 100;

/// Runs a path of steps for each item of a list, several at once, and goes on when all have ended.
/// Inside, `item` and `index` are the item and its place. After it, each step of the path stands for
/// the list of its outputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FanOut {
    /// The list: a template of an array.
    pub items: Value,
    /// The first step of the path.
    pub each: String,
    /// An action step before this one whose answer was the first page: when its items have been
    /// worked on, the further pages are read, one after the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages_of: Option<String>,
    /// How many items are worked on at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallel: Option<u32>,
}
