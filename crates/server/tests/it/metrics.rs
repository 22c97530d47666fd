//! What the operator's monitoring reads.

use http::Method;
use serde_json::{Value, json};

use crate::app::{METRICS_TOKEN, TestApp, on_each_engine};

#[tokio::test]
async fn the_operators_token_shows_what_is_counted_and_no_other_does() {
    on_each_engine(async |test: TestApp| {
        let failure = test.deploys_failure().await;
        test.runs(failure, json!({})).await;
        test.end_user("ann").get("/me").await.ok();
        let shown = test.call(Method::GET, "/metrics", METRICS_TOKEN, Value::Null).await;
        assert_eq!(shown.status, 200);
        assert!(shown.header("content-type").starts_with("application/openmetrics-text"));
        let text = shown.text();
        for line in [
            "gangway_requests_total{route=\"sdk\",status=\"2xx\"} 1",
            "gangway_executions_begun_total 1",
            "gangway_executions_ended_total{status=\"failed\"} 1",
            "gangway_executions_running 0",
            "gangway_executions_due 0",
            "gangway_provider_calls_total{outcome=\"answered\"} 0",
            "gangway_writes_waiting 0",
            "gangway_deliveries_due 0",
        ] {
            assert!(text.lines().any(|one| one == line), "{line} is missing in\n{text}");
        }
        assert!(text.contains("gangway_commit_writes_bucket") && text.ends_with("# EOF\n"));
        let refused = test.call(Method::GET, "/metrics", &test.api_token, Value::Null).await;
        assert_eq!(refused.refused(), "401 metrics_token_unknown");
    })
    .await;
}
