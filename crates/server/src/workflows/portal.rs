//! What end users see of an integration, and set for all of its workflows.

use base::Result;
use engine::definition::{Problem, UserInput, check_inputs};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How long the overview may be.
const OVERVIEW_CHARS_MAX: usize = 50_000;
/// How long the description may be.
const DESCRIPTION_CHARS_MAX: usize = 500;

/// The portal document of an integration, the same in files, in the API and in the database.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IntegrationPortal {
    /// A line about the integration.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// A page about it, in Markdown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub overview: String,
    /// The colour of buttons, `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent_color: Option<String>,
    /// What people set for all of its workflows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<UserInput>,
}

impl IntegrationPortal {
    /// Reads a stored document. What a newer version wrote into it is left out.
    pub fn stored(document: &Map<String, Value>) -> Self {
        serde_json::from_value(Value::Object(document.clone())).unwrap_or_else(|cause| {
            tracing::error!(%cause, "portal settings are unreadable");
            Self::default()
        })
    }

    /// Checks a document that somebody sent. It is stored as it is.
    ///
    /// # Errors
    /// `invalid_portal` with every fault.
    pub fn check(document: &Map<String, Value>) -> Result<()> {
        let read = serde_json::from_value(Value::Object(document.clone()));
        let portal: Self = read.map_err(|cause| {
            refused(&[Problem::new("", format!("The portal settings have another form: {cause}."))])
        })?;
        let problems = portal.problems();
        if problems.is_empty() { Ok(()) } else { Err(refused(&problems)) }
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = check_inputs(&self.inputs, "inputs");
        for (path, text, chars_max) in [
            ("description", &self.description, DESCRIPTION_CHARS_MAX),
            ("overview", &self.overview, OVERVIEW_CHARS_MAX),
        ] {
            if text.chars().count() > chars_max {
                let message = format!("This is longer than {chars_max} characters.");
                problems.push(Problem::new(path, message));
            }
        }
        if self.accent_color.as_deref().is_some_and(|color| !is_color(color)) {
            problems.push(Problem::new("accent_color", "Write a colour as #rrggbb."));
        }
        problems
    }
}

pub(super) fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        digits.len() == 6 && digits.bytes().all(|one| one.is_ascii_hexdigit())
    })
}

fn refused(problems: &[Problem]) -> base::Error {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| format!("{}: {}", problem.path, problem.message))
        .map(|line| line.trim_start_matches(": ").to_owned())
        .collect();
    base::Error::invalid("invalid_portal", lines.join("\n"))
        .with_meta(serde_json::json!({ "problems": problems }))
}
