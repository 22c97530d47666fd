//! What has served its time goes, however much there is of it and whatever fails beside it.

use server::worker::cleanup;

use crate::app::{TestApp, on_each_engine};
use crate::definitions::waiting;

/// Statements that count from 1 and make ids of it, on both engines.
fn many(count: usize, insert: &str, select: &str) -> String {
    let id = "'00000000-0000-7000-8000-' || substr('000000000000' || i, length('' || i) + 1)";
    let select = select.replace("{id}", id);
    format!(
        "insert into {insert} with recursive counted(i) as \
         (select 1 union all select i + 1 from counted where i < {count}) select {select}"
    )
}

impl TestApp {
    async fn has_old_events(&self, count: usize) {
        let columns = "events (id, project_id, type, subject, payload, created_at)";
        let values = format!("{{id}}, '{}', 'x', '', '{{}}', 1 from counted", self.project_id);
        self.database().run(&many(count, columns, &values)).await;
    }

    async fn listed(&self, path: &str) -> usize {
        let listed = self.manager().project_get(path).await.ok();
        listed["items"].as_array().unwrap().len()
    }
}

#[tokio::test]
async fn all_that_is_old_goes_at_once_however_much_it_is() {
    on_each_engine(async |test: TestApp| {
        test.manager().deploys(&waiting("sync")).await;
        // What a busy server ends in less than 20 seconds.
        let columns = "executions (id, project_id, workflow_id, version_id, trigger_kind, status, \
                       is_test, lease, created_at, finished_at)";
        let values = "{id}, project_id, workflow_id, id, 'request', 'succeeded', 0, 0, 1, 2 \
                      from counted cross join workflow_versions";
        test.database().run(&many(50_001, columns, values)).await;
        test.has_old_events(10_001).await;
        assert_eq!(test.listed("/executions?limit=1").await, 1);
        assert_eq!(test.listed("/events?limit=1").await, 1);
        cleanup::tick(test.app.clone()).await.unwrap();
        assert_eq!(test.listed("/executions?limit=1").await, 0);
        assert_eq!(test.listed("/events?limit=1").await, 0);
    })
    .await;
}

#[tokio::test]
async fn one_kind_of_rows_does_not_keep_the_others_waiting_for_long() {
    on_each_engine(async |test: TestApp| {
        test.has_old_events(10_001).await;
        let time = async {
            loop {
                tokio::task::yield_now().await;
                test.clock.advance(cleanup::KIND_TIME_MAX);
            }
        };
        tokio::select! {
            done = cleanup::tick(test.app.clone()) => done.unwrap(),
            () = time => unreachable!("time does not end"),
        }
        assert_eq!(test.listed("/events?limit=2").await, 1, "one transaction took all of its time");
        cleanup::tick(test.app.clone()).await.unwrap();
        assert_eq!(test.listed("/events?limit=2").await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_deleted_keeps_nothing_else() {
    on_each_engine(async |test: TestApp| {
        for table in ["oauth_nonces", "rate_limit_waits"] {
            test.database().run(&format!("alter table {table} rename to out_of_order")).await;
            test.has_old_events(1).await;
            cleanup::tick(test.app.clone()).await.unwrap();
            assert_eq!(test.listed("/events").await, 0);
            test.database().run(&format!("alter table out_of_order rename to {table}")).await;
        }
    })
    .await;
}
