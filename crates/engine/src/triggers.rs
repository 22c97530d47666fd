//! What starts executions without a request: clocks, and what happens in connected accounts.
//!
//! Three pieces of background work share the tables: `arrange` hears what was switched on and writes
//! down what each workflow waits for; `due` runs what a clock starts; `feed` reads what providers
//! tell. Any number of processes do it over one database.

mod arrange;
mod due;
mod feed;
mod hook;
pub mod schedule;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base::{ProjectId, Result, Timestamp, WorkflowId, WorkflowVersionId};
use serde_json::Value;
use store::Connection;
use store::enablements::{self, Enablement, Runnable};

use crate::definition::{Definition, Trigger};
use crate::effects::World;
use crate::people::Permissions;
use crate::runner::{Runner, Start};

pub use feed::POLL_PAUSE;
pub use hook::Called;

/// How many versions are kept in memory; beyond that, all are read anew.
const VERSIONS_MAX: usize = 10_000;

/// A handle to the triggers of this process. Cloning is cheap.
#[derive(Clone)]
pub struct Triggers(Arc<Inner>);

struct Inner {
    runner: Runner,
    /// Where providers call; none where they cannot.
    hook_base: Option<String>,
    /// A version never changes, so nothing here goes stale.
    versions: Mutex<HashMap<WorkflowVersionId, Option<Arc<Live>>>>,
}

/// A live workflow, as far as triggers need it.
struct Live {
    version_id: WorkflowVersionId,
    deployed_at: Timestamp,
    integration: Option<String>,
    trigger: Trigger,
    permissions: Permissions,
}

impl Triggers {
    /// Triggers that start executions with this runner. `hook_base` is our own address, if
    /// providers can call it.
    pub fn new(runner: Runner, hook_base: Option<String>) -> Self {
        Self(Arc::new(Inner { runner, hook_base, versions: Mutex::default() }))
    }

    fn world(&self) -> &World {
        self.0.runner.world()
    }

    /// The live version of a workflow; none when it is not deployed, or cannot be read any more.
    async fn live(
        &self,
        conn: &mut Connection,
        project_id: ProjectId,
        workflow_id: WorkflowId,
    ) -> Result<Option<Arc<Live>>> {
        let workflow = store::workflows::find(conn, project_id, workflow_id).await?;
        let Some(version_id) = workflow.and_then(|workflow| workflow.live_version_id) else {
            return Ok(None);
        };
        if let Some(known) = self.versions().get(&version_id) {
            return Ok(known.clone());
        }
        let version = store::workflow_versions::find(conn, project_id, version_id).await?;
        let live = version.and_then(|version| {
            let definition = Definition::read(&version.definition).ok()?;
            let permissions = Permissions::of(&definition.portal).ok()?;
            Some(Arc::new(Live {
                version_id,
                deployed_at: version.created_at,
                integration: definition.integration,
                trigger: definition.trigger,
                permissions,
            }))
        });
        if live.is_none() {
            tracing::error!(%version_id, "a live version cannot be read");
        }
        let mut versions = self.versions();
        if versions.len() >= VERSIONS_MAX {
            versions.clear();
        }
        versions.insert(version_id, live.clone());
        Ok(live)
    }

    fn versions(&self) -> std::sync::MutexGuard<'_, HashMap<WorkflowVersionId, Option<Arc<Live>>>> {
        self.0.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    /// Whether the workflow runs for the enablement's user now.
    fn admits(&self, on: &Runnable) -> bool {
        self.permissions.admit(&on.user_external_id, &on.user_metadata)
    }

    fn start(&self, on: &Enablement, input: Value, dedup_key: String) -> Start {
        Start {
            project_id: on.project_id,
            workflow_id: on.workflow_id,
            version_id: self.version_id,
            user_id: Some(on.user_id),
            credential_id: Some(on.credential_id),
            configuration_id: Some(on.configuration_id),
            trigger_kind: self.trigger.kind().to_owned(),
            input,
            dedup_key: Some(dedup_key),
            is_test: false,
            replay_of: None,
            history: Vec::new(),
        }
    }
}

/// The enablement, if its account is valid and its user not shut out.
async fn runnable(conn: &mut Connection, on: &Enablement) -> Result<Option<Runnable>> {
    let all = enablements::list_runnable_of_user(conn, on.project_id, on.user_id).await?;
    Ok(all.into_iter().find(|one| one.enablement == *on))
}
