//! What failed in a render.

use std::fmt;

use super::path;

/// Why a template could not be rendered. It tells types and names, never the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderError {
    /// Where inside the template: `headers.accept`, or empty for the whole.
    pub path: String,
    /// The expression at fault as it was written, shortened; empty when the whole is at fault.
    pub expression: String,
    /// A sentence for whoever wrote the template.
    pub message: String,
}

impl RenderError {
    /// The same failure, seen from something that holds the template at `path`.
    #[must_use]
    pub fn below(mut self, path: &str) -> Self {
        self.path = path::join(path, &self.path);
        self
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        if !self.expression.is_empty() {
            write!(f, "{{{{ {} }}}}: ", self.expression)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for RenderError {}
