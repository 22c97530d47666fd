//! The workflows that are deployed in a project, as people and triggers need them.

use base::{IntegrationId, ProjectId, Result, Timestamp, WorkflowId, WorkflowVersionId};
use engine::definition::{Definition, PortalSettings, Step, Trigger};
use engine::people::Permissions;
use engine::steps::StepKind;
use serde_json::{Map, Value};
use store::integrations::Integration;
use store::workflow_versions::WorkflowVersion;
use store::{Connection, workflow_versions, workflows};

/// How many deployed workflows a project may have.
pub const LIVE_WORKFLOWS_MAX: i64 = 1_000;

/// A deployed workflow, as its live version says.
#[derive(Debug)]
pub struct LiveWorkflow {
    /// Its id.
    pub id: WorkflowId,
    /// The integration whose accounts it works with.
    pub integration_id: Option<IntegrationId>,
    /// Its key.
    pub key: String,
    /// The name that people see.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The version that runs.
    pub version_id: WorkflowVersionId,
    /// Its number.
    pub version_number: i64,
    /// What starts it.
    pub trigger: Trigger,
    /// Whether one of its steps answers whoever started it.
    pub responds: bool,
    /// Whether it names no integration, and so works with nobody's account.
    is_accountless: bool,
    /// What end users see of it, and set.
    pub portal: PortalSettings,
    /// Whom it lets in.
    pub permissions: Permissions,
    /// When the workflow was made.
    pub created_at: Timestamp,
    /// When the version was.
    pub deployed_at: Timestamp,
}

impl LiveWorkflow {
    /// Whether people never see it: it was hidden, or connecting alone switches it on.
    pub fn is_hidden(&self) -> bool {
        self.portal.hidden || self.follows_connecting()
    }

    /// Whether connecting an account switches it on, without anybody's choice.
    pub fn follows_connecting(&self) -> bool {
        matches!(self.trigger, Trigger::IntegrationEnabled {})
    }

    /// Whether it works with nobody's account.
    pub const fn needs_no_account(&self) -> bool {
        self.is_accountless
    }

    /// Whether a user may see it and have it run.
    pub fn admits(&self, external_id: &str, metadata: &Map<String, Value>) -> bool {
        self.permissions.admit(external_id, metadata)
    }
}

fn is_response(step: &Step) -> bool {
    matches!(step.kind, StepKind::Response(_))
}

/// Reads the deployed workflows of a project, oldest first.
pub async fn read(
    conn: &mut Connection,
    project_id: ProjectId,
    integrations: &[Integration],
) -> Result<Vec<LiveWorkflow>> {
    let rows = workflows::list_live(conn, project_id, LIVE_WORKFLOWS_MAX).await?;
    let versions = workflow_versions::list_live(conn, project_id, LIVE_WORKFLOWS_MAX).await?;
    let live = versions.into_iter().filter_map(|version| {
        let row = rows.iter().find(|row| row.id == version.workflow_id)?;
        live(version, row.created_at, integrations)
    });
    Ok(live.collect())
}

/// A version that cannot be read any more must not take the others away.
fn live(
    version: WorkflowVersion,
    created_at: Timestamp,
    integrations: &[Integration],
) -> Option<LiveWorkflow> {
    let unreadable = |problems| {
        tracing::error!(workflow = %version.workflow_id, ?problems, "a version is unreadable");
    };
    let definition = Definition::read(&version.definition).map_err(unreadable).ok()?;
    let permissions = Permissions::of(&definition.portal).map_err(unreadable).ok()?;
    let slug = definition.integration.as_deref();
    Some(LiveWorkflow {
        id: version.workflow_id,
        integration_id: integrations
            .iter()
            .find(|one| Some(one.kind.as_str()) == slug)
            .map(|one| one.id),
        key: definition.key,
        name: definition.name,
        description: definition.description,
        version_id: version.id,
        version_number: version.number,
        responds: definition.steps.values().any(is_response),
        is_accountless: slug.is_none(),
        trigger: definition.trigger,
        portal: definition.portal,
        permissions,
        created_at,
        deployed_at: version.created_at,
    })
}
