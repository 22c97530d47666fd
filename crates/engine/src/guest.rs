//! Function steps' JavaScript. It runs in guests: processes of this same program that lock
//! themselves in before they read the first job (`inside`). The host keeps a pool of them
//! ([`Pool`]); a guest serves one project, and every call gets a fresh interpreter.
//!
//! What the two say to each other is in `wire`: JSON documents with their length before them. The
//! host believes nothing a guest says beyond its bounds.

mod call;
mod failure;
mod frame;
mod inside;
mod isolation;
mod limits;
mod pool;
mod wire;

pub use call::{Call, Level, LogLine, Problem, Returned};
pub use failure::{FunctionError, FunctionErrorKind};
pub use inside::{lock_in, run};
pub use isolation::{Isolation, LandlockLevel};
pub use limits::Limits;
pub use pool::{Pool, Program, Settings};
