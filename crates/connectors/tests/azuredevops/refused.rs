//! What people are told when Azure DevOps does not do it.

use base::ErrorKind;
use sandbox::faults::{Fault, FaultAnswer};
use serde_json::json;

use crate::app::{App, PROJECT};

fn answer(status: u16, body: &str) -> Fault {
    let answer = FaultAnswer { status, body: body.to_owned(), ..FaultAnswer::default() };
    Fault { path_contains: Some("workitems/".to_owned()), answer: Some(answer), ..Fault::default() }
}

#[tokio::test]
async fn each_refusal_says_whose_fault_it_is() {
    let app = App::start().await;
    let cases = [
        (503, r#"{"message":"TF400898: internal"}"#, ErrorKind::Provider, "azure_devops_failed"),
        (500, "<html>", ErrorKind::Provider, "azure_devops_failed"),
        (
            403,
            r#"{"message":"TF50309: no","typeKey":"AccessCheckException"}"#,
            ErrorKind::Invalid,
            "not_permitted",
        ),
        (404, r#"{"count":1,"value":{"Message":"No page"}}"#, ErrorKind::NotFound, "not_found"),
        (409, "", ErrorKind::Conflict, "revision_conflict"),
        (
            400,
            r#"{"message":"VS402335: The timeout period elapsed"}"#,
            ErrorKind::Timeout,
            "query_too_slow",
        ),
        (400, r#"{"message":"Odd"}"#, ErrorKind::Invalid, "refused"),
    ];
    for (status, body, kind, code) in cases {
        app.world().faults.order(answer(status, body));
        let error = app.tries("get_work_item", json!({ "id": 1 })).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (kind, code), "{error:?}");
        let meta = error.meta().unwrap();
        assert_eq!(meta["provider"]["status"], status);
        assert_eq!(meta["isIntegrationError"], true);
        assert!(error.message().ends_with('.') || meta["provider"]["message"] != "", "{error:?}");
    }
}

#[tokio::test]
async fn too_many_calls_are_an_error_that_says_how_long_to_wait() {
    let app = App::start().await;
    let mut fault = answer(429, r#"{"message":"TF400733","typeKey":"RequestBlockedException"}"#);
    let headers = [("retry-after".to_owned(), "7".to_owned())];
    fault.answer.as_mut().unwrap().headers = headers.into();
    app.world().faults.order(fault);
    let error = app.tries("get_work_item", json!({ "id": 1 })).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::RateLimited, "rate_limited"));
    assert_eq!(error.meta().unwrap()["retryAfterSeconds"], 7);
}

#[tokio::test]
async fn a_read_only_field_is_named() {
    let app = App::start().await;
    let inputs = json!({
        "project": PROJECT, "type": "Task", "title": "x", "fields": { "System.CreatedDate": "2026-01-01" },
    });
    let error = app.tries("create_work_item", inputs).await.unwrap_err();
    assert_eq!(error.code(), "rule_violation");
    assert_eq!(error.meta().unwrap()["fields"][0]["field"], "System.CreatedDate");
    assert!(error.message().contains("only Azure DevOps writes it"), "{}", error.message());
}
