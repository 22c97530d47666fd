use std::time::Duration;

use engine::effects::{Done, integration_request};
use sandbox::faults::{Fault, FaultAnswer};
use serde_json::json;
use std::sync::Arc;

use crate::far_side::{Answer, FarSide};
use crate::stage::{NO_PAGES, Stage, failure, on_each_engine, output, secret};

#[tokio::test]
async fn an_integration_request_calls_in_the_name_of_the_executions_account() {
    on_each_engine(async |stage| {
        let step = json!({ "path": "/projects", "query": { "api-version": "7.1" } });
        let output = output(stage.calls(step).await);
        assert_eq!(output["response"]["statusCode"], 200);
        assert!(output["response"]["body"]["value"][0]["name"].is_string(), "{output}");
        let patch = json!({
            "method": "POST",
            "path": "/Fabrikam/_apis/wit/workitems/$Task",
            "query": { "api-version": "7.1" },
            "body": { "type": "json", "content": [
                { "op": "add", "path": "/fields/System.Title", "value": "From a step" },
            ] },
        });
        let before = stage.sandbox.world().requests.list().len();
        let done = stage.calls(patch).await;
        assert_eq!(stage.sandbox.world().requests.list().len(), before + 1, "{done:?}");
    })
    .await;
}

#[tokio::test]
async fn an_account_is_called_at_its_connectors_hosts_alone() {
    let stage = Stage::start().await;
    let far_side = FarSide::answering(Answer::json(200, "{}")).await;
    let (error, is_passing) = failure(stage.calls(json!({ "path": far_side.url("/") })).await);
    assert_eq!((error.code.as_str(), is_passing), ("foreign_host", false));
    assert!(far_side.seen().is_empty());
}

#[tokio::test]
async fn a_provider_that_wants_fewer_calls_pauses_the_step_and_the_next_one_too() {
    let stage = Stage::start().await;
    stage.sandbox.world().faults.order(Fault {
        path_contains: Some("/_apis/projects".to_owned()),
        answer: Some(FaultAnswer {
            status: 429,
            headers: [("retry-after".to_owned(), "40".to_owned())].into(),
            body: "{}".to_owned(),
        }),
        ..Fault::default()
    });
    let until = stage.world.clock.now() + Duration::from_secs(40);
    for code in ["http_status", "rate_limited"] {
        let done = stage.calls(json!({ "path": "/projects" })).await;
        let Done::Paused { until: told, error } = done else { panic!("{done:?}") };
        assert_eq!((told, error.code.as_str()), (until, code));
    }
    stage.world.clock.advance(Duration::from_secs(41));
    output(stage.calls(json!({ "path": "/projects" })).await);
}

#[tokio::test]
async fn without_an_account_the_step_fails_at_once() {
    let mut stage = Stage::start().await;
    let mut execution = (*stage.execution).clone();
    execution.credential_id = None;
    stage.execution = Arc::new(execution);
    let (error, is_passing) = failure(stage.calls(json!({ "path": "/projects" })).await);
    assert_eq!((error.code.as_str(), is_passing), ("no_account", false));
}

#[tokio::test]
async fn a_secret_in_a_path_is_told_neither_by_the_provider_nor_by_us() {
    let stage = Stage::start().await;
    stage.secret("KEY", "canary-7f3a").await;
    let path = json!({ "$template": ["/_apis/projects/", secret("KEY")] });
    let read = serde_json::from_value(json!({ "path": "{{ secrets.KEY }}" })).unwrap();
    let job = stage.job(json!({ "path": path }));
    let done = integration_request::perform(&stage.world, &job, &read, &NO_PAGES, false).await;
    let (error, _) = failure(done);
    assert_eq!(error.code, "http_status");
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
}

#[tokio::test]
async fn an_accounts_token_proves_no_client_to_somebody_else() {
    on_each_engine(async |stage| {
        let far_side = FarSide::start(|_| Some(Answer::json(200, r#"{"access_token":"x"}"#))).await;
        let token = json!({ "$reference": { "kind": "token", "name": "account.token" } });
        for place in ["token_url", "client_id", "client_secret", "scope"] {
            let mut authorization = json!({
                "kind": "client_credentials", "token_url": far_side.url("/token"),
                "client_id": "a", "client_secret": "b",
            });
            authorization[place] = token.clone();
            let step = json!({ "url": far_side.url("/"), "authorization": authorization });
            let (error, _) = failure(stage.requests(step).await);
            assert_eq!(error.code, "token_not_allowed", "{place}");
        }
        assert!(far_side.seen().is_empty());
    })
    .await;
}
