//! Triggers without end, and a ledger of those that were acknowledged.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use base::{Clock, ExecutionId};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::yard::{EVENT, Yard};

/// What has come of the triggers so far.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    pub acknowledged: Vec<ExecutionId>,
    /// Turned away with 503 and told when to come back.
    pub turned_away: usize,
    /// No answer: the server died.
    pub unanswered: usize,
    /// Anything else, which must not be.
    pub wrong: Vec<String>,
}

/// Programs of the host that send triggers.
pub struct Load {
    ledger: Arc<Mutex<Ledger>>,
    ports: Arc<Mutex<BTreeMap<usize, u16>>>,
    programs: Vec<JoinHandle<()>>,
}

struct Program {
    client: Client<HttpConnector, Body>,
    manager: String,
    events: String,
    requests: String,
    ledger: Arc<Mutex<Ledger>>,
}

impl Load {
    /// So many programs, each with a pause between its triggers.
    pub fn begin(yard: &Yard, programs: usize, pause: Duration) -> Self {
        let (ledger, ports) = (Arc::<Mutex<Ledger>>::default(), Arc::default());
        let project = format!("/api/v1/projects/{}", yard.made.project_id);
        let run = |number: usize| {
            let program = Program {
                client: Client::builder(TokioExecutor::new()).build_http(),
                manager: yard.made.manager.clone(),
                events: format!("{project}/app-events"),
                requests: format!("{project}/workflows/{}/requests", yard.by_request),
                ledger: Arc::clone(&ledger),
            };
            tokio::spawn(program.run(number, Arc::clone(&ports), pause))
        };
        let programs = (0..programs).map(run).collect();
        Self { ledger, ports, programs }
    }

    /// Where a server listens from now on, or that there is none.
    pub fn server(&self, place: usize, port: Option<u16>) {
        let mut ports = self.ports.lock().unwrap();
        match port {
            Some(port) => ports.insert(place, port),
            None => ports.remove(&place),
        };
    }

    pub fn ledger(&self) -> Ledger {
        self.ledger.lock().unwrap().clone()
    }

    /// Sends no more; what is under way comes to its end.
    pub async fn end(self) -> Ledger {
        self.ports.lock().unwrap().insert(usize::MAX, 0);
        for program in self.programs {
            program.await.unwrap();
        }
        self.ledger.lock().unwrap().clone()
    }
}

impl Program {
    async fn run(self, number: usize, ports: Arc<Mutex<BTreeMap<usize, u16>>>, pause: Duration) {
        let clock = Clock::system();
        for turn in 0_usize.. {
            let servers: Vec<u16> = ports.lock().unwrap().values().copied().collect();
            if servers.contains(&0) {
                return;
            }
            if !servers.is_empty() {
                self.send(servers[turn % servers.len()], number, turn).await;
            }
            clock.sleep_until(clock.now() + pause).await;
        }
    }

    async fn send(&self, port: u16, number: usize, turn: usize) {
        let (path, body) = if (turn + number).is_multiple_of(2) {
            let payload = json!({ "n": turn });
            (&self.events, json!({ "name": EVENT, "userId": "ann", "payload": payload }))
        } else {
            (&self.requests, json!({ "userId": "ann", "body": { "n": turn } }))
        };
        let request = Request::post(format!("http://127.0.0.1:{port}{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.manager))
            .body(Body::from(body.to_string()))
            .unwrap();
        let answer = match self.client.request(request).await {
            Ok(answer) => {
                let (parts, body) = answer.into_parts();
                body.collect().await.map(|body| (parts, body.to_bytes())).ok()
            }
            Err(_) => None,
        };
        let mut ledger = self.ledger.lock().unwrap();
        let Some((parts, body)) = answer else {
            ledger.unanswered += 1;
            return;
        };
        if parts.status.is_success() {
            let answer: Value = serde_json::from_slice(&body).unwrap();
            let id = if answer["executionId"].is_null() {
                &answer["executionIds"][0]
            } else {
                &answer["executionId"]
            };
            let id = id.as_str().unwrap_or_else(|| panic!("no execution: {answer}"));
            ledger.acknowledged.push(id.parse().unwrap());
        } else if parts.status == StatusCode::SERVICE_UNAVAILABLE
            && parts.headers.contains_key(header::RETRY_AFTER)
        {
            ledger.turned_away += 1;
        } else {
            let text = String::from_utf8_lossy(&body);
            ledger.wrong.push(format!("{} {:?} {text}", parts.status, parts.headers));
        }
    }
}
