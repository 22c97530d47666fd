//! What runs for a user, kept in memory: a host may send ten thousand events in a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{ConfigurationId, ConnectedUserId, CredentialId, Error, ProjectId, Result, WorkflowId};
use connect::Selector;
use engine::runner::Start;
use http::HeaderMap;
use serde_json::Value;
use store::changes::{Change, Kind};
use store::enablements::{self, Enablement, Runnable};
use store::{connected_users, credentials};

use crate::app::App;
use crate::projects::ProjectView;
use crate::sdk::accounts::{CONFIGURATION_HEADER, CREDENTIAL_HEADER, header};
use crate::workflows::live::LiveWorkflow;

/// How many users are kept in memory; beyond that, all are read anew.
const USERS_MAX: usize = 100_000;

/// A user as triggers need it.
#[derive(Debug)]
pub struct KnownUser {
    /// Our id.
    pub id: ConnectedUserId,
    /// What the host says of the user.
    metadata: serde_json::Map<String, Value>,
    external_id: String,
    /// All that is on for the user and works.
    runs: Vec<Runnable>,
}

/// The memory.
#[derive(Default)]
pub struct Matching(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    users: HashMap<(ProjectId, ConnectedUserId), Arc<KnownUser>>,
    /// Counts what was forgotten: what was read before may be old.
    forgotten: u64,
}

impl Matching {
    /// The user and what runs for it.
    ///
    /// # Errors
    /// `user_not_found`, also for one who is disabled.
    pub async fn user(
        &self,
        app: &App,
        project_id: ProjectId,
        id: ConnectedUserId,
    ) -> Result<Arc<KnownUser>> {
        let forgotten = {
            let memory = self.lock();
            if let Some(known) = memory.users.get(&(project_id, id)) {
                return Ok(Arc::clone(known));
            }
            memory.forgotten
        };
        let mut conn = app.store().read().await?;
        let user = connected_users::find(&mut conn, project_id, id).await?;
        let user = user.filter(|user| user.disabled_at.is_none()).ok_or_else(|| {
            let message = format!("The project has no user {id}, or the user is disabled.");
            Error::not_found("user_not_found", message)
        })?;
        let runs = enablements::list_runnable_of_user(&mut conn, project_id, id).await?;
        drop(conn);
        let known = Arc::new(KnownUser {
            id,
            metadata: user.metadata,
            external_id: user.external_id,
            runs,
        });
        let mut memory = self.lock();
        if memory.forgotten == forgotten {
            if memory.users.len() >= USERS_MAX {
                memory.users.clear();
            }
            memory.users.insert((project_id, id), Arc::clone(&known));
        }
        Ok(known)
    }

    /// Forgets whom a change is about.
    pub fn forget(&self, change: &Change) {
        let mut memory = self.lock();
        match change.kind {
            Some(
                Kind::SigningKeys
                | Kind::ApiTokens
                | Kind::RateLimitWait
                | Kind::EnvironmentSecrets,
            ) => return,
            Some(Kind::ConnectedUser | Kind::Credential) => {
                if let Ok(id) = change.subject.parse() {
                    memory.users.remove(&(change.project_id, id));
                } else {
                    memory.users.clear();
                }
            }
            // A configuration may be new, and so belong to anybody.
            Some(Kind::Configuration | Kind::Project | Kind::Workflow) | None => {
                memory.users.retain(|(project_id, _), _| *project_id != change.project_id);
            }
        }
        memory.forgotten += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KnownUser {
    /// How a workflow runs for the user: once for each configuration it is on for. A workflow that
    /// names no integration works with no account, and runs for whoever is let in.
    pub fn starts(
        &self,
        workflow: &LiveWorkflow,
        chosen: &Chosen,
        project_id: ProjectId,
        input: &Value,
    ) -> Vec<Start> {
        if !workflow.admits(&self.external_id, &self.metadata) {
            return Vec::new();
        }
        let start = |on: Option<&Enablement>| start(workflow, project_id, self.id, on, input);
        if workflow.needs_no_account() {
            return vec![start(None)];
        }
        self.of_workflow(workflow.id, chosen).map(|on| start(Some(&on.enablement))).collect()
    }

    fn of_workflow<'k>(
        &'k self,
        id: WorkflowId,
        chosen: &'k Chosen,
    ) -> impl Iterator<Item = &'k Runnable> {
        self.runs.iter().filter(move |on| {
            let on = &on.enablement;
            on.workflow_id == id
                && chosen.credential.is_none_or(|wanted| on.credential_id == wanted)
                && chosen.configuration.is_none_or(|wanted| on.configuration_id == wanted)
        })
    }
}

/// How a workflow starts for a user, with the account and the settings that it is on for.
pub fn start(
    workflow: &LiveWorkflow,
    project_id: ProjectId,
    user_id: ConnectedUserId,
    on: Option<&Enablement>,
    input: &Value,
) -> Start {
    Start {
        project_id,
        workflow_id: workflow.id,
        version_id: workflow.version_id,
        user_id: Some(user_id),
        credential_id: on.map(|on| on.credential_id),
        configuration_id: on.map(|on| on.configuration_id),
        trigger_kind: workflow.trigger.kind().to_owned(),
        input: input.clone(),
        dedup_key: None,
        is_test: false,
        replay_of: None,
        history: Vec::new(),
    }
}

/// Which account and which settings a caller means; all of the user's where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The account.
    pub credential: Option<CredentialId>,
    /// The settings.
    pub configuration: Option<ConfigurationId>,
}

impl Chosen {
    /// What the headers of the SDK name.
    ///
    /// # Errors
    /// `credential_not_found`, `invalid_id`.
    pub async fn of_headers(
        app: &App,
        view: &ProjectView,
        user_id: ConnectedUserId,
        headers: &HeaderMap,
    ) -> Result<Self> {
        let credential = header(headers, CREDENTIAL_HEADER);
        let configuration = header(headers, CONFIGURATION_HEADER);
        Self::of(app, view, user_id, credential, configuration).await
    }

    /// What a caller names: a credential by its id or its external id, a configuration by its id.
    ///
    /// # Errors
    /// `credential_not_found`, `invalid_id`.
    pub async fn of(
        app: &App,
        view: &ProjectView,
        user_id: ConnectedUserId,
        credential: Option<&str>,
        configuration: Option<&str>,
    ) -> Result<Self> {
        let configuration = configuration.map(str::parse).transpose()?;
        let Some(text) = credential else { return Ok(Self { credential: None, configuration }) };
        let wanted = Selector::parse(text);
        let mut conn = app.store().read().await?;
        let all = credentials::list_of_user(&mut conn, view.id(), user_id).await?;
        let found = all.iter().find(|one| wanted.selects(one.id, one.external_id.as_deref()));
        let found = found.ok_or_else(|| {
            let message = format!("This user has no account \"{text}\": it may be disconnected.");
            Error::not_found("credential_not_found", message)
        })?;
        Ok(Self { credential: Some(found.id), configuration })
    }
}
