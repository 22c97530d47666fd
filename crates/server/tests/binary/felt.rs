//! What is done at one server is felt at the other within a second.

use std::time::Duration;

use base::Clock;
use http::Method;
use serde_json::{Value, json};

use crate::pair::{Installation, Server, on_postgres, until};

/// What is done at one server, and what the other then answers to the user's calls.
async fn felt(made: &Installation, act: impl AsyncFnOnce(&Server), expected: (u16, &str)) {
    let (here, there) = (made.start().await, made.start().await);
    let (status, answer) = there.calls(made).await;
    assert_eq!(status, 200, "{answer}");
    act(&here).await;
    let done = Clock::system().now();
    let mut last_served = done;
    let refused = async || {
        let asked = Clock::system().now();
        let (status, answer) = there.calls(made).await;
        if status == 200 {
            last_served = asked;
        }
        (status != 200).then_some((status, answer))
    };
    let (status, answer) = until("the other server refuses", refused).await;
    assert_eq!((status, answer["code"].as_str().unwrap()), expected, "{answer}");
    // What counts is when calls began that were still served: a busy machine answers late.
    let felt = last_served.since(done);
    assert!(felt < Duration::from_secs(1), "after {felt:?}");
}

#[tokio::test]
async fn a_revoked_signing_key() {
    on_postgres(async |made| {
        let revokes = async |server: &Server| {
            let keys = server.manages(&made, Method::GET, "/signing-keys", Value::Null).await;
            let path = format!("/signing-keys/{}", keys[0]["id"].as_str().unwrap());
            server.manages(&made, Method::DELETE, &path, Value::Null).await;
        };
        felt(&made, revokes, (401, "token_signature")).await;
    })
    .await;
}

#[tokio::test]
async fn a_disabled_user() {
    on_postgres(async |made| {
        let disables = async |server: &Server| {
            let path = format!("/connected-users/{}", made.user_id);
            server.manages(&made, Method::PATCH, &path, json!({ "disabled": true })).await;
        };
        felt(&made, disables, (403, "user_disabled")).await;
    })
    .await;
}

#[tokio::test]
async fn a_disconnected_account() {
    on_postgres(async |made| {
        let disconnects = async |server: &Server| {
            let path = format!("/credentials/{}", made.credential_id);
            server.manages(&made, Method::DELETE, &path, Value::Null).await;
        };
        felt(&made, disconnects, (404, "integration_not_enabled")).await;
    })
    .await;
}
