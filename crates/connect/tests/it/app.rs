//! A whole installation in this process: store, sandbox, test clock, and a browser of a few lines.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, ConnectedUserId, CredentialId, Error, ProjectId, Random, Secret, Timestamp};
use bytes::Bytes;
use connect::outbound::{Body, body};
use connect::provider::Operations;
use connect::{
    BeginOAuth, Callback, CallbackQuery, Connect, ConnectConfig, DevelopmentKeys, Held,
    InstallOptions, MasterKeys, ProfileAddress, Provider, ProxyCall,
};
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use sandbox::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_CLIENT_SECRET, Options, Sandbox, World};
use serde_json::Value;
use store::credentials::Credential;
use store::integrations::Integration;
use store::testing::{TestDatabase, engines, host};
use store::{Engine, Store};
use tokio::net::TcpStream;
use url::Url;

const SCOPES: &str = include_str!("../../../connectors/catalog/azuredevops/scopes.json");
pub const CONNECTOR: &str = include_str!("../../../connectors/catalog/azuredevops/connector.toml");
pub const ORIGIN: &str = "http://127.0.0.1:8081";
pub const PUBLIC_URL: &str = "http://localhost:8080";

pub struct App {
    pub connect: Connect,
    pub store: Store,
    pub sandbox: Sandbox,
    pub clock: Clock,
    pub project_id: ProjectId,
    pub user_id: ConnectedUserId,
    pub integration: Integration,
    process: Process,
    database: TestDatabase,
}

/// Runs a test's body once on each engine.
pub async fn on_each_engine(body: impl AsyncFn(App)) {
    for engine in engines() {
        body(App::on(engine, |_| {}).await).await;
    }
}

/// What every process of the installation shares.
struct Process {
    store: Store,
    clock: Clock,
    random: Random,
    master_keys: MasterKeys,
    config: ConnectConfig,
}

impl Process {
    fn start(&self) -> Connect {
        self.over(self.store.clone())
    }

    fn over(&self, store: Store) -> Connect {
        let provider = Provider::parse("azuredevops", CONNECTOR).unwrap();
        let provider = Arc::new(provider.with_operations(Operations::parse(SCOPES).unwrap()));
        Connect::new(
            store,
            self.clock.clone(),
            self.random.clone(),
            self.master_keys.clone(),
            [provider],
            self.config.clone(),
        )
        .unwrap()
    }
}

/// One pop-up: where it is sent, and its cookie.
pub struct Popup {
    pub authorize_url: Url,
    pub cookie: String,
}

impl App {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut ConnectConfig)) -> Self {
        Self::on(Engine::Sqlite, change).await
    }

    pub async fn on(engine: Engine, change: impl FnOnce(&mut ConnectConfig)) -> Self {
        let clock = Clock::test(Timestamp::from_secs(1_790_000_000));
        let random = Random::seeded(11);
        let sandbox = Sandbox::start(Options::in_memory(clock.clone(), Random::seeded(7)));
        let sandbox = sandbox.await.expect("the sandbox starts");
        let database = TestDatabase::fresh(engine).await;
        let store = Store::open(&database.url).await.unwrap();
        let mut config = ConnectConfig::new(PUBLIC_URL);
        config.profile = "development".to_owned();
        config.development_keys = HashMap::from([(
            "azuredevops".to_owned(),
            DevelopmentKeys {
                client_id: DEVELOPMENT_CLIENT_ID.to_owned(),
                client_secret: Secret::new(DEVELOPMENT_CLIENT_SECRET.to_owned()),
                profile: "development".to_owned(),
            },
        )]);
        config.profile_addresses = HashMap::from([(
            "development".to_owned(),
            ProfileAddress {
                browser_origin: sandbox.http_url().unwrap(),
                socket: sandbox.https_addresses()[0],
                ca_pem: sandbox.ca_pem().to_owned(),
            },
        )]);
        change(&mut config);
        let master_keys = MasterKeys::random(&random);
        let process =
            Process { store: store.clone(), clock: clock.clone(), random, master_keys, config };
        let connect = process.start();
        let project_id = ProjectId::new(&clock, &process.random);
        let (user_id, integration) = seed(&process, &connect, project_id).await;
        Self { connect, store, sandbox, clock, project_id, user_id, integration, process, database }
    }

    /// Another process over the same database.
    pub fn another_process(&self) -> Connect {
        self.process.start()
    }

    /// Starts `work` in another process, with connections of its own, that [`Doomed::dies`].
    pub async fn doomed_process<F>(&self, work: impl FnOnce(Connect) -> F) -> Doomed
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
        let url = self.database.url.clone();
        let store = runtime.spawn(async move { Store::open(&url).await.unwrap() }).await.unwrap();
        runtime.spawn(work(self.process.over(store)));
        Doomed(runtime)
    }

    pub fn world(&self) -> &World {
        self.sandbox.world()
    }

    pub fn after(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Opens the pop-up as the SDK does.
    pub async fn popup(&self, options: InstallOptions) -> Popup {
        self.popup_at(options, &[]).await
    }

    pub async fn popup_at(&self, options: InstallOptions, parameters: &[(&str, &str)]) -> Popup {
        let begin = BeginOAuth {
            integration: &self.integration,
            user_id: self.user_id,
            typed: parameters
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Secret::new((*value).to_owned())))
                .collect(),
            origin: ORIGIN.to_owned(),
            session_key: Some("poll-me".to_owned()),
            options,
            redirect_override: None,
        };
        let cookie = self.connect.issue_nonce(&self.integration, self.user_id, ORIGIN).await;
        let authorize_url = self.connect.begin_oauth(begin).await.unwrap();
        Popup { authorize_url: authorize_url.parse().unwrap(), cookie: cookie.unwrap() }
    }

    /// Signs a person in at the sandbox and accepts; answers what comes back to `/oauth`.
    pub async fn signs_in(&self, person: &str, popup: &Popup) -> CallbackQuery {
        self.decides(person, popup, "accept").await
    }

    pub async fn decides(&self, person: &str, popup: &Popup, decision: &str) -> CallbackQuery {
        let mut url = popup.authorize_url.clone();
        url.query_pairs_mut().append_pair("sandbox_person", person);
        let page = self.browse(Method::GET, &url, "").await;
        let answer = if page.status() == StatusCode::OK {
            self.browse(Method::POST, &url, &format!("decision={decision}")).await
        } else {
            page
        };
        let location = answer.headers().get(header::LOCATION).map(|v| v.to_str().unwrap());
        let location = location.unwrap_or_else(|| panic!("{:?}", answer.body()));
        assert!(location.starts_with("http://localhost:8080/oauth?"), "{location}");
        query_of(&location.parse().unwrap())
    }

    pub async fn browse(&self, method: Method, url: &Url, form: &str) -> Response<Bytes> {
        let address = self.sandbox.http_addresses()[0];
        let target = format!("{}?{}", url.path(), url.query().unwrap_or_default());
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header(header::HOST, format!("localhost:{}", address.port()))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::copy_from_slice(form.as_bytes())))
            .unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        drop(sender);
        let _ = connection.await;
        Response::from_parts(head, body)
    }

    /// A person's whole way, from the pop-up to what the callback page does.
    pub async fn connects(&self, person: &str) -> Callback {
        let popup = self.popup(InstallOptions::default()).await;
        let query = self.signs_in(person, &popup).await;
        self.connect.finish_oauth(query, Some(&popup.cookie)).await
    }

    /// Connects a person who has one organization.
    pub async fn connected(&self, person: &str) -> CredentialId {
        match self.connects(person).await {
            Callback::Connected { credential_id, .. } => credential_id,
            other => panic!("{other:?}"),
        }
    }

    pub async fn held(&self) -> Arc<Held> {
        self.try_held().await.unwrap()
    }

    pub async fn try_held(&self) -> Result<Arc<Held>, Error> {
        self.connect.load(self.project_id, self.user_id, "azuredevops", None).await
    }

    pub async fn credential(&self, id: CredentialId) -> Credential {
        let mut conn = self.store.read().await.unwrap();
        store::credentials::find(&mut conn, self.project_id, id).await.unwrap().unwrap()
    }

    pub async fn credentials(&self) -> Vec<Credential> {
        let mut conn = self.store.read().await.unwrap();
        store::credentials::list_of_user(&mut conn, self.project_id, self.user_id).await.unwrap()
    }

    /// A proxied GET: status and JSON, or our error.
    pub async fn get(&self, path: &str) -> Result<(u16, Value), Error> {
        let answer = self.call(call(Method::GET, path, body::empty())).await?;
        let (status, bytes) = read(answer).await;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
    }

    pub async fn call(&self, call: ProxyCall) -> Result<Response<Body>, Error> {
        let held = self.try_held().await?;
        self.connect.proxy(&held, call).await
    }

    /// The notes of the token requests the sandbox has seen: `grant_type=refresh_token`.
    pub fn token_requests(&self, grant: &str) -> usize {
        let seen = self.world().requests.list();
        seen.iter()
            .filter(|one| one.target.contains("/oauth2/v2.0/token"))
            .filter(|one| one.note.as_deref().is_some_and(|note| note.contains(grant)))
            .count()
    }
}

/// A process about to die.
pub struct Doomed(tokio::runtime::Runtime);

impl Doomed {
    /// Ends it wherever it stands, and waits until nothing of it goes on: it must not see time pass.
    pub async fn dies(self) {
        let ends = move || self.0.shutdown_timeout(Duration::from_secs(60));
        tokio::task::spawn_blocking(ends).await.unwrap();
    }
}

/// Waits until this is so, though not for ever.
pub async fn until(mut condition: impl AsyncFnMut() -> bool) {
    for _ in 0..5_000_000 {
        if condition().await {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it never became so");
}

pub fn call(method: Method, path: &str, body: Body) -> ProxyCall {
    ProxyCall {
        method,
        path_and_query: path.to_owned(),
        absolute_url: None,
        own_base: None,
        account: None,
        headers: [(header::ACCEPT, "application/json".parse().unwrap())]
            .into_iter()
            .collect::<HeaderMap>(),
        body,
    }
}

pub async fn read(answer: Response<Body>) -> (u16, Bytes) {
    let status = answer.status().as_u16();
    (status, answer.into_body().collect().await.unwrap().to_bytes())
}

pub fn query_of(url: &Url) -> CallbackQuery {
    let get = |name: &str| {
        url.query_pairs().find(|(one, _)| one == name).map(|(_, value)| value.into_owned())
    };
    CallbackQuery {
        code: get("code").map(Secret::new),
        state: get("state"),
        error: get("error"),
        error_description: get("error_description"),
        iss: get("iss"),
        admin_consent: get("admin_consent"),
    }
}

async fn seed(
    process: &Process,
    connect: &Connect,
    project_id: ProjectId,
) -> (ConnectedUserId, Integration) {
    let Process { store, clock, random, .. } = process;
    let mut tx = store.begin().await.unwrap();
    let data_key = connect.generate_data_key(&mut tx, project_id).await.unwrap();
    host::add_project(&mut tx, project_id, data_key, &[ORIGIN], clock.now()).await;
    let kind = ("azuredevops", Vec::new());
    let (user, integration) = host::add_user(&mut tx, (clock, random), project_id, kind).await;
    tx.commit().await.unwrap();
    (user.id, integration)
}
