//! `[workflows]`: running workflows.

use std::time::Duration;

use engine::runner::RunnerConfig;
use serde::Deserialize;

use super::problem::Problems;
use super::values;

/// Running workflows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflows {
    /// How many executions this process works on at once.
    pub running_max: usize,
    /// How many executions of one project run at once on all processes; 0 means any number.
    pub running_per_project_max: usize,
    /// How large the journal of an execution may be.
    pub journal_bytes_max: usize,
    /// How long an execution that has ended is kept.
    #[serde(rename = "kept_days", deserialize_with = "values::days")]
    pub kept: Duration,
}

impl Workflows {
    pub(super) fn check(&self, problems: &mut Problems) {
        if self.running_max == 0 {
            problems.add("workflows.running_max", "It must be 1 or more.");
        }
    }

    /// What the runner wants to know.
    pub const fn runner(&self) -> RunnerConfig {
        RunnerConfig {
            running_max: self.running_max,
            running_per_project_max: self.running_per_project_max,
            journal_bytes_max: self.journal_bytes_max,
        }
    }
}
