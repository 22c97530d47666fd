//! The vendor's Task History API.

use serde_json::{Value, json};

use crate::app::{PUBLIC_URL, TestApp, on_each_engine};
use crate::reply::Reply;

async fn asks(test: &TestApp, path: &str) -> Reply {
    test.manager().get(&address(test, path)).await
}

fn address(test: &TestApp, path: &str) -> String {
    format!("/projects/{}/task-history/workflow-executions{path}", test.project_id)
}

fn ids(listed: &Value) -> Vec<String> {
    let executions = listed["workflowExecutions"].as_array().unwrap();
    executions.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn executions_are_found_by_everything_the_vendor_filters_by() {
    on_each_engine(async |test: TestApp| {
        let body = json!({ "userId": "ann" });
        let ann = test.manager().project_post("/connected-users", body).await.ok();
        let ann = ann["id"].as_str().unwrap().parse().ok();
        let (patience, failure) = (test.deploys_patience().await, test.deploys_failure().await);
        let waiting = test.runs_as(ann, patience, json!({ "minutes": 2 })).await.to_string();
        test.after(60);
        let failed = test.runs(failure, json!({})).await.to_string();
        let all = asks(&test, "").await.ok();
        assert_eq!(ids(&all), [&*failed, &*waiting]);
        assert_eq!((&all["total"], &all["nextLink"]), (&json!(2), &Value::Null));
        assert_eq!(
            all["workflowExecutions"][1],
            json!({
                "id": waiting, "userId": "ann", "taskCount": 0, "runDuration": 60_000,
                "workflowId": patience.workflow_id, "status": "DELAYED",
                "dateStarted": "2026-09-21T14:13:20.000Z", "dateEnded": null,
            })
        );
        let workflow = format!("?workflowId={}", failure.workflow_id);
        let searches = [
            ("?status=FAILED", vec![&failed]),
            ("?status=DELAYED", vec![&waiting]),
            ("?status=SUCCEEDED", vec![]),
            ("?userId=ann", vec![&waiting]),
            ("?userId=bob", vec![]),
            (&workflow, vec![&failed]),
            ("?integration=azuredevops", vec![&failed, &waiting]),
            ("?sortBy=ASC&limit=1", vec![&waiting, &failed]),
            ("?offset=1", vec![&waiting]),
            ("?beforeDate=2026-09-21T14:14:00", vec![&waiting]),
            ("?afterDate=2026-09-21T14:14:00Z", vec![&failed]),
        ];
        for (query, found) in searches {
            let listed = asks(&test, query).await.ok();
            assert_eq!(ids(&listed).iter().collect::<Vec<_>>(), found, "{query}");
        }
        for (query, refused) in [
            ("?status=LATE", "400 unknown_status"),
            ("?sortBy=UP", "400 invalid_sort"),
            ("?offset=100001", "400 offset_too_large"),
            ("?integration=none", "404 integration_not_found"),
            ("?beforeDate=today", "400 invalid_time"),
        ] {
            assert_eq!(asks(&test, query).await.refused(), refused, "{query}");
        }
        let ours = test.manager().project_get("/executions?integration=azuredevops").await.ok();
        assert_eq!(ours["items"].as_array().unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn pages_have_a_hundred_executions_and_lead_to_the_next() {
    on_each_engine(async |test: TestApp| {
        let patience = test.deploys_patience().await;
        for _ in 0..101 {
            let start = test.starts(patience, json!({ "minutes": 2 }));
            test.app.runner().begin(start).await.unwrap();
        }
        test.settles().await;
        let first = asks(&test, "?status=DELAYED&sortBy=ASC").await.ok();
        assert_eq!((ids(&first).len(), &first["total"]), (100, &json!(101)));
        let next = first["nextLink"].as_str().unwrap();
        let next = next.strip_prefix(PUBLIC_URL).expect("a full URL");
        let last = test.manager().get(next).await.ok();
        assert_eq!((ids(&last).len(), &last["nextLink"]), (1, &Value::Null));
        assert!(!ids(&first).contains(&ids(&last)[0]));
    })
    .await;
}

#[tokio::test]
async fn an_execution_is_shown_step_by_step_and_done_again() {
    on_each_engine(async |test: TestApp| {
        let patience = test.deploys_patience().await;
        let id = test.runs(patience, json!({ "minutes": 2 })).await;
        test.after(120);
        test.settles().await;
        let shown = asks(&test, &format!("/{id}")).await.ok();
        assert_eq!(shown["status"], "SUCCEEDED");
        assert_eq!(shown["runDuration"], 120_000);
        let steps = shown["stepExecutions"].as_array().unwrap();
        let lines: Vec<String> = steps
            .iter()
            .map(|step| {
                format!("{} {} {}", step["stepId"], step["type"], step["status"]).replace('"', "")
            })
            .collect();
        assert_eq!(
            lines,
            [
                "trigger TRIGGER/ENDPOINT SUCCEEDED",
                "wait ACTION/DELAY SUCCEEDED",
                "choose ACTION/CONDITIONAL SUCCEEDED",
                "tell ACTION/RESPONSE SUCCEEDED",
            ]
        );
        for pair in steps.windows(2) {
            assert_eq!(pair[0]["next"], json!([pair[1]["id"]]));
            assert_eq!(pair[1]["prev"], pair[0]["id"]);
        }
        let answer = steps[3]["id"].as_str().unwrap();
        let answer = asks(&test, &format!("/{id}/step-executions/{answer}")).await.ok();
        assert_eq!(answer["output"], json!({ "status": 200, "body": { "waited": 2 } }));
        assert_eq!((&answer["input"], &answer["isLargeOutput"]), (&Value::Null, &json!(false)));
        let trigger = steps[0]["id"].as_str().unwrap();
        let trigger = asks(&test, &format!("/{id}/step-executions/{trigger}")).await.ok();
        assert_eq!(trigger["output"], json!({ "minutes": 2 }));
        let none = asks(&test, &format!("/{id}/step-executions/{id}")).await;
        assert_eq!(none.refused(), "404 step_execution_not_found");

        let path = address(&test, &format!("/{id}/replay"));
        let replayed = test.manager().post(&path, json!({})).await;
        assert_eq!(replayed.status, 201);
        let replayed = replayed.ok();
        assert_eq!(replayed["workflowId"], json!(patience.workflow_id));
        let own = test.manager().project_get(&format!("/executions/{id}")).await.ok();
        assert_eq!(own["steps"][1]["output"], json!({ "selectedChoice": "Yes" }));
        assert_eq!(own["steps"][1]["previous"], "wait");
        assert_eq!(own["events"].as_array().unwrap().len(), 7);
    })
    .await;
}

#[tokio::test]
async fn the_task_history_is_one_projects_and_a_token_calls_it_a_thousand_times_in_ten_minutes() {
    on_each_engine(async |test: TestApp| {
        let body = json!({ "name": "Other" });
        let other = test.manager().post("/api/v1/projects", body).await.ok();
        let patience = test.deploys_patience().await;
        let id = test.runs(patience, json!({ "minutes": 2 })).await;
        let other = other["id"].as_str().unwrap();
        let foreign = format!("/projects/{other}/task-history/workflow-executions/{id}");
        assert_eq!(test.manager().get(&foreign).await.refused(), "404 execution_not_found");
        for _ in 1..1_000 {
            asks(&test, "?status=SUCCEEDED").await.ok();
        }
        let refused = asks(&test, "").await;
        assert_eq!(refused.refused(), "429 task_history_rate_limit");
        assert_eq!(refused.header("retry-after"), "600");
        test.after(600);
        asks(&test, "").await.ok();
    })
    .await;
}
