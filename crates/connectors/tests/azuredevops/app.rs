//! A sandbox, and an account of a person in it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base::{Clock, ConnectedUserId, Error, ProjectId, Random, Secret, Timestamp};
use connect::{Connect, ConnectConfig, Held, InstallOptions, MasterKeys, ProfileAddress};
use connectors::descriptor::Choice;
use connectors::source::{Page, Query};
use connectors::{Action, ActionContext, Catalogue, Connector, Effect, SourceCache};
use sandbox::{Options, Sandbox, World};
use serde_json::Value;
use store::Store;
use store::integrations::Integration;
use store::testing::host;

/// The project in which the tests work: a person of acme may do everything in it.
pub const PROJECT: &str = "Storefront";

pub struct App {
    pub clock: Clock,
    pub sandbox: Sandbox,
    catalogue: Catalogue,
    connect: Connect,
    held: Arc<Held>,
    sources: SourceCache,
    _folder: tempfile::TempDir,
}

impl App {
    /// With Ann, who has one organization.
    pub async fn start() -> Self {
        Self::of("ann", "acme").await
    }

    /// With a person, by a personal access token.
    pub async fn of(person: &str, organization: &str) -> Self {
        let (clock, random) = (Clock::test(Timestamp::from_secs(1_790_000_000)), Random::seeded(3));
        let sandbox = Sandbox::start(Options::in_memory(clock.clone(), Random::seeded(7)));
        let sandbox = sandbox.await.unwrap();
        let folder = tempfile::tempdir_in("/dev/shm").unwrap();
        let file = folder.path().join("gangway.db");
        let store = Store::open(&format!("sqlite://{}", file.display())).await.unwrap();
        let catalogue = connectors::catalogue().unwrap();
        let provider = &catalogue.get("azuredevops").unwrap().provider;
        let connect = Connect::new(
            store.clone(),
            clock.clone(),
            random.clone(),
            MasterKeys::random(&random),
            [Arc::clone(provider)],
            config(&sandbox),
        )
        .unwrap();
        let (user_id, integration) = seed(&store, &connect, &clock, &random).await;
        let token = sandbox.world().directory.person(person).unwrap().pat(organization).unwrap();
        let fields: BTreeMap<String, Secret<String>> =
            [("organization", organization), ("token", token)]
                .map(|(id, value)| (id.to_owned(), Secret::new(value.to_owned())))
                .into();
        let options =
            InstallOptions { account_type: Some("pat".to_owned()), ..InstallOptions::default() };
        connect.connect_with_fields(&integration, user_id, fields, &options).await.unwrap();
        let held =
            connect.load(integration.project_id, user_id, "azuredevops", None).await.unwrap();
        let sources = SourceCache::new(clock.clone(), 100);
        Self { clock, sandbox, catalogue, connect, held, sources, _folder: folder }
    }

    pub fn world(&self) -> &World {
        self.sandbox.world()
    }

    pub fn connector(&self) -> &Connector {
        self.catalogue.get("azuredevops").unwrap()
    }

    pub fn action(&self, key: &str) -> &Action {
        self.connector().action(key).unwrap_or_else(|| panic!("there is no action {key}"))
    }

    pub fn context(&self) -> ActionContext {
        ActionContext::new(self.connect.clone(), Arc::clone(&self.held))
    }

    /// For an effect that began at this moment.
    pub fn context_of(&self, mark: &str) -> ActionContext {
        let began_at = self.clock.now();
        self.context().for_effect(Effect { mark: mark.to_owned(), began_at })
    }

    /// Does an action, which succeeds.
    pub async fn does(&self, key: &str, inputs: Value) -> Value {
        self.tries(key, inputs).await.unwrap_or_else(|error| panic!("{error:?} {:?}", error.meta()))
    }

    /// Does an action.
    pub async fn tries(&self, key: &str, inputs: Value) -> Result<Value, Error> {
        self.action(key).perform(&self.context(), &inputs).await
    }

    /// What a source tells.
    pub async fn loads(&self, key: &str, inputs: Value, search: &str) -> Result<Page, Error> {
        let source = self.connector().source(key).unwrap();
        let inputs = inputs.as_object().unwrap().clone();
        let query = Query { inputs, search: Some(search.to_owned()), cursor: None };
        self.sources.load(&self.context(), source, &query).await
    }

    /// The values that a source tells.
    pub async fn choices(&self, key: &str, inputs: Value, search: &str) -> Vec<Choice> {
        match self.loads(key, inputs, search).await {
            Ok(Page::Options { records, .. }) => records,
            other => panic!("{key}: {other:?}"),
        }
    }

    /// The requests since the last time, as `METHOD target`.
    pub fn requests(&self) -> Vec<String> {
        let seen = self.world().requests.take();
        let seen = seen.iter().filter(|one| !one.target.contains("connectionData"));
        seen.map(|one| format!("{} {}", one.method, one.target)).collect()
    }
}

fn config(sandbox: &Sandbox) -> ConnectConfig {
    let mut config = ConnectConfig::new("http://localhost:8080");
    config.profile = "development".to_owned();
    let address = ProfileAddress {
        browser_origin: sandbox.http_url().unwrap(),
        socket: sandbox.https_addresses()[0],
        ca_pem: sandbox.ca_pem().to_owned(),
    };
    config.profile_addresses = HashMap::from([("development".to_owned(), address)]);
    config
}

async fn seed(
    store: &Store,
    connect: &Connect,
    clock: &Clock,
    random: &Random,
) -> (ConnectedUserId, Integration) {
    let project_id = ProjectId::new(clock, random);
    let mut tx = store.begin().await.unwrap();
    let data_key = connect.generate_data_key(&mut tx, project_id).await.unwrap();
    host::add_project(&mut tx, project_id, data_key, &[], clock.now()).await;
    let kind = ("azuredevops", Vec::new());
    let (user, integration) = host::add_user(&mut tx, (clock, random), project_id, kind).await;
    tx.commit().await.unwrap();
    (user.id, integration)
}
