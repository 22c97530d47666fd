//! What a definition is checked against: the project's integrations with their connectors, and the
//! guests that compile its functions.

use engine::definition::{Definition, Offered, Problem, Surroundings, check};
use engine::steps::StepKind;
use serde_json::Value;

use super::portal::IntegrationPortal;
use crate::app::App;
use crate::projects::ProjectView;

/// Checks a document against a project.
///
/// # Errors
/// Every fault.
pub fn check_in(
    app: &App,
    view: &ProjectView,
    document: &Value,
) -> Result<Definition, Vec<Problem>> {
    let offered = view.integrations.iter().filter_map(|integration| {
        let connector = app.catalogue().get(&integration.kind)?;
        let inputs = IntegrationPortal::stored(&integration.portal).inputs;
        Some((integration.kind.as_str(), Offered { connector, inputs }))
    });
    check(document, &Surroundings { integrations: offered.collect() })
}

/// Checks a document against a project, and compiles its functions.
///
/// # Errors
/// Every fault; those of functions when there is no other.
pub async fn check_with_functions(
    app: &App,
    view: &ProjectView,
    document: &Value,
) -> Result<Definition, Vec<Problem>> {
    let definition = check_in(app, view, document)?;
    let mut problems = Vec::new();
    for (key, step) in &definition.steps {
        let StepKind::Function(function) = &step.kind else { continue };
        let functions = &app.runner().world().functions;
        let found = functions.check(view.id(), function.source.as_str().into()).await;
        let message = match found {
            Ok(None) => continue,
            Ok(Some(problem)) => match problem.line {
                Some(line) => format!("Line {line}: {}", problem.message),
                None => problem.message,
            },
            Err(error) => error.message,
        };
        problems.push(Problem::new(format!("steps.{key}.source"), message));
    }
    if problems.is_empty() { Ok(definition) } else { Err(problems) }
}
