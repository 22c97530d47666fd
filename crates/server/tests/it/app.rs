//! The real router in this process, with a store, a test clock, seeded randomness and the sandbox.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use base::{Clock, ProjectId, Random, Secret, Timestamp};
use connect::{Connect, ConnectConfig, DevelopmentKeys, MasterKeys, ProfileAddress};
use connectors::Catalogue;
use http::{Method, Request, header};
use sandbox::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_CLIENT_SECRET, Options, Sandbox};
use serde_json::{Value, json};
use server::app::App;
use server::auth::{manager, signing_key};
use server::config::{Config, Mode, Sources};
use server::router::router;
use store::testing::{TestDatabase, engines};
use store::{Engine, Store};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::actors::{EndUser, Manager};
use crate::reply::Reply;

/// Our own address in tests; nothing listens there, requests go to the router.
pub const PUBLIC_URL: &str = "http://localhost:8080";
/// What opens the metrics.
pub const METRICS_TOKEN: &str = "the-token-of-monitoring";
/// The host's page.
pub const HOST_ORIGIN: &str = "http://127.0.0.1:8081";
/// The master keys' file in the installation's folder.
const KEY_FILE: &str = "master.key";

pub struct TestApp {
    pub app: App,
    pub router: Router,
    pub clock: Clock,
    pub sandbox: Sandbox,
    pub project_id: ProjectId,
    pub integration_id: String,
    pub signing_key: String,
    pub api_token: String,
    /// Where the outside thinks that we are.
    pub public_url: String,
    database: TestDatabase,
    random: Random,
    folder: TempDir,
}

/// Runs a test's body once on each engine.
pub async fn on_each_engine(body: impl AsyncFn(TestApp)) {
    for engine in engines() {
        body(TestApp::start(engine).await).await;
    }
}

impl TestApp {
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, |_| {}).await
    }

    /// With other settings of connecting and calling out.
    pub async fn start_with(engine: Engine, change: impl FnOnce(&mut ConnectConfig)) -> Self {
        Self::start_at(engine, PUBLIC_URL, change).await
    }

    /// At an address where something may listen.
    pub async fn start_at(
        engine: Engine,
        public_url: &str,
        change: impl FnOnce(&mut ConnectConfig),
    ) -> Self {
        let clock = Clock::test(Timestamp::from_secs(1_790_000_000));
        let random = Random::seeded(11);
        let sandbox = Sandbox::start(Options::in_memory(clock.clone(), Random::seeded(7)))
            .await
            .expect("the sandbox starts");
        let database = TestDatabase::fresh(engine).await;
        let folder = tempfile::tempdir().expect("a folder");
        let master_keys = MasterKeys::create_file(&folder.path().join(KEY_FILE), &random);
        let master_keys = master_keys.expect("a key file");
        let around = (&database, &clock, &random, &sandbox);
        let app = assemble(around, public_url, master_keys, change).await;
        let router = router(app.clone());
        let (api_token, _) =
            manager::create_token(app.store(), &clock, &random, "tests".to_owned(), None)
                .await
                .expect("an API token");
        let mut test = Self {
            app,
            router,
            clock,
            sandbox,
            project_id: ProjectId::new(&Clock::system(), &Random::system()),
            integration_id: String::new(),
            signing_key: String::new(),
            api_token,
            public_url: public_url.to_owned(),
            database,
            random,
            folder,
        };
        test.set_up().await;
        test
    }

    /// A project with a signing key and Azure DevOps, made as a host developer makes it.
    async fn set_up(&mut self) {
        let manager = self.manager();
        let body = json!({ "name": "Tests", "allowedOrigins": [HOST_ORIGIN] });
        let project = manager.post("/api/v1/projects", body).await.ok();
        self.project_id = project["id"].as_str().expect("an id").parse().expect("a UUID");
        let key = self.manager().project_post("/signing-keys", json!({})).await.ok();
        self.signing_key = key["privateKey"].as_str().expect("a private key").to_owned();
        let added =
            self.manager().project_post("/integrations", json!({ "type": "azuredevops" })).await;
        self.integration_id = added.ok()["id"].as_str().expect("an id").to_owned();
    }

    /// The host developer's program.
    pub fn manager(&self) -> Manager<'_> {
        Manager { test: self }
    }

    /// A user of the host.
    pub fn end_user(&self, name: &str) -> EndUser<'_> {
        let token = signing_key::sign(&self.signing_key, name, self.clock.now(), 3600);
        EndUser { test: self, token: token.expect("a token") }
    }

    /// Sends a request to the router.
    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        Reply::read(response).await
    }

    /// Sends a request with a bearer token and, unless null, a JSON body.
    pub async fn call(&self, method: Method, path: &str, token: &str, body: Value) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(request.body(body).expect("a request")).await
    }

    /// For how many configurations a deployed workflow runs now.
    pub async fn runners(&self, workflow: &str) -> usize {
        let id = workflow.parse().expect("an id");
        let view = self.app.projects().get(self.project_id).await.expect("the project");
        let permissions = &view.workflow(id).expect("it is deployed").permissions;
        let mut conn = self.app.store().read().await.expect("a connection");
        let found = engine::people::who_runs(&mut conn, self.project_id, id, permissions, None);
        found.await.expect("the database answers").runners.len()
    }

    pub fn after(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Another process of the same installation.
    pub async fn another_process(&self) -> App {
        self.process_with(MasterKeys::read_file(&self.key_file()).expect("the key file")).await
    }

    /// Another process over the same database, with these master keys.
    pub async fn process_with(&self, master_keys: MasterKeys) -> App {
        let around = (&self.database, &self.clock, &self.random, &self.sandbox);
        assemble(around, &self.public_url, master_keys, allow_loopback).await
    }

    /// Where the installation's master keys are.
    pub fn key_file(&self) -> PathBuf {
        self.folder.path().join(KEY_FILE)
    }

    /// Sends what this test sends to another process from now on.
    pub fn move_to(&mut self, process: App) {
        self.router = router(process.clone());
        self.app = process;
    }

    /// The database itself, for what only an operator does.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }
}

async fn assemble(
    (database, clock, random, sandbox): (&TestDatabase, &Clock, &Random, &Sandbox),
    public_url: &str,
    master_keys: MasterKeys,
    change: impl FnOnce(&mut ConnectConfig),
) -> App {
    let sources = Sources {
        file: None,
        environment: vec![
            ("GANGWAY_SERVER__PUBLIC_URL".to_owned(), public_url.to_owned()),
            ("GANGWAY_METRICS__TOKEN".to_owned(), METRICS_TOKEN.to_owned()),
        ],
        mode: Some(Mode::Development),
    };
    let config = Config::load(&sources).expect("the settings are good");
    let store = Store::open(&database.url).await.expect("the store opens");
    let own = repository("crates/connectors/tests/directory");
    let catalogue = Catalogue::load(Some(&own), &[]).expect("the catalogue is sound");
    let connect = Connect::new(
        store.clone(),
        clock.clone(),
        random.clone(),
        master_keys,
        catalogue.providers(),
        connect_config(&config, sandbox, change),
    )
    .expect("connect starts");
    App::new(config, clock.clone(), random.clone(), store, connect, catalogue)
        .await
        .expect("the server starts")
}

fn connect_config(
    config: &Config,
    sandbox: &Sandbox,
    change: impl FnOnce(&mut ConnectConfig),
) -> ConnectConfig {
    let keys = DevelopmentKeys {
        client_id: DEVELOPMENT_CLIENT_ID.to_owned(),
        client_secret: Secret::new(DEVELOPMENT_CLIENT_SECRET.to_owned()),
        profile: "development".to_owned(),
    };
    let address = ProfileAddress {
        browser_origin: sandbox.http_url().expect("an address"),
        socket: sandbox.https_addresses()[0],
        ca_pem: sandbox.ca_pem().to_owned(),
    };
    let mut config = ConnectConfig {
        development_keys: HashMap::from([("azuredevops".to_owned(), keys)]),
        profile_addresses: HashMap::from([("development".to_owned(), address)]),
        ..config.connect_config().expect("the settings are good")
    };
    change(&mut config);
    config
}

/// Lets workflows and deliveries reach servers on this machine.
pub fn allow_loopback(config: &mut ConnectConfig) {
    config.outbound.allow.push("127.0.0.0/8".to_owned());
}

/// A folder of the repository, from this crate.
pub fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}
