//! What a workflow is: a trigger and steps, as a document that files, the API and the builder share.
//!
//! The document is JSON (or the same in YAML), with a version of its format. Its keys are chosen by
//! people and stable, so that a definition reads the same in every environment and in Git.

mod check;
mod document;
mod following;
mod graph;
mod key;
mod plan;
mod problem;
mod reading;
mod settings;
mod trigger;
mod user_input;

pub use check::{Head, Offered, Surroundings, check, reading_order};
pub use document::{Definition, Step};
pub use graph::Graph;
pub use key::is_key;
pub use plan::{Plan, PlannedStep};
pub use problem::Problem;
pub use settings::{PortalSettings, UserInput};
pub use trigger::{
    CatchUp, DataType, Expected, RequestTrigger, Schedule, Trigger, WebhookLevel, WebhookProof,
    WebhookTrigger,
};
pub use user_input::{SETTING_BYTES_MAX, check_inputs, is_blank, missing};

/// The version of the document's format that is written. Older ones are read for ever.
pub const FORMAT_VERSION: u32 = 1;
/// How many steps a workflow may have.
pub const STEPS_MAX: usize = 500;
/// How large a definition may be, as JSON text.
pub const DEFINITION_BYTES_MAX: usize = 1024 * 1024;
