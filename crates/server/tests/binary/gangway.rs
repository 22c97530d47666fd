//! A development server of this test's own: free ports, an empty data directory.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_gangway");
/// How often a starting server is asked whether it is ready, 50 ms apart.
const READY_TRIES_MAX: usize = 400;

pub struct Gangway {
    pub data: TempDir,
    process: Child,
    client: Client<HttpConnector, Body>,
}

/// Runs the program to its end.
pub fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(PROGRAM).args(arguments).envs(environment.iter().copied()).output().unwrap()
}

/// Runs a command of the program over a development data directory to its end: whether it
/// succeeded, and everything it said.
pub fn operate(data: &Path, arguments: &[&str]) -> (bool, String) {
    let environment = [
        ("GANGWAY_SERVER__MODE", "development"),
        ("GANGWAY_SERVER__DATA_DIRECTORY", data.to_str().unwrap()),
        ("GANGWAY_SERVER__LISTEN", "[\"127.0.0.1:0\"]"),
    ];
    let output = run(arguments, &environment);
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

/// As [`operate`], where the command must succeed.
#[track_caller]
pub fn operates(data: &Path, arguments: &[&str]) -> String {
    let (succeeded, said) = operate(data, arguments);
    assert!(succeeded, "{said}");
    said
}

impl Gangway {
    pub async fn start() -> Self {
        Self::start_in(TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap()).await
    }

    pub async fn start_in(data: TempDir) -> Self {
        let process = Command::new(PROGRAM)
            .args(["dev", "--data"])
            .arg(data.path())
            .env("GANGWAY_SERVER__LISTEN", "[\"127.0.0.1:0\"]")
            .env("GANGWAY_SANDBOX__HTTP_PORT", "0")
            .env("GANGWAY_SANDBOX__HTTPS_PORT", "0")
            .env("GANGWAY_EXAMPLE_HOST__PORT", "0")
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        let gangway = Self { data, process, client };
        gangway.wait_until_ready().await;
        gangway
    }

    async fn wait_until_ready(&self) {
        for _ in 0..READY_TRIES_MAX {
            if self.data.path().join("running.json").exists() {
                return;
            }
            base::Clock::system()
                .sleep_until(base::Clock::system().now() + std::time::Duration::from_millis(50))
                .await;
        }
        panic!("the server did not start");
    }

    pub fn info(&self) -> Value {
        let output =
            run(&["dev", "info", "--json", "--data", self.data.path().to_str().unwrap()], &[]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub async fn send(&self, request: Request<Body>) -> Response<Incoming> {
        self.client.request(request).await.unwrap()
    }

    pub async fn json(&self, request: Request<Body>) -> Value {
        let response = self.send(request).await;
        let status = response.status();
        let body: Bytes = response.into_body().collect().await.unwrap().to_bytes();
        assert!(status.is_success(), "{status} {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    /// Connects the first of the sandbox's people by personal access token; answers the proxy's
    /// address and a user token for it.
    pub async fn connects(&self) -> (String, String) {
        let info = self.info();
        let person = &info["people"][0];
        let token = person["user_token"].as_str().unwrap().to_owned();
        let sdk = self.sdk();
        let list = Request::get(format!("{sdk}/integrations"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty());
        let integrations = self.json(list.unwrap()).await;
        let form = json!({
            "integrationId": integrations[0]["id"],
            "payload": { "organization": "acme", "token": person["pat"] },
            "installOptions": { "accountType": "pat" },
        });
        let connect = Request::post(format!("{sdk}/credentials"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from(form.to_string()));
        self.json(connect.unwrap()).await;
        (format!("{sdk}/proxy/azuredevops"), token)
    }

    /// The address of the development project's SDK routes.
    fn sdk(&self) -> String {
        let info = self.info();
        let text = |name: &str| info[name].as_str().unwrap().to_owned();
        format!("{}/projects/{}/sdk", text("server"), text("project_id"))
    }

    /// A proxied call of the first of the sandbox's people: status and JSON.
    pub async fn proxies(&self) -> (u16, Value) {
        let token = self.info()["people"][0]["user_token"].as_str().unwrap().to_owned();
        let request = Request::get(format!("{}/proxy/azuredevops/projects", self.sdk()))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty());
        let response = self.send(request.unwrap()).await;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// Resident memory of the process in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status = Path::new("/proc").join(self.process.id().to_string()).join("status");
        let text = std::fs::read_to_string(status).unwrap();
        let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Asks it to stop, as Ctrl-C does, and waits; the data directory stays.
    pub fn stop(mut self) -> TempDir {
        let id = self.process.id().to_string();
        Command::new("kill").args(["-INT", &id]).status().unwrap();
        assert!(self.process.wait().unwrap().success());
        let Self { data, .. } = &mut self;
        std::mem::replace(data, TempDir::new().unwrap())
    }
}

impl Drop for Gangway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
