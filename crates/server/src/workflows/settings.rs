//! Settings that people fill in: whether they fit, and what is still missing.

use base::{Error, Result, WorkflowId};
use engine::definition::{UserInput, missing};
use serde_json::{Map, Value, json};
use store::configurations::Configuration;

/// How many settings one configuration holds for one workflow, those of earlier versions included.
const SETTINGS_MAX: usize = 500;

/// The settings of a workflow in a configuration.
pub fn of_workflow(configuration: &Configuration, id: WorkflowId) -> Map<String, Value> {
    let stored = configuration.workflow_settings.get(&id.to_string());
    let settings = stored.and_then(|entry| entry.get("settings")).and_then(Value::as_object);
    settings.cloned().unwrap_or_default()
}

/// Stores the settings of a workflow in a configuration.
pub fn set_of_workflow(
    configuration: &mut Configuration,
    id: WorkflowId,
    settings: Map<String, Value>,
) {
    let entry = json!({ "settings": settings });
    configuration.workflow_settings.insert(id.to_string(), entry);
}

/// Checks new settings against their inputs. What is unknown passes only if it was stored before:
/// clients send back what earlier versions asked for.
///
/// # Errors
/// `invalid_settings` with every fault.
pub fn check(
    inputs: &[UserInput],
    new: &Map<String, Value>,
    stored: &Map<String, Value>,
) -> Result<()> {
    let mut faults = Vec::new();
    if new.len() > SETTINGS_MAX {
        faults.push(format!("there are at most {SETTINGS_MAX} settings"));
    }
    for (id, value) in new {
        match inputs.iter().find(|input| input.id == *id) {
            Some(input) => {
                if let Err(fault) = input.check_value(value) {
                    faults.push(format!("\"{}\" {fault}", input.title));
                }
            }
            None if stored.get(id) == Some(value) => {}
            None => faults.push(format!("there is no setting \"{id}\"")),
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    let message = format!("These settings cannot be stored: {}.", faults.join("; "));
    Err(Error::invalid("invalid_settings", message).with_meta(json!({ "faults": faults })))
}

/// The titles of required settings that are still blank, the integration's before the workflow's.
pub fn missing_for<'i>(
    shared: &'i [UserInput],
    own: &'i [UserInput],
    configuration: &Configuration,
    id: WorkflowId,
) -> Vec<&'i str> {
    let mut titles = missing(shared, &configuration.shared_settings);
    titles.extend(missing(own, &of_workflow(configuration, id)));
    titles
}
