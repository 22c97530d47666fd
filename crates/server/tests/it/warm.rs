//! What a warm call does without.

use futures_util::future::join_all;
use serde_json::json;

use crate::app::{TestApp, on_each_engine};

#[tokio::test]
async fn a_warm_proxied_call_reads_nothing_from_the_database() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        ann.connects().await;
        ann.proxies("/projects?api-version=5.0").await.ok();
        test.app.store().close().await;
        ann.proxies("/projects?api-version=5.0").await.ok();
        let cold = test.end_user("ben").proxies("/projects?api-version=5.0").await;
        assert_eq!(cold.refused(), "503 database_unavailable");
    })
    .await;
}

/// Calls that arrive together with a token and an account that nobody has looked at yet.
const CALLS: usize = 1_000;

#[tokio::test]
async fn many_first_calls_at_once_are_one_check_one_read_and_one_renewal() {
    on_each_engine(async |test: TestApp| {
        test.end_user("ann").connects().await;
        let listed = test.manager().project_get("/connected-users").await.ok();
        let path = format!("/connected-users/{}", listed["items"][0]["id"].as_str().unwrap());
        test.manager().project_patch(&path, json!({ "disabled": false })).await.ok();
        test.after(90 * 60);
        test.sandbox.world().requests.take();
        let ann = test.end_user("ann");
        let calls = (0..CALLS).map(|_| ann.proxies("/projects?api-version=5.0"));
        for reply in join_all(calls).await {
            reply.ok();
        }
        let seen = test.sandbox.world().requests.take();
        let renewals = seen.iter().filter(|request| request.target.contains("/token")).count();
        assert_eq!(renewals, 1);
    })
    .await;
}
