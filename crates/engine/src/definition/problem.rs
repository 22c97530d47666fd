//! What is wrong with a definition, and where.

use base::Error;
use serde::Serialize;
use serde_json::json;

/// One fault of a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where it stands: `steps.search.input.project`, or empty for the whole.
    pub path: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl Problem {
    /// A fault at a place.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }

    /// All faults as one error.
    pub fn error(problems: &[Self]) -> Error {
        let lines: Vec<String> = problems
            .iter()
            .map(|problem| match problem.path.as_str() {
                "" => problem.message.clone(),
                path => format!("{path}: {}", problem.message),
            })
            .collect();
        Error::invalid("invalid_definition", lines.join("\n"))
            .with_meta(json!({ "problems": problems }))
    }
}
