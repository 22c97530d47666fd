//! What a delivery says: the event in the form that clients of the vendor know, or what the
//! destination's template makes of that.

use std::collections::BTreeSet;

use base::Result;
use serde_json::{Value, json};
use store::events::Event;
use store::projects::Project;

use crate::definition::Problem;
use crate::expression::{Context, Names, Place, Root, Scope, Template};

/// The largest template, as JSON.
const TEMPLATE_BYTES_MAX: usize = 64 * 1024;

/// Compiles a template, in which `trigger` is the event.
///
/// # Errors
/// What is wrong with it, or that it is too long.
pub fn compile(template: &Value) -> Result<Template> {
    if template.to_string().len() > TEMPLATE_BYTES_MAX {
        let message = format!("A template is at most {TEMPLATE_BYTES_MAX} bytes long.");
        return Err(base::Error::invalid("template_too_long", message));
    }
    let nothing = || Names::Known(BTreeSet::new());
    let scope =
        Scope { trigger: true, settings: nothing(), secrets: nothing(), ..Scope::default() };
    Template::compile(template, &scope, Place::Output).map_err(|found| Problem::error(&found))
}

/// The event as it is delivered where there is no template.
pub fn document(event: &Event, project: &Project) -> Value {
    let payload = &event.payload;
    let mut document = json!({
        "id": event.id,
        "type": vendor_type(&event.kind),
        "eventType": event.kind,
        "message": message(event),
        "timestamp": event.created_at.as_millis(),
        "timestampISO": event.created_at.to_rfc3339(),
        "project": { "id": project.id, "name": project.name },
        "data": payload,
    });
    if event.kind == "workflow.failed" {
        document["workflow"] = payload["workflow"].clone();
        document["data"] = json!({
            "error": payload["error"],
            "step": payload["step"],
            "workflowExecution": { "id": payload["executionId"] },
            "connectedUserId": payload["connectedUserId"],
            "credentialId": payload["credentialId"],
        });
    }
    document
}

/// The body of a delivery, and what it is.
pub(super) fn body(template: Option<&Value>, document: Value) -> Result<(String, &'static str)> {
    const JSON: &str = "application/json";
    let Some(template) = template else { return Ok((document.to_string(), JSON)) };
    let compiled = compile(template)?;
    let find = |root: Root<'_>| (root == Root::Trigger).then_some(&document);
    let rendered = compiled.render(&Context::new(&find)).map_err(|error| {
        base::Error::invalid("template_failed", format!("The body's template failed: {error}"))
    })?;
    Ok(match rendered {
        Value::String(text) => (text, "text/plain; charset=utf-8"),
        other => (other.to_string(), JSON),
    })
}

/// The vendor's name of a type, where it has one.
fn vendor_type(kind: &str) -> &str {
    match kind {
        "workflow.failed" => "workflow_failure",
        "credential.invalid" => "credential_failure",
        other => other,
    }
}

/// What happened, as a sentence.
fn message(event: &Event) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let payload = &event.payload;
    match event.kind.as_str() {
        "workflow.failed" => {
            let (name, why) =
                (text(&payload["workflow"]["name"]), text(&payload["error"]["message"]));
            match payload["step"].as_str() {
                Some(step) => format!("The workflow \"{name}\" failed at the step {step}: {why}"),
                None => format!("The workflow \"{name}\" failed: {why}"),
            }
        }
        "credential.connected" => "An account was connected.".to_owned(),
        "credential.updated" => "An account was connected again, or changed.".to_owned(),
        "credential.removed" => "An account was disconnected.".to_owned(),
        "credential.invalid" => {
            "The provider refuses an account until the person signs in again.".to_owned()
        }
        "integration.secret_expiring" => "The secret of an app ends soon.".to_owned(),
        "integration.app_failure" => "The provider refuses an app.".to_owned(),
        "destination.disabled" => {
            let (name, why) = (text(&payload["name"]), text(&payload["reason"]));
            format!("The event destination \"{name}\" was switched off: {why}")
        }
        "destination.test" => "This is a test of an event destination.".to_owned(),
        other => format!("{other} happened."),
    }
}
