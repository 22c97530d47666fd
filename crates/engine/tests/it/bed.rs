//! An engine over a database, with a test clock.

use std::sync::Arc;
use std::time::Duration;

use base::{Clock, ExecutionId, ProjectId, Random, Timestamp, WorkflowId, WorkflowVersionId};
use connect::{Connect, ConnectConfig, MasterKeys};
use connectors::Catalogue;
use engine::effects::World;
use engine::journal::Event;
use engine::mortality::Mortality;
use engine::runner::{Runner, RunnerConfig, Start};
use serde_json::Value;
use store::execution_lists::{self, Filter};
use store::executions::Execution;
use store::testing::{TestDatabase, engines, host};
use store::workflow_versions::WorkflowVersion;
use store::workflows::Workflow;
use store::{Engine, PageRequest, Store};

use crate::guests;

pub struct Bed {
    pub runner: Runner,
    pub clock: Clock,
    pub project_id: ProjectId,
    config: RunnerConfig,
    world: World,
    _database: TestDatabase,
}

/// Runs a test's body once on each engine.
pub async fn on_each_engine(body: impl AsyncFn(Bed)) {
    for engine in engines() {
        body(Bed::with(engine, RunnerConfig::default()).await).await;
    }
}

impl Bed {
    pub async fn with(engine: Engine, config: RunnerConfig) -> Self {
        let clock = Clock::test(Timestamp::from_secs(1_790_000_000));
        let random = Random::seeded(5);
        let database = TestDatabase::fresh(engine).await;
        let store = Store::open(&database.url).await.expect("the store opens");
        let catalogue = Arc::new(connectors::catalogue().expect("the catalogue is sound"));
        let settings = ConnectConfig::new("http://localhost:8080");
        let connect = connect(&store, &clock, &random, &catalogue, settings);
        let functions = guests::pool(&clock, &random);
        let mortality = Mortality::default();
        let clock_of_world = clock.clone();
        let world = World {
            store,
            connect,
            catalogue,
            functions,
            clock: clock_of_world,
            random,
            mortality,
        };
        let project_id = add_project(&world).await;
        Self::over(world, project_id, database, config).await
    }

    pub async fn over(
        world: World,
        project_id: ProjectId,
        database: TestDatabase,
        config: RunnerConfig,
    ) -> Self {
        let runner = Runner::start(world.clone(), config).await.expect("the runner starts");
        let clock = world.clock.clone();
        Self { runner, clock, project_id, config, world, _database: database }
    }

    /// When this process dies.
    pub fn mortality(&self) -> &Mortality {
        &self.world.mortality
    }

    /// Every execution of the project.
    pub async fn executions(&self) -> Vec<ExecutionId> {
        let mut conn = self.world.store.read().await.expect("a connection");
        let (filter, page) = (Filter::default(), PageRequest::default());
        let page = execution_lists::list(&mut conn, self.project_id, &filter, &page).await;
        page.expect("a page").items.into_iter().map(|execution| execution.id).collect()
    }

    /// Makes a workflow live and answers it with its version.
    pub async fn deploy(&self, definition: Value) -> (WorkflowId, WorkflowVersionId) {
        let (clock, random) = (&self.clock, &self.world.random);
        let key = definition["key"].as_str().expect("a key").to_owned();
        let workflow_id = WorkflowId::new(clock, random);
        let version_id = WorkflowVersionId::new(clock, random);
        let now = clock.now();
        let workflow = Workflow {
            id: workflow_id,
            project_id: self.project_id,
            integration_id: None,
            name: key.clone(),
            key,
            draft: definition.clone(),
            draft_number: 1,
            live_version_id: Some(version_id),
            created_at: now,
            updated_at: now,
        };
        let version = WorkflowVersion {
            id: version_id,
            project_id: self.project_id,
            workflow_id,
            number: 1,
            definition,
            note: None,
            created_at: now,
        };
        let mut tx = self.world.store.begin().await.expect("a transaction");
        store::workflows::insert(&mut tx, &workflow).await.expect("a workflow");
        store::workflow_versions::insert(&mut tx, &version).await.expect("a version");
        tx.commit().await.expect("a commit");
        (workflow_id, version_id)
    }

    pub fn start(
        &self,
        (workflow_id, version_id): (WorkflowId, WorkflowVersionId),
        input: Value,
    ) -> Start {
        Start {
            project_id: self.project_id,
            workflow_id,
            version_id,
            user_id: None,
            credential_id: None,
            configuration_id: None,
            trigger_kind: "request".to_owned(),
            input,
            dedup_key: None,
            is_test: false,
            replay_of: None,
            history: Vec::new(),
        }
    }

    pub async fn begin(&self, start: Start) -> ExecutionId {
        self.runner.begin(start).await.expect("it starts").expect("it is no duplicate")
    }

    /// Runs what is due until nothing is, without moving the clock.
    pub async fn settle(&self) {
        loop {
            self.runner.idle().await;
            if self.runner.claim().await.expect("claims") == 0 && self.runner.running() == 0 {
                return;
            }
        }
    }

    pub async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.settle().await;
    }

    pub async fn execution(&self, id: ExecutionId) -> Execution {
        self.runner.history(self.project_id, id).await.expect("a history").0
    }

    /// The journal, a line for each event.
    pub async fn journal(&self, id: ExecutionId) -> String {
        let (_, events) = self.runner.history(self.project_id, id).await.expect("a history");
        events.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Whether the journal reads so, whatever the indentation.
    pub async fn expect_journal(&self, id: ExecutionId, expected: &str) {
        let expected: Vec<&str> = expected.trim().lines().map(str::trim).collect();
        assert_eq!(self.journal(id).await, expected.join("\n"));
    }

    /// The process dies, and another one starts over the same database.
    pub async fn restart(&mut self) {
        self.reborn(Mortality::default()).await;
    }

    /// The same, and the other one dies as it is told.
    pub async fn reborn(&mut self, mortality: Mortality) {
        self.world.mortality = mortality;
        self.runner = Runner::start(self.world.clone(), self.config).await.expect("it starts");
    }
}

pub fn connect(
    store: &Store,
    clock: &Clock,
    random: &Random,
    catalogue: &Catalogue,
    settings: ConnectConfig,
) -> Connect {
    Connect::new(
        store.clone(),
        clock.clone(),
        random.clone(),
        MasterKeys::random(random),
        catalogue.providers(),
        settings,
    )
    .expect("connect starts")
}

pub async fn add_project(world: &World) -> ProjectId {
    let id = ProjectId::new(&world.clock, &world.random);
    let now = world.clock.now();
    let mut tx = world.store.begin().await.expect("a transaction");
    let data_key = world.connect.generate_data_key(&mut tx, id).await.expect("a key");
    host::add_project(&mut tx, id, data_key, &[], now).await;
    tx.commit().await.expect("a commit");
    id
}

fn line(event: &Event) -> String {
    let mut value = serde_json::to_value(event).expect("an event is JSON");
    let members = value.as_object_mut().expect("an event is an object");
    members.remove("at");
    members.remove("snapshot");
    let name = members.remove("event").expect("an event has a name");
    let step = members.remove("step").map(|step| format!(" {}", step.as_str().unwrap_or_default()));
    let rest: Vec<String> =
        members.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    format!("{}{}{}", name.as_str().unwrap_or_default(), step.unwrap_or_default(), rest.concat())
}
