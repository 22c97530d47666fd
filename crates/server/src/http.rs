//! What every request passes before a handler sees it.

pub mod body;
pub mod cors;
pub mod limits;
pub mod log;
pub mod serve;
