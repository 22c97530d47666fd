//! The one place that prints.

use std::io::Write as _;

/// Prints lines for a person or a script. A closed pipe is nobody's problem.
pub fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// So many projects, in words.
pub fn count_projects(projects: u64) -> String {
    format!("{projects} project{}", if projects == 1 { "" } else { "s" })
}

/// Prints why a command failed: the sentence, then the causes.
pub fn complain(error: &anyhow::Error) {
    let mut out = std::io::stderr().lock();
    let _ = writeln!(out, "gangway: {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(out, "  because: {cause}");
    }
}
