//! What comes after a step.

use serde_json::Value;

use super::Step;
use crate::steps::StepKind;

impl Step {
    /// The key of the step after this one, once it has ended with this output.
    pub fn following(&self, output: &Value) -> Option<&str> {
        match &self.kind {
            StepKind::Conditional(conditional) => {
                let holds = output.get("selectedChoice").and_then(Value::as_str) == Some("Yes");
                let chosen = if holds { &conditional.when_true } else { &conditional.when_false };
                chosen.as_deref().or(self.next.as_deref())
            }
            _ => self.next.as_deref(),
        }
    }
}
