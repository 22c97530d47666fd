//! `gangway guest`: this program as a guest that runs functions for another process of it. Not for
//! people: it speaks with its parent over standard input and output.

use std::process::ExitCode;

/// The name of the command.
pub const GUEST: &str = "guest";

/// Serves until the parent leaves. No thread may have been started before.
pub fn run() -> ExitCode {
    engine::guest::run()
}
