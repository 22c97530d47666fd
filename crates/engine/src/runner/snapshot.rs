//! What expressions know of the person and the account, read when an execution begins.

use base::Result;
use serde_json::{Map, Value, json};
use store::executions::Execution;
use store::{configurations, connected_users, credentials};

use crate::effects::World;
use crate::journal::Snapshot;

/// Reads it. What is gone by now is null.
pub(super) async fn take(world: &World, execution: &Execution) -> Result<Snapshot> {
    let project_id = execution.project_id;
    if execution.user_id.is_none() && execution.credential_id.is_none() {
        return Ok(Snapshot { settings: json!({}), user: Value::Null, account: Value::Null });
    }
    let mut conn = world.store.read().await?;
    let mut snapshot = Snapshot { settings: json!({}), user: Value::Null, account: Value::Null };
    if let Some(id) = execution.user_id
        && let Some(user) = connected_users::find(&mut conn, project_id, id).await?
    {
        snapshot.user = json!({ "id": user.external_id, "metadata": user.metadata });
    }
    if let Some(id) = execution.credential_id {
        if let Some(credential) = credentials::find(&mut conn, project_id, id).await? {
            snapshot.account =
                json!({ "id": credential.provider_id, "data": credential.provider_data });
        }
        let all = configurations::list(&mut conn, project_id, id).await?;
        let chosen = all.into_iter().find(|one| match execution.configuration_id {
            Some(id) => one.id == id,
            None => one.is_default,
        });
        if let Some(configuration) = chosen {
            let workflow = configuration.workflow_settings.get(&execution.workflow_id.to_string());
            snapshot.settings = merged(configuration.shared_settings, workflow);
        }
    }
    Ok(snapshot)
}

/// The integration's settings with the workflow's own over them.
fn merged(mut shared: Map<String, Value>, workflow: Option<&Value>) -> Value {
    if let Some(Value::Object(own)) = workflow.and_then(|settings| settings.get("settings")) {
        shared.extend(own.clone());
    }
    Value::Object(shared)
}
