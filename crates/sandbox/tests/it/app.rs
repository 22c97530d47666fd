//! A sandbox in this process, a browser of a few lines, and a client application.

use std::net::SocketAddr;
use std::time::Duration;

use base::{Clock, Random, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use sandbox::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_CLIENT_SECRET, Options, Sandbox, World};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;
use url::{Url, form_urlencoded};

pub const REDIRECT_URI: &str = "http://localhost:8080/oauth";
pub const VERIFIER: &str = "a-code-verifier-that-is-long-enough-to-be-allowed";
pub const SCOPE: &str = "499b84ac-1321-427f-aa17-267ca6975798/vso.profile \
                         499b84ac-1321-427f-aa17-267ca6975798/vso.work_write offline_access";

/// A running sandbox on the test clock.
pub struct App {
    pub sandbox: Sandbox,
    pub clock: Clock,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl App {
    pub async fn start() -> Self {
        let clock = Clock::test(Timestamp::from_secs(1_790_000_000));
        Self::with(Options::in_memory(clock, Random::seeded(7))).await
    }

    pub async fn with(options: Options) -> Self {
        let clock = options.clock.clone();
        let sandbox = Sandbox::start(options).await.expect("the sandbox starts");
        Self { sandbox, clock }
    }

    pub fn world(&self) -> &World {
        self.sandbox.world()
    }

    pub fn address(&self) -> SocketAddr {
        self.sandbox.http_addresses()[0]
    }

    pub fn after(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Sends a request as it is; an error is a connection that broke.
    pub async fn try_send(&self, mut request: Request<String>) -> Result<Answer, hyper::Error> {
        let address = self.address();
        if !request.headers().contains_key(header::HOST) {
            let host = format!("localhost:{}", address.port());
            request.headers_mut().insert(header::HOST, host.parse().unwrap());
        }
        let stream = TcpStream::connect(address).await.expect("the sandbox accepts");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let answer = sender.send_request(request.map(|body| Full::new(Bytes::from(body)))).await;
        drop(sender);
        let (parts, body) = answer?.into_parts();
        let body = body.collect().await?.to_bytes();
        let _ = connection.await;
        let body = String::from_utf8(body.to_vec()).expect("text");
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }

    pub async fn send(&self, request: Request<String>) -> Answer {
        self.try_send(request).await.expect("there is an answer")
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.send(Request::get(target).body(String::new()).unwrap()).await
    }

    pub async fn post_form(&self, target: &str, form: &[(&str, &str)]) -> Answer {
        let request = Request::post(target)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(encode(form));
        self.send(request.unwrap()).await
    }

    /// The address of the sign-in page that the development application asks for. `changes` add
    /// parameters or replace the usual ones; an empty value takes one out.
    pub fn authorize_target(tenant: &str, changes: &[(&str, &str)]) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let usual = [
            ("client_id", DEVELOPMENT_CLIENT_ID),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT_URI),
            ("scope", SCOPE),
            ("state", "the-state"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        format!("/{tenant}/oauth2/v2.0/authorize?{}", encode(&changed(&usual, changes)))
    }

    /// Signs a person in and accepts; the answer sends the browser back to the client.
    pub async fn accepts(&self, person: &str, changes: &[(&str, &str)]) -> Answer {
        self.decides(person, changes, "accept").await
    }

    /// Signs a person in and presses a button of the consent page.
    pub async fn decides(&self, person: &str, changes: &[(&str, &str)], decision: &str) -> Answer {
        let mut changes = changes.to_vec();
        changes.push(("sandbox_person", person));
        let target = Self::authorize_target("organizations", &changes);
        let page = self.get(&target).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        self.post_form(&target, &[("decision", decision)]).await
    }

    /// Signs a person in, accepts, and reads the code out of the answer.
    pub async fn code_of(&self, person: &str, changes: &[(&str, &str)]) -> String {
        let answer = self.accepts(person, changes).await;
        answer.redirect_parameter("code").expect("a code")
    }

    /// The token endpoint, called with the client's usual parameters and `changes`.
    pub async fn token(&self, changes: &[(&str, &str)]) -> Answer {
        let usual =
            [("client_id", DEVELOPMENT_CLIENT_ID), ("client_secret", DEVELOPMENT_CLIENT_SECRET)];
        self.post_form("/organizations/oauth2/v2.0/token", &changed(&usual, changes)).await
    }

    /// Redeems a code as the development application does.
    pub async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> Answer {
        let usual = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        self.token(&changed(&usual, changes)).await
    }

    /// Uses a refresh token.
    pub async fn refresh(&self, token: &str, changes: &[(&str, &str)]) -> Answer {
        let usual = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.token(&changed(&usual, changes)).await
    }

    /// The token answer of a whole sign-in.
    pub async fn tokens_of(&self, person: &str, changes: &[(&str, &str)]) -> Value {
        let code = self.code_of(person, changes).await;
        let answer = self.redeem(&code, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where a redirect leads.
    pub fn location(&self) -> Url {
        assert_eq!(self.status, StatusCode::FOUND, "{}", self.body);
        self.header("location").parse().expect("an address")
    }

    /// A parameter in the query of the address a redirect leads to.
    pub fn redirect_parameter(&self, name: &str) -> Option<String> {
        let location = self.location();
        let mut pairs = location.query_pairs();
        pairs.find(|(one, _)| one == name).map(|(_, value)| value.into_owned())
    }

    /// Error, number and status of a failure of the token endpoint: "400 invalid_grant 54005".
    pub fn failure(&self) -> String {
        let body = self.json();
        let code = body["error_codes"][0].as_u64().expect("a number");
        format!("{} {} {code}", self.status.as_u16(), body["error"].as_str().unwrap_or_default())
    }

    /// Error and the number in the description of a failure sent back to the client.
    pub fn refusal(&self) -> String {
        let error = self.redirect_parameter("error").expect("an error");
        let description = self.redirect_parameter("error_description").expect("a description");
        format!("{error} {}", description.split(':').next().unwrap_or_default())
    }
}

/// What a token says, unchecked.
pub fn claims(token: &Value) -> Value {
    let payload = token.as_str().expect("a token").split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// A query or form; a pair without a value is left out.
pub fn encode(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().filter(|(_, value)| !value.is_empty());
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn changed<'a>(
    usual: &[(&'a str, &'a str)],
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let untouched =
        usual.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    untouched.chain(changes).copied().collect()
}
