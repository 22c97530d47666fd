//! An execution in an installation of its own, with a sandbox beside it.

use std::sync::Arc;

use base::{
    Clock, ConnectedUserId, CredentialId, ExecutionId, ProjectId, Random, Secret, Timestamp,
    WorkflowId, WorkflowVersionId,
};
use connect::{Connect, ConnectConfig, InstallOptions, MasterKeys, ProfileAddress};
use connectors::Catalogue;
use engine::effects::pages::Pages;
use engine::effects::{Done, Job, World, integration_request, request};
use engine::journal::StepError;
use engine::mortality::Mortality;
use sandbox::{Options, Sandbox};
use serde_json::{Value, json};
use store::connected_users::ConnectedUser;
use store::executions::{Execution, Status};
use store::integrations::Integration;
use store::testing::{TestDatabase, engines, host};
use store::workflow_versions::WorkflowVersion;
use store::workflows::Workflow;
use store::{Engine, Store};

use crate::guests;

/// Small, so that a test reaches it soon.
pub const FILE_BYTES_MAX: u64 = 2 * 1024 * 1024;

pub struct Stage {
    pub world: World,
    pub execution: Arc<Execution>,
    pub sandbox: Sandbox,
    _database: TestDatabase,
}

/// Runs a test's body once on each engine.
pub async fn on_each_engine(body: impl AsyncFn(Stage)) {
    for engine in engines() {
        body(Stage::on(engine).await).await;
    }
}

/// For steps without pagination.
pub const NO_PAGES: Pages<'static> =
    Pages { render: &|_| Err(unexpected()), is_last: &|_| Err(unexpected()) };

fn unexpected() -> StepError {
    StepError::new("unexpected", "This step has no further pages.")
}

impl Stage {
    pub async fn start() -> Self {
        Self::on(Engine::Sqlite).await
    }

    async fn on(engine: Engine) -> Self {
        let clock = Clock::test(Timestamp::from_secs(1_790_000_000));
        let random = Random::seeded(11);
        let sandbox = Sandbox::start(Options::in_memory(clock.clone(), Random::seeded(7)));
        let sandbox = sandbox.await.unwrap();
        let database = TestDatabase::fresh(engine).await;
        let store = Store::open(&database.url).await.unwrap();
        let mut config = ConnectConfig::new("http://localhost:8080");
        config.profile = "development".to_owned();
        config.outbound.allow = vec!["127.0.0.1".to_owned()];
        config.file_bytes_max = FILE_BYTES_MAX;
        config.profile_addresses = [(
            "development".to_owned(),
            ProfileAddress {
                browser_origin: sandbox.http_url().unwrap(),
                socket: sandbox.https_addresses()[0],
                ca_pem: sandbox.ca_pem().to_owned(),
            },
        )]
        .into();
        let catalogue = Catalogue::load(None, &[]).unwrap();
        let connect = Connect::new(
            store.clone(),
            clock.clone(),
            random.clone(),
            MasterKeys::random(&random),
            catalogue.providers(),
            config,
        );
        let catalogue = Arc::new(catalogue);
        let functions = guests::pool(&clock, &random);
        let mortality = Mortality::default();
        let connect = connect.unwrap();
        let world = World { store, connect, catalogue, functions, clock, random, mortality };
        let (user, integration) = seed(&world).await;
        let credential = connects(&world, &sandbox, &integration, user.id).await;
        let execution = execution(&world, &user, credential).await;
        Self { world, execution: Arc::new(execution), sandbox, _database: database }
    }

    pub async fn secret(&self, key: &str, value: &str) {
        let value = Secret::new(value.to_owned());
        let project_id = self.execution.project_id;
        self.world.connect.set_environment_secret(project_id, key, value).await.unwrap();
    }

    pub fn job(&self, input: Value) -> Job {
        Job {
            execution: Arc::clone(&self.execution),
            step: "call".parse().unwrap(),
            attempt: 1,
            input,
            is_repeat: false,
        }
    }

    /// Performs a request step whose templates are rendered already.
    pub async fn requests(&self, step: Value) -> Done {
        self.requests_pages(step, &NO_PAGES, false).await
    }

    pub async fn requests_pages(&self, step: Value, pages: &Pages<'_>, is_test: bool) -> Done {
        let read = serde_json::from_value(plain(&step)).unwrap();
        request::perform(&self.world, &self.job(step), &read, pages, is_test).await
    }

    pub async fn calls(&self, step: Value) -> Done {
        let read = serde_json::from_value(step.clone()).unwrap();
        integration_request::perform(&self.world, &self.job(step), &read, &NO_PAGES, false).await
    }
}

/// A step as it stands in a definition: a template where the rendered one has a reference.
fn plain(step: &Value) -> Value {
    let mut step = step.clone();
    if step["url"].is_object() {
        step["url"] = "{{ secrets.URL }}".into();
    }
    if let Some(fields) = step.get_mut("authorization").and_then(Value::as_object_mut) {
        fields.values_mut().filter(|value| value.is_object()).for_each(|value| *value = "".into());
    }
    step
}

/// What a step gave.
pub fn output(done: Done) -> Value {
    match done {
        Done::Finished { output, .. } => output,
        other => panic!("{other:?}"),
    }
}

/// How a step failed, and whether that may pass.
pub fn failure(done: Done) -> (StepError, bool) {
    match done {
        Done::Failed { error, is_passing, .. } => (error, is_passing),
        other => panic!("{other:?}"),
    }
}

pub fn secret(name: &str) -> Value {
    json!({ "$reference": { "kind": "secret", "name": name } })
}

async fn seed(world: &World) -> (ConnectedUser, Integration) {
    let World { store, clock, random, .. } = world;
    let project_id = ProjectId::new(clock, random);
    let mut tx = store.begin().await.unwrap();
    let data_key = world.connect.generate_data_key(&mut tx, project_id).await.unwrap();
    host::add_project(&mut tx, project_id, data_key, &[], clock.now()).await;
    let kind = ("azuredevops", Vec::new());
    let added = host::add_user(&mut tx, (clock, random), project_id, kind).await;
    tx.commit().await.unwrap();
    added
}

/// The user's account, by a personal access token of the sandbox.
async fn connects(
    world: &World,
    sandbox: &Sandbox,
    integration: &Integration,
    user_id: ConnectedUserId,
) -> CredentialId {
    let token = sandbox.world().directory.person("ann").unwrap().pat("acme").unwrap().to_owned();
    let fields = [("organization", "acme".to_owned()), ("token", token)]
        .map(|(id, value)| (id.to_owned(), Secret::new(value)))
        .into();
    let options =
        InstallOptions { account_type: Some("pat".to_owned()), ..InstallOptions::default() };
    world.connect.connect_with_fields(integration, user_id, fields, &options).await.unwrap()
}

async fn execution(world: &World, user: &ConnectedUser, credential: CredentialId) -> Execution {
    let World { store, clock, random, .. } = world;
    let (now, project_id) = (clock.now(), user.project_id);
    let workflow = Workflow {
        id: WorkflowId::new(clock, random),
        project_id,
        integration_id: None,
        key: "a".to_owned(),
        name: "A".to_owned(),
        draft: json!({}),
        draft_number: 1,
        live_version_id: None,
        created_at: now,
        updated_at: now,
    };
    let version = WorkflowVersion {
        id: WorkflowVersionId::new(clock, random),
        project_id,
        workflow_id: workflow.id,
        number: 1,
        definition: json!({}),
        note: None,
        created_at: now,
    };
    let execution = Execution {
        id: ExecutionId::new(clock, random),
        project_id,
        workflow_id: workflow.id,
        version_id: version.id,
        user_id: Some(user.id),
        credential_id: Some(credential),
        configuration_id: None,
        trigger_kind: "request".to_owned(),
        status: Status::Running,
        is_test: false,
        due_at: None,
        owner: None,
        lease: 1,
        dedup_key: None,
        replay_of: None,
        created_at: now,
        finished_at: None,
    };
    let mut tx = store.begin().await.unwrap();
    store::workflows::insert(&mut tx, &workflow).await.unwrap();
    store::workflow_versions::insert(&mut tx, &version).await.unwrap();
    store::executions::insert(&mut tx, &[&execution]).await.unwrap();
    tx.commit().await.unwrap();
    execution
}
