//! Event destinations: telling host developers what happens, at addresses of theirs.

mod body;
mod deliver;
mod pauses;

pub use body::{compile, document};
pub use deliver::{deliver_due, deliver_test};
pub use pauses::{ATTEMPTS_MAX, FAILING_MAX};
