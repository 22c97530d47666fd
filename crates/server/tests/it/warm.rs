//! What a warm call does without.

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
