//! What is wrong with what end users see of a workflow.

use super::{Checker, TEXT_CHARS_MAX};
use crate::definition::check_inputs;
use crate::people::Permissions;

impl Checker<'_> {
    pub(super) fn portal(&mut self) {
        let portal = &self.definition.portal;
        self.problems.extend(check_inputs(&portal.inputs, "portal.inputs"));
        self.text("portal.info", portal.info.as_deref().unwrap_or_default(), TEXT_CHARS_MAX);
        if let Err(faults) = Permissions::of(portal) {
            for fault in faults {
                let joint = if fault.path.is_empty() { "" } else { "." };
                self.problem(format!("portal.permissions{joint}{}", fault.path), fault.message);
            }
        }
        if portal.default_enabled && portal.inputs.iter().any(|input| input.required) {
            let message = "A workflow with required settings cannot be on by itself: somebody has \
                           to fill them in first.";
            self.problem("portal.default_enabled", message);
        }
    }
}
