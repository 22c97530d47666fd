//! The areas of a project.

use std::time::Duration;

use super::super::nodes;
use crate::source::Source;

/// The source.
pub fn source() -> Source {
    Source {
        key: "areas",
        title: "Areas",
        needs: &["project"],
        uses: &["organization"],
        life: Duration::from_secs(600),
        load: |context, inputs| Box::pin(nodes::load(context, inputs, "areas")),
    }
}
