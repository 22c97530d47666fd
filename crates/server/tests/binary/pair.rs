//! Production servers over one PostgreSQL, with the sandbox in this process as the provider behind
//! an operator's own connector, and one user whose account is connected.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::body::Body;
use base::{Clock, CredentialId, ProjectId, Random};
use http::{Method, Request, header};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use sandbox::faults::Fault;
use sandbox::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_CLIENT_SECRET, Options, Sandbox};
use serde_json::{Value, json};
use server::auth::signing_key;
use store::credentials::Credential;
use store::testing::{TestDatabase, engines};
use store::{Engine, Store};
use tempfile::TempDir;

use crate::gangway::{PROGRAM, run};

/// How often something is looked at again that is waited for, 20 ms apart.
const TRIES_MAX: usize = 3_000;
/// More token requests than any test causes.
const TOKEN_REQUESTS_MAX: u32 = 1_000;
const TOKEN_PATH: &str = "/oauth2/v2.0/token";

/// Everything that the servers of one installation share.
pub struct Installation {
    pub sandbox: Sandbox,
    /// The sandbox's clock, which stands still unless it is moved; the servers have the system's.
    pub clock: Clock,
    pub store: Store,
    pub manager: String,
    pub token: String,
    pub project_id: ProjectId,
    pub user_id: String,
    pub credential_id: CredentialId,
    environment: Vec<(String, String)>,
    _folder: TempDir,
    /// None where the database is the test's own.
    database: Option<TestDatabase>,
}

/// One server process.
pub struct Server {
    pub port: u16,
    process: Child,
}

/// One such test at a time: some measure a second, and others keep the machine busy.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Runs a test's body, unless the run leaves PostgreSQL out by name: SQLite is for one process.
pub async fn on_postgres(body: impl AsyncFnOnce(Installation)) {
    let _turn = TURN.lock().await;
    if engines().contains(&Engine::Postgres) {
        let database = TestDatabase::fresh(Engine::Postgres).await;
        body(Installation::over(database.url.clone(), Some(database), &[]).await).await;
    }
}

/// Looks again and again until there is something, though not for ever.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let clock = Clock::system();
    for _ in 0..TRIES_MAX {
        if let Some(found) = look().await {
            return found;
        }
        clock.sleep_until(clock.now() + Duration::from_millis(20)).await;
    }
    panic!("waited in vain: {what}")
}

impl Installation {
    /// An installation over this database, with further settings for its servers.
    pub async fn over(
        url: String,
        database: Option<TestDatabase>,
        further: &[(&str, &str)],
    ) -> Self {
        let clock = Clock::test(Clock::system().now());
        let random = Random::system();
        let sandbox = Sandbox::start(Options::in_memory(clock.clone(), random)).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut environment = settings(folder.path(), &sandbox, &url);
        environment
            .extend(further.iter().map(|(name, value)| (name.to_string(), value.to_string())));
        let mut made = Self {
            store: Store::open(&url).await.unwrap(),
            sandbox,
            clock,
            manager: String::new(),
            token: String::new(),
            project_id: ProjectId::new(&Clock::system(), &Random::system()),
            user_id: String::new(),
            credential_id: CredentialId::new(&Clock::system(), &Random::system()),
            environment,
            _folder: folder,
            database,
        };
        let server = made.start().await;
        made.connect(&server).await;
        made
    }

    /// Starts a server and waits until it answers.
    pub async fn start(&self) -> Server {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(PROGRAM)
            .arg("serve")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("GANGWAY_SERVER__PUBLIC_URL", format!("http://localhost:{port}"))
            .env("GANGWAY_SERVER__LISTEN", format!("[\"127.0.0.1:{port}\"]"))
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut server = Server { port, process };
        let ready = async || {
            assert!(server.process.try_wait().unwrap().is_none(), "the server did not start");
            server.get("/readyz", "").await.filter(|(status, _)| *status == 200)
        };
        until("the server starts", ready).await;
        server
    }

    /// A project with a user whose account was connected elsewhere by the same app.
    async fn connect(&mut self, server: &Server) {
        let variables: Vec<(&str, &str)> =
            self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let output = run(&["api-token", "create", "--name", "tests"], &variables);
        self.manager = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        let name = json!({ "name": "Tests" });
        let project = server.api(self, Method::POST, "/api/v1/projects", name).await;
        self.project_id = project["id"].as_str().unwrap().parse().unwrap();
        let post = async |path: &str, body| server.manages(self, Method::POST, path, body).await;
        let key = post("/signing-keys", json!({})).await;
        let private = key["privateKey"].as_str().unwrap();
        let token = signing_key::sign(private, "ann", Clock::system().now(), 3_600).unwrap();
        let app = json!({
            "type": "custom.standin",
            "clientId": DEVELOPMENT_CLIENT_ID,
            "clientSecret": DEVELOPMENT_CLIENT_SECRET,
        });
        let integration = post("/integrations", app).await;
        let user = post("/connected-users", json!({ "userId": "ann" })).await;
        let user_id = user["id"].as_str().unwrap().to_owned();
        let account = json!({
            "integrationId": integration["id"],
            "refreshToken": signs_in_elsewhere(&self.sandbox).await,
        });
        let made = post(&format!("/connected-users/{user_id}/credentials"), account).await;
        self.credential_id = made["id"].as_str().unwrap().parse().unwrap();
        (self.token, self.user_id) = (token, user_id);
    }

    /// The credential as it is stored.
    pub async fn credential(&self) -> Credential {
        let mut conn = self.store.read().await.unwrap();
        let found =
            store::credentials::find(&mut conn, self.project_id, self.credential_id).await.unwrap();
        found.unwrap()
    }

    /// The stored access token has ended, as far as every process can tell that reads it anew.
    pub async fn expires(&self) {
        let mut row = self.credential().await;
        let now = Clock::system().now();
        row.expires_at = Some(now - Duration::from_secs(60));
        row.refreshed_at = now - Duration::from_secs(3_600);
        let mut tx = self.store.begin().await.unwrap();
        assert!(store::credentials::update(&mut tx, &row).await.unwrap());
        tx.commit().await.unwrap();
    }

    /// The time of every lease is over, as far as any process can tell.
    pub async fn leases_end(&self) {
        self.database.as_ref().unwrap().run("update credentials set refresh_lease_until = 0").await;
    }

    /// The next token requests: the first as this fault says, the others as ever, and counted.
    pub fn orders(&self, fault: Fault) {
        let of_tokens = |fault| Fault { path_contains: Some(TOKEN_PATH.to_owned()), ..fault };
        let faults = &self.sandbox.world().faults;
        faults.clear();
        assert!(faults.order(of_tokens(fault)));
        let counter = Fault { times: TOKEN_REQUESTS_MAX, ..Fault::default() };
        assert!(faults.order(of_tokens(counter)));
    }

    /// Token requests since [`Self::orders`].
    pub fn token_requests(&self) -> u32 {
        let waiting = self.sandbox.world().faults.list();
        let first = u32::from(waiting.len() == 1);
        first + TOKEN_REQUESTS_MAX - waiting.last().unwrap().times
    }

    /// Waits until the ordered fault has begun.
    pub async fn exchange_begins(&self) {
        until("an exchange begins", async || (self.token_requests() == 1).then_some(())).await;
    }

    /// The path of a call with the account.
    pub fn call(&self) -> String {
        format!("/projects/{}/sdk/proxy/custom.standin/projects", self.project_id)
    }
}

impl Server {
    /// A GET with a bearer token: status and JSON, or none when no answer came.
    pub async fn get(&self, path: &str, token: &str) -> Option<(u16, Value)> {
        self.send(Method::GET, path, token, Value::Null).await
    }

    /// A call with the account.
    pub async fn calls(&self, made: &Installation) -> (u16, Value) {
        self.get(&made.call(), &made.token).await.unwrap()
    }

    /// What the host developer's program does in its project.
    pub async fn manages(
        &self,
        made: &Installation,
        method: Method,
        path: &str,
        body: Value,
    ) -> Value {
        self.api(made, method, &format!("/api/v1/projects/{}{path}", made.project_id), body).await
    }

    async fn api(&self, made: &Installation, method: Method, path: &str, body: Value) -> Value {
        let sent = self.send(method, path, &made.manager, body).await;
        let (status, answer) = sent.expect("an answer");
        assert!((200..300).contains(&status), "{status} {answer}");
        answer
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Value,
    ) -> Option<(u16, Value)> {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let request = Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:{}{path}", self.port))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(body);
        let answer = client.request(request.unwrap()).await.ok()?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.ok()?.to_bytes();
        Some((status, serde_json::from_slice(&body).unwrap_or_default()))
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Whether it has ended, and then whether well.
    pub fn ended(&mut self) -> Option<bool> {
        self.process.try_wait().unwrap().map(|status| status.success())
    }

    /// `kill -9`.
    pub fn dies(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn settings(folder: &Path, sandbox: &Sandbox, database: &str) -> Vec<(String, String)> {
    let connector = folder.join("connectors/standin");
    std::fs::create_dir_all(&connector).unwrap();
    let port = sandbox.http_addresses()[0].port().to_string();
    let text = include_str!("stand_in.toml").replace("PORT", &port);
    std::fs::write(connector.join("connector.toml"), text).unwrap();
    std::fs::write(connector.join("README.md"), "# Stand In\n").unwrap();
    std::fs::write(connector.join("icon.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n")
        .unwrap();
    let key = folder.join("master.key").display().to_string();
    assert!(run(&["keys", "generate", "--out", &key], &[]).status.success());
    [
        ("SERVER__PUBLIC_URL", "http://localhost".to_owned()),
        ("SERVER__DATA_DIRECTORY", folder.join("data").display().to_string()),
        ("DATABASE__URL", database.to_owned()),
        ("KEYS__MASTER_KEY_FILE", key),
        ("CONNECTORS__DIRECTORY", folder.join("connectors").display().to_string()),
        ("OUTBOUND__ALLOW", "[\"127.0.0.1\", \"127.0.0.1/32\"]".to_owned()),
        // Ten thousand calls wait for a place instead of for a file descriptor.
        ("OUTBOUND__CONNECTIONS_MAX", "256".to_owned()),
        ("OUTBOUND__CONNECT_TIMEOUT_SECONDS", "120".to_owned()),
        ("LOG__FILTER", "error".to_owned()),
    ]
    .map(|(name, value)| (format!("GANGWAY_{name}"), value))
    .into()
}

/// Ann signs in at the sandbox through another program that has the same app; its refresh token.
async fn signs_in_elsewhere(sandbox: &Sandbox) -> String {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let base = format!("http://{}/organizations/oauth2/v2.0", sandbox.http_addresses()[0]);
    let post = async |path: String, form: &[(&str, &str)]| {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::post(format!("{base}{path}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form));
        client.request(request.unwrap()).await.unwrap()
    };
    let (redirect, scope) = (
        "http://localhost/redirect",
        "499b84ac-1321-427f-aa17-267ca6975798/vso.project offline_access",
    );
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("client_id", DEVELOPMENT_CLIENT_ID),
            ("response_type", "code"),
            ("redirect_uri", redirect),
            ("scope", scope),
            ("state", "elsewhere"),
            ("sandbox_person", "ann"),
        ])
        .finish();
    let answer = post(format!("/authorize?{query}"), &[("decision", "accept")]).await;
    let location = answer.headers()[header::LOCATION].to_str().unwrap();
    let back: url::Url = location.parse().unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", DEVELOPMENT_CLIENT_ID),
        ("client_secret", DEVELOPMENT_CLIENT_SECRET),
        ("redirect_uri", redirect),
        ("scope", scope),
        ("code", &code),
    ];
    let body = post("/token".to_owned(), &form).await.into_body().collect().await.unwrap();
    let granted: Value = serde_json::from_slice(&body.to_bytes()).unwrap();
    granted["refresh_token"].as_str().unwrap_or_else(|| panic!("{granted}")).to_owned()
}
