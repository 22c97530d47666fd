//! What an integration offers to one user: its portal settings and its workflows.

use engine::definition::Trigger;
use serde_json::{Map, Value, json};
use store::connected_users::ConnectedUser;
use store::integrations::Integration;

use crate::workflows::live::LiveWorkflow;
use crate::workflows::portal::IntegrationPortal;

/// Completes what the SDK is told of an integration. A user whom a workflow does not let in learns
/// its id alone, because the SDK counts on it.
pub fn describe(
    shown: &mut Value,
    integration: &Integration,
    workflows: &[LiveWorkflow],
    user: &ConnectedUser,
) {
    let own = workflows.iter().filter(|one| one.integration_id == Some(integration.id));
    let (admitted, refused): (Vec<&LiveWorkflow>, Vec<&LiveWorkflow>) =
        own.partition(|one| one.admits(&user.external_id, &user.metadata));
    let mut metas: Map<String, Value> =
        admitted.iter().map(|one| (one.id.to_string(), meta(one))).collect();
    metas.extend(refused.iter().map(|one| {
        let unseen = json!({ "id": one.id, "hidden": true, "inputs": [], "permissions": {} });
        (one.id.to_string(), unseen)
    }));
    let listed: Vec<Value> = admitted.iter().map(|one| workflow(one, integration)).collect();
    let refused: Vec<String> = refused.iter().map(|one| one.id.to_string()).collect();
    shown["workflows"] = json!(listed);
    shown["noPermissionWorkflows"] = json!(refused);

    let portal = IntegrationPortal::stored(&integration.portal);
    let values = &mut shown["configs"][0]["values"];
    if let Some(color) = portal.accent_color {
        values["accentColor"] = json!(color);
    }
    if !portal.description.is_empty() {
        values["description"] = json!(portal.description);
    }
    if !portal.overview.is_empty() {
        values["overview"] = json!(portal.overview);
    }
    values["sharedMeta"] = json!({ "inputs": portal.inputs });
    values["workflowMeta"] = Value::Object(metas);
}

fn meta(workflow: &LiveWorkflow) -> Value {
    let portal = &workflow.portal;
    let mut meta = json!({
        "id": workflow.id,
        "description": workflow.description,
        "defaultEnabled": portal.default_enabled,
        "hidden": workflow.is_hidden(),
        "inputs": portal.inputs,
    });
    let optional = [
        ("infoText", portal.info.as_ref().map(|info| json!(info))),
        ("order", portal.order.map(|order| json!(order))),
        ("permissions", portal.permissions.clone()),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            meta[name] = value;
        }
    }
    meta
}

fn workflow(workflow: &LiveWorkflow, integration: &Integration) -> Value {
    let mut shown = json!({
        "id": workflow.id,
        "description": workflow.name,
        "integrationId": integration.id,
        "projectId": integration.project_id,
        "teamId": integration.project_id,
        "dateCreated": workflow.created_at.to_rfc3339(),
        "dateUpdated": workflow.deployed_at.to_rfc3339(),
        "isOnboardingWorkflow": false,
        "workflowVersion": workflow.version_number,
        "steps": [],
    });
    if let Trigger::Webhook(_) = workflow.trigger {
        shown["customWebhookTriggerId"] = json!(workflow.id);
    }
    shown
}
