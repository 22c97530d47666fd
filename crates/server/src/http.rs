//! What every request passes before a handler sees it.

pub mod body;
pub mod client;
pub mod cors;
pub mod deadline;
pub mod limits;
pub mod log;
pub mod serve;
