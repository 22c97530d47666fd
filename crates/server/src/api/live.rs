//! Live views: what happens in an execution, and to a project's executions, as server-sent events.
//! Both are read from the store: this process is told of what it wrote itself, and looks twice a
//! second for what others wrote.

mod execution;
mod executions;
mod stream;

pub use execution::*;
pub use executions::*;
