//! The order of steps: branches, delays, fan outs, answers.

use std::time::Duration;

use serde_json::json;
use store::executions::Status;

use crate::bed::on_each_engine;

#[tokio::test]
async fn a_delay_hands_the_execution_out_and_goes_on_when_its_time_has_come() {
    on_each_engine(async |bed| {
        let workflow = bed
            .deploy(json!({
                "key": "later", "name": "Later", "trigger": {"kind": "request"}, "start": "wait",
                "steps": {
                    "wait": {"kind": "delay", "amount": "{{ trigger.body.minutes }}", "next": "tell"},
                    "tell": {"kind": "response", "body": {"waited": "{{ trigger.body.minutes }}"}},
                },
            }))
            .await;
        let id = bed.begin(bed.start(workflow, json!({"body": {"minutes": 2}}))).await;
        bed.settle().await;
        assert_eq!(bed.execution(id).await.status, Status::Waiting);
        bed.pass(Duration::from_secs(119)).await;
        assert_eq!(bed.execution(id).await.status, Status::Waiting);
        bed.pass(Duration::from_secs(1)).await;
        assert_eq!(bed.execution(id).await.status, Status::Succeeded);
        bed.expect_journal(id, r#"
        triggered input={"body":{"minutes":2}}
        began
        step_delayed wait until=1790000120000000
        step_finished wait output=null
        responded tell answer={"body":{"waited":2},"status":200}
        succeeded
        "#).await;
    })
    .await;
}

#[tokio::test]
async fn a_fan_out_works_on_each_item_and_gathers_what_its_steps_gave() {
    on_each_engine(async |bed| {
        let workflow = bed
            .deploy(json!({
                "key": "each", "name": "Each", "trigger": {"kind": "request"}, "start": "fan",
                "steps": {
                    "fan": {"kind": "fan_out", "items": "{{ trigger.items }}", "parallel": 2,
                        "each": "wait", "next": "tell"},
                    "wait": {"kind": "delay", "amount": "{{ item }}", "unit": "seconds", "next": "choose"},
                    "choose": {"kind": "conditional", "condition": {"any": [{"all": [
                        {"left": "{{ item }}", "operator": "number_greater_than", "right": 1}]}]}},
                    "tell": {"kind": "response", "body": "{{ steps.choose.output }}"},
                },
            }))
            .await;
        let id = bed.begin(bed.start(workflow, json!({"items": [3, 1, 2]}))).await;
        bed.settle().await;
        for _ in 0..4 {
            bed.pass(Duration::from_secs(1)).await;
        }
        assert_eq!(bed.execution(id).await.status, Status::Succeeded);
        bed.expect_journal(id, r#"
        triggered input={"items":[3,1,2]}
        began
        fan_out_opened fan items=[3,1,2]
        step_delayed fan[0].wait until=1790000003000000
        step_delayed fan[1].wait until=1790000001000000
        step_finished fan[1].wait output=null
        step_finished fan[1].choose output={"selectedChoice":"No"}
        item_finished fan index=1
        step_delayed fan[2].wait until=1790000003000000
        step_finished fan[0].wait output=null
        step_finished fan[2].wait output=null
        step_finished fan[0].choose output={"selectedChoice":"Yes"}
        step_finished fan[2].choose output={"selectedChoice":"Yes"}
        item_finished fan index=0
        item_finished fan index=2
        step_finished fan output={"count":3}
        responded tell answer={"body":[{"selectedChoice":"Yes"},{"selectedChoice":"No"},{"selectedChoice":"Yes"}],"status":200}
        succeeded
        "#).await;
    })
    .await;
}
