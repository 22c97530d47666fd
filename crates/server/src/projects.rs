//! Projects with their keys and integrations, kept in memory until they change.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use base::{Error, IntegrationId, KeyedLock, ProjectId, Result, WorkflowId};
use store::Store;
use store::integrations::Integration;
use store::projects::Project;

use crate::auth::signing_key;
use crate::auth::user_token::VerificationKey;
use crate::origin;
use crate::workflows::live::{self, LiveWorkflow};
use crate::workflows::look::Look;

/// A project as requests need it.
pub struct ProjectView {
    /// The project itself.
    pub project: Project,
    /// Its active signing keys.
    pub keys: Vec<VerificationKey>,
    /// Its integrations, oldest first.
    pub integrations: Vec<Integration>,
    /// How its Connect Portal looks.
    pub look: Look,
    /// Its deployed workflows, oldest first.
    pub workflows: Vec<LiveWorkflow>,
}

impl ProjectView {
    /// The project's id.
    pub fn id(&self) -> ProjectId {
        self.project.id
    }

    /// Whether pages of this origin may call, frame and message.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.project.allowed_origins.iter().any(|entry| origin::covers(entry, origin))
    }

    /// The integration of a connector.
    pub fn integration_of(&self, slug: &str) -> Result<&Integration> {
        self.integrations.iter().find(|integration| integration.kind == slug).ok_or_else(|| {
            Error::not_found(
                "integration_not_found",
                format!("The project has no integration \"{slug}\": add it, or check the name."),
            )
        })
    }

    /// The deployed workflow with this id.
    pub fn workflow(&self, id: WorkflowId) -> Option<&LiveWorkflow> {
        self.workflows.iter().find(|workflow| workflow.id == id)
    }

    /// The integration with this id.
    pub fn integration(&self, id: IntegrationId) -> Result<&Integration> {
        self.integrations.iter().find(|integration| integration.id == id).ok_or_else(|| {
            Error::not_found(
                "integration_not_found",
                format!("The project has no integration with the id {id}."),
            )
        })
    }
}

/// Refuses an integration that is switched off.
pub fn require_active(integration: &Integration) -> Result<()> {
    if integration.is_active {
        return Ok(());
    }
    Err(Error::invalid(
        "integration_inactive",
        format!(
            "The integration \"{}\" is switched off in this project: its developer can switch it on.",
            integration.kind
        ),
    ))
}

/// The memory of projects.
pub struct Projects {
    store: Store,
    views: RwLock<HashMap<ProjectId, Arc<ProjectView>>>,
    /// Counts what was forgotten, so that a view that was read before is not kept.
    forgotten: AtomicU64,
    /// Held while a project is read: whoever else wants it waits and finds it.
    reading: KeyedLock,
}

impl Projects {
    /// An empty memory over `store`.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            views: RwLock::default(),
            forgotten: AtomicU64::new(0),
            reading: KeyedLock::new(),
        }
    }

    /// The project with this id; `project_not_found` when there is none.
    pub async fn get(&self, id: ProjectId) -> Result<Arc<ProjectView>> {
        if let Some(view) = self.known(id) {
            return Ok(view);
        }
        let _turn = self.reading.lock(&id).await;
        if let Some(view) = self.known(id) {
            return Ok(view);
        }
        let before = self.forgotten.load(Ordering::SeqCst);
        let view = Arc::new(self.load(id).await?);
        let mut views = self.views.write().unwrap_or_else(PoisonError::into_inner);
        if self.forgotten.load(Ordering::SeqCst) == before {
            views.insert(id, Arc::clone(&view));
        }
        Ok(view)
    }

    fn known(&self, id: ProjectId) -> Option<Arc<ProjectView>> {
        self.views.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Forgets a project that has changed.
    pub fn forget(&self, id: ProjectId) {
        let mut views = self.views.write().unwrap_or_else(PoisonError::into_inner);
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        views.remove(&id);
    }

    async fn load(&self, id: ProjectId) -> Result<ProjectView> {
        let mut conn = self.store.read().await?;
        let project = store::projects::find(&mut conn, id).await?.ok_or_else(|| not_found(id))?;
        let keys = store::signing_keys::list(&mut conn, id).await?;
        let keys = keys
            .iter()
            .filter(|key| key.revoked_at.is_none())
            .map(|key| signing_key::verification_key(key.id, &key.algorithm, &key.public_key))
            .collect::<Result<_>>()?;
        let integrations = store::integrations::list(&mut conn, id).await?;
        let workflows = live::read(&mut conn, id, &integrations).await?;
        let look = Look::stored(store::project_portals::find(&mut conn, id).await?);
        Ok(ProjectView { project, keys, integrations, look, workflows })
    }
}

/// There is no such project, or not for this caller.
pub fn not_found(id: impl std::fmt::Display) -> Error {
    Error::not_found(
        "project_not_found",
        format!("There is no project with the id {id}: copy it from your project's overview."),
    )
}
