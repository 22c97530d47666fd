//! What people and processes do to executions: ending them, repeating them, dying in them.

use std::time::Duration;

use engine::runner::{ReplayFrom, RunnerConfig};
use serde_json::{Value, json};
use store::executions::Status;
use store::journal::Append;
use store::testing::engines;

use crate::bed::{Bed, on_each_engine};

/// Waits for a minute, then answers.
fn waiting() -> Value {
    json!({
        "key": "later", "name": "Later", "trigger": {"kind": "request"}, "start": "wait",
        "steps": {
            "wait": {"kind": "delay", "amount": 1, "next": "tell"},
            "tell": {"kind": "response", "body": "done"},
        },
    })
}

#[tokio::test]
async fn an_execution_goes_on_after_its_process_died() {
    on_each_engine(async |mut bed| {
        let workflow = bed.deploy(waiting()).await;
        let id = bed.begin(bed.start(workflow, json!({}))).await;
        bed.settle().await;
        bed.restart().await;
        bed.pass(Duration::from_secs(60)).await;
        assert_eq!(bed.execution(id).await.status, Status::Succeeded);
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_execution_does_nothing_more_and_cannot_be_cancelled_again() {
    on_each_engine(async |bed| {
        let workflow = bed.deploy(waiting()).await;
        let id = bed.begin(bed.start(workflow, json!({}))).await;
        bed.settle().await;
        bed.runner.cancel(bed.project_id, id, "Enough.").await.expect("it is cancelled");
        bed.pass(Duration::from_secs(60)).await;
        assert_eq!(bed.execution(id).await.status, Status::Cancelled);
        bed.expect_journal(
            id,
            r#"triggered input={}
            began
            step_delayed wait until=1790000060000000
            cancelled reason="Enough.""#,
        )
        .await;
        let again = bed.runner.cancel(bed.project_id, id, "Enough.").await;
        assert_eq!(again.expect_err("it has ended").code(), "execution_ended");
    })
    .await;
}

#[tokio::test]
async fn a_trigger_that_names_the_same_thing_twice_starts_one_execution() {
    on_each_engine(async |bed| {
        let workflow = bed.deploy(waiting()).await;
        let mut start = bed.start(workflow, json!({}));
        start.dedup_key = Some("revision 7".to_owned());
        let first = bed.runner.begin(start.clone()).await.expect("it starts");
        let second = bed.runner.begin(start).await.expect("it is taken");
        assert!(first.is_some() && second.is_none());
    })
    .await;
}

#[tokio::test]
async fn an_execution_is_repeated_with_the_input_of_its_trigger() {
    on_each_engine(async |bed| {
        let workflow = bed.deploy(waiting()).await;
        let id = bed.begin(bed.start(workflow, json!({"body": 7}))).await;
        bed.settle().await;
        let again = bed.runner.replay(bed.project_id, id, None, ReplayFrom::Trigger).await;
        let again = again.expect("it is repeated");
        bed.settle().await;
        bed.pass(Duration::from_secs(60)).await;
        let repeated = bed.execution(again).await;
        assert_eq!((repeated.status, repeated.replay_of), (Status::Succeeded, Some(id)));
        assert!(bed.journal(again).await.starts_with("triggered input={\"body\":7}"));
        let nothing = bed.runner.replay(bed.project_id, id, None, ReplayFrom::FailedStep).await;
        assert_eq!(nothing.expect_err("nothing failed").code(), "nothing_failed");
    })
    .await;
}

#[tokio::test]
async fn a_version_that_cannot_run_fails_its_executions_and_says_why() {
    on_each_engine(async |bed| {
        let mut definition = waiting();
        definition["steps"]["wait"]["next"] = "nowhere".into();
        let workflow = bed.deploy(definition).await;
        let id = bed.begin(bed.start(workflow, json!({}))).await;
        bed.settle().await;
        assert_eq!(bed.execution(id).await.status, Status::Failed);
        assert!(bed.journal(id).await.contains("There is no step \\\"nowhere\\\"."));
    })
    .await;
}

#[tokio::test]
async fn no_more_of_a_project_run_at_once_than_its_limit_and_the_rest_is_queued() {
    for engine in engines() {
        let config = RunnerConfig { running_per_project_max: 2, ..RunnerConfig::default() };
        let bed = Bed::with(engine, config).await;
        let workflow = bed.deploy(waiting()).await;
        let mut ids = Vec::new();
        for _ in 0..5 {
            ids.push(bed.begin(bed.start(workflow, json!({}))).await);
        }
        bed.settle().await;
        bed.pass(Duration::from_secs(60)).await;
        for id in ids {
            assert_eq!(bed.execution(id).await.status, Status::Succeeded);
        }
    }
}

/// Opens its list once more for each of its items, without touching anything outside.
fn growing() -> Value {
    json!({
        "key": "growing", "name": "Growing", "trigger": {"kind": "request"}, "start": "outer",
        "steps": {
            "outer": {"kind": "fan_out", "items": "{{ trigger.items }}", "each": "inner", "parallel": 1},
            "inner": {"kind": "fan_out", "items": "{{ trigger.items }}", "each": "look"},
            "look": {"kind": "conditional", "condition": {"any": [{"all": [
                {"left": "{{ item }}", "operator": "number_equals", "right": 1}]}]}},
        },
    })
}

#[tokio::test]
async fn an_execution_whose_journal_grows_too_large_fails_and_says_so() {
    for engine in engines() {
        let config = RunnerConfig { journal_bytes_max: 10_000, ..RunnerConfig::default() };
        let bed = Bed::with(engine, config).await;
        let workflow = bed.deploy(waiting()).await;
        let small = bed.begin(bed.start(workflow, json!({ "text": "x".repeat(1_000) }))).await;
        let large = bed.begin(bed.start(workflow, json!({ "text": "x".repeat(10_000) }))).await;
        let grows = bed.deploy(growing()).await;
        let items: Vec<u32> = (0..100).collect();
        let grown = bed.begin(bed.start(grows, json!({ "items": items }))).await;
        bed.settle().await;
        bed.pass(Duration::from_secs(60)).await;
        assert_eq!(bed.execution(small).await.status, Status::Succeeded);
        assert_eq!(bed.execution(large).await.status, Status::Failed);
        assert!(bed.journal(large).await.contains("journal_too_large"));
        let journal = bed.journal(grown).await;
        assert!(journal.contains("journal_too_large"));
        assert!(journal.len() < 20_000, "it ends long before all lists are opened");
    }
}

#[tokio::test]
async fn two_runs_that_write_in_one_commit_each_hear_of_their_own_row() {
    on_each_engine(async |bed| {
        let workflow = bed.deploy(waiting()).await;
        let id = bed.begin(bed.start(workflow, json!({}))).await;
        bed.settle().await;
        let lease = bed.execution(id).await.lease;
        let mut conn = bed.runner.world().store.read().await.unwrap();
        let rows = store::journal::read(&mut conn, id, 0, i64::MAX).await.unwrap().len();
        drop(conn);
        let append = |lease| Append {
            execution_id: id,
            sequence: i64::try_from(rows).unwrap(),
            lease,
            events: "[]".to_owned(),
        };
        let committer = bed.runner.committer();
        let (fenced, own) = tokio::join!(
            committer.append(append(lease - 1), None, None),
            committer.append(append(lease), None, None),
        );
        assert_eq!((fenced.unwrap(), own.unwrap()), (false, true));
    })
    .await;
}
