//! What expressions know of the person and the account: read when an execution begins, and when a
//! trigger is arranged for somebody.

use base::{ConfigurationId, ConnectedUserId, CredentialId, ProjectId, Result, WorkflowId};
use serde_json::{Map, Value, json};
use store::enablements::Enablement;
use store::executions::Execution;
use store::{Connection, configurations, connected_users, credentials};

use crate::journal::Snapshot;

/// Of whom, and with which settings.
pub(crate) struct Whose {
    project_id: ProjectId,
    workflow_id: WorkflowId,
    user_id: Option<ConnectedUserId>,
    credential_id: Option<CredentialId>,
    /// None: the account's default.
    configuration_id: Option<ConfigurationId>,
}

impl From<&Execution> for Whose {
    fn from(execution: &Execution) -> Self {
        Self {
            project_id: execution.project_id,
            workflow_id: execution.workflow_id,
            user_id: execution.user_id,
            credential_id: execution.credential_id,
            configuration_id: execution.configuration_id,
        }
    }
}

impl From<&Enablement> for Whose {
    fn from(on: &Enablement) -> Self {
        Self {
            project_id: on.project_id,
            workflow_id: on.workflow_id,
            user_id: Some(on.user_id),
            credential_id: Some(on.credential_id),
            configuration_id: Some(on.configuration_id),
        }
    }
}

/// Reads it. What is gone by now is null.
pub(crate) async fn read(conn: &mut Connection, whose: Whose) -> Result<Snapshot> {
    let project_id = whose.project_id;
    let mut snapshot = Snapshot { settings: json!({}), user: Value::Null, account: Value::Null };
    if let Some(id) = whose.user_id
        && let Some(user) = connected_users::find(conn, project_id, id).await?
    {
        snapshot.user = json!({ "id": user.external_id, "metadata": user.metadata });
    }
    if let Some(id) = whose.credential_id {
        if let Some(credential) = credentials::find(conn, project_id, id).await? {
            snapshot.account =
                json!({ "id": credential.provider_id, "data": credential.provider_data });
        }
        let all = configurations::list(conn, project_id, id).await?;
        let chosen = all.into_iter().find(|one| match whose.configuration_id {
            Some(id) => one.id == id,
            None => one.is_default,
        });
        if let Some(configuration) = chosen {
            let workflow = configuration.workflow_settings.get(&whose.workflow_id.to_string());
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
