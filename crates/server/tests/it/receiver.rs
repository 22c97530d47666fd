//! A host developer's own server, which is told things.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;

/// A host developer's own server: it keeps what it is told, and answers as it should.
#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    heard: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    answer: Arc<Mutex<(u16, &'static str)>>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let receiver =
            Self { url, heard: Arc::default(), answer: Arc::new(Mutex::new((200, "thanks"))) };
        let router = Router::new().fallback(hear).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    pub fn answers(&self, status: u16, body: &'static str) {
        *self.answer.lock().unwrap() = (status, body);
    }

    /// What it was told since the last time: the headers and the body.
    pub fn heard(&self) -> Vec<(HeaderMap, String)> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }

    /// Whether it was told nothing.
    pub fn is_silent(&self) -> bool {
        self.heard.lock().unwrap().is_empty()
    }

    /// The one thing that it was told, as JSON.
    pub fn told(&self) -> Value {
        let heard = self.heard();
        assert_eq!(heard.len(), 1, "{heard:?}");
        serde_json::from_str(&heard[0].1).unwrap()
    }
}

async fn hear(
    State(receiver): State<Receiver>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let body = String::from_utf8(body.to_vec()).unwrap();
    receiver.heard.lock().unwrap().push((headers, body));
    let (status, answer) = *receiver.answer.lock().unwrap();
    (StatusCode::from_u16(status).unwrap(), answer)
}
