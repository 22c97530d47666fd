//! The address at which the outside reaches whichever process is there.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

/// Listens, and hands over what comes.
#[derive(Clone)]
pub struct Door {
    pub url: String,
    behind: Arc<Mutex<Option<Router>>>,
    passed: Arc<Mutex<Vec<String>>>,
}

impl Door {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let door = Self { url, behind: Arc::default(), passed: Arc::default() };
        let router = Router::new().fallback(hand_over).with_state(door.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        door
    }

    /// Leads to this process from now on.
    pub fn leads_to(&self, router: &Router) {
        *self.behind.lock().unwrap() = Some(router.clone());
    }

    /// Waits until a call to such a path was answered, though not for ever.
    pub async fn passes(&self, path: &str) {
        for _ in 0..5_000_000 {
            if self.passed().iter().any(|passed| passed.starts_with(path)) {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("nobody called {path}");
    }

    /// The paths that were answered.
    pub fn passed(&self) -> Vec<String> {
        self.passed.lock().unwrap().clone()
    }
}

async fn hand_over(State(door): State<Door>, request: Request) -> Response {
    let behind = door.behind.lock().unwrap().clone();
    let Some(router) = behind else { return StatusCode::BAD_GATEWAY.into_response() };
    let path = request.uri().path().to_owned();
    let response = router.oneshot(request).await.unwrap();
    door.passed.lock().unwrap().push(path);
    response
}
