//! A sandbox in this process, and people who call its Azure DevOps.

use std::net::SocketAddr;

use base::{Clock, Random, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use sandbox::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_CLIENT_SECRET, Options, Sandbox, World};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use url::form_urlencoded;

/// The moment at which every test begins.
pub const START_SECS: i64 = 1_790_000_000;

/// A running sandbox on the test clock.
pub struct App {
    sandbox: Sandbox,
    pub clock: Clock,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A call before it is sent.
pub struct Call<'a> {
    app: &'a App,
    method: Method,
    target: String,
    host: Option<String>,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl App {
    pub async fn start() -> Self {
        let clock = Clock::test(Timestamp::from_secs(START_SECS));
        Self::with(Options::in_memory(clock, Random::seeded(7))).await
    }

    pub async fn with(options: Options) -> Self {
        let clock = options.clock.clone();
        Self { sandbox: Sandbox::start(options).await.expect("the sandbox starts"), clock }
    }

    /// Stops it, so that everything is saved.
    pub async fn stop(self) {
        self.sandbox.shutdown().await;
    }

    pub fn world(&self) -> &World {
        self.sandbox.world()
    }

    fn address(&self) -> SocketAddr {
        self.sandbox.http_addresses()[0]
    }

    /// The origin in the addresses of answers.
    pub fn origin(&self) -> String {
        self.sandbox.http_url().expect("it listens")
    }

    /// The same by https.
    pub fn https_origin(&self) -> String {
        self.sandbox.https_url().expect("it listens")
    }

    pub fn call(&self, method: Method, target: impl Into<String>) -> Call<'_> {
        let target = target.into().replace(' ', "%20");
        Call { app: self, method, target, host: None, headers: Vec::new(), body: Bytes::new() }
    }

    pub fn get(&self, target: impl Into<String>) -> Call<'_> {
        self.call(Method::GET, target)
    }

    /// A call of ann in acme, with everything that makes it acceptable.
    pub async fn ann_gets(&self, path: &str) -> Answer {
        self.get(format!("/acme{path}")).pat("ann", "acme").send().await
    }

    /// A write of ann in acme as JSON Patch; the version is added.
    pub async fn ann_patches(&self, method: Method, path: &str, steps: Value) -> Answer {
        let mark = if path.contains('?') { '&' } else { '?' };
        self.call(method, format!("/acme{path}{mark}api-version=7.1"))
            .pat("ann", "acme")
            .patch(&steps)
            .send()
            .await
    }

    /// A new item in acme, made by ann from texts of fields.
    pub async fn item(&self, place: &str, fields: &[(&str, Value)]) -> Value {
        let (project, item_type) = place.split_once('/').expect("project/type");
        let steps: Vec<Value> = fields
            .iter()
            .map(|(field, value)| json!({ "op": "add", "path": format!("/fields/{field}"), "value": value }))
            .collect();
        let path = format!("/{project}/_apis/wit/workItems/${item_type}");
        let answer = self.ann_patches(Method::POST, &path, json!(steps)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    }

    /// A new task in Storefront.
    pub async fn task(&self, title: &str) -> u64 {
        let item = self.item("Storefront/Task", &[("System.Title", json!(title))]).await;
        item["id"].as_u64().expect("a number")
    }

    /// An access token of someone for some scopes, by the whole sign-in.
    pub async fn token(&self, person: &str, scopes: &str) -> String {
        const REDIRECT_URI: &str = "http://localhost:8080/oauth";
        let scope: Vec<String> = scopes
            .split(' ')
            .map(|scope| format!("499b84ac-1321-427f-aa17-267ca6975798/{scope}"))
            .collect();
        let encode = |pairs: &[(&str, &str)]| {
            form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
        };
        let query = encode(&[
            ("client_id", DEVELOPMENT_CLIENT_ID),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT_URI),
            ("scope", &scope.join(" ")),
            ("sandbox_person", person),
        ]);
        let target = format!("/organizations/oauth2/v2.0/authorize?{query}");
        let accept = self.call(Method::POST, target).form(encode(&[("decision", "accept")]));
        let back = accept.send().await;
        let location: url::Url = back.header("location").parse().expect("an address");
        let code = location.query_pairs().find(|(name, _)| name == "code").expect("a code").1;
        let redeem = self.call(Method::POST, "/organizations/oauth2/v2.0/token").form(encode(&[
            ("client_id", DEVELOPMENT_CLIENT_ID),
            ("client_secret", DEVELOPMENT_CLIENT_SECRET),
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT_URI),
        ]));
        let answer = redeem.send().await;
        answer.json()["access_token"].as_str().expect("a token").to_owned()
    }
}

impl Call<'_> {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// As if sent to one of the provider's own hosts.
    pub fn at(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    pub fn basic(self, credentials: &str) -> Self {
        let value = format!("Basic {}", STANDARD.encode(credentials));
        self.header("authorization", &value)
    }

    pub fn pat(self, person: &str, organization: &str) -> Self {
        let person = self.app.world().directory.person(person).expect("someone").clone();
        self.basic(&format!(":{}", person.pat(organization).expect("a token")))
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    pub fn form(self, form: String) -> Self {
        self.body("application/x-www-form-urlencoded", form)
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn patch(self, steps: &Value) -> Self {
        self.body("application/json-patch+json", steps.to_string())
    }

    pub async fn send(self) -> Answer {
        let address = self.app.address();
        let host = self.host.unwrap_or_else(|| format!("localhost:{}", address.port()));
        let mut request =
            Request::builder().method(self.method).uri(self.target).header(header::HOST, host);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(self.body)).expect("a request");
        let stream = TcpStream::connect(address).await.expect("the sandbox accepts");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
        let connection = tokio::spawn(connection);
        let (parts, body) = sender.send_request(request).await.expect("an answer").into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        drop(sender);
        let _ = connection.await;
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    pub fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        self.json()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// Status, exception and the first words of the sentence of a refusal.
    pub fn refusal(&self) -> String {
        let body = self.json();
        assert_eq!(body["$id"], "1");
        assert!(body["typeName"].as_str().is_some_and(|name| name.contains(", ")));
        let text = |name: &str| body[name].as_str().expect("text").to_owned();
        format!("{} {}: {}", self.status.as_u16(), text("typeKey"), text("message"))
    }
}
