//! Plans of versions, compiled once. A version never changes, so nothing here goes stale.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base::{Error, ProjectId, Result, WorkflowVersionId};
use store::Store;

use crate::definition::{Definition, Plan, Problem};

/// How many plans are kept; beyond that, all are compiled anew.
const PLANS_MAX: usize = 10_000;

#[derive(Default)]
pub(super) struct Plans(Mutex<HashMap<(WorkflowVersionId, bool), Arc<Plan>>>);

impl Plans {
    /// The plan of a version.
    pub async fn get(
        &self,
        store: &Store,
        project_id: ProjectId,
        version_id: WorkflowVersionId,
        is_test: bool,
    ) -> Result<Arc<Plan>> {
        let key = (version_id, is_test);
        if let Some(plan) = self.lock().get(&key) {
            return Ok(Arc::clone(plan));
        }
        let mut conn = store.read().await?;
        let version = store::workflow_versions::find(&mut conn, project_id, version_id).await?;
        let version = version.ok_or_else(|| Error::internal("a version is gone"))?;
        let definition =
            Definition::read(&version.definition).map_err(|found| Problem::error(&found))?;
        let plan = Plan::compile(definition, is_test).map_err(|found| Problem::error(&found))?;
        let plan = Arc::new(plan);
        let mut plans = self.lock();
        if plans.len() >= PLANS_MAX {
            plans.clear();
        }
        plans.insert(key, Arc::clone(&plan));
        Ok(plan)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(WorkflowVersionId, bool), Arc<Plan>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
