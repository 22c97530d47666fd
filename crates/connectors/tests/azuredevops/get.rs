use base::ErrorKind;
use serde_json::json;

use crate::app::{App, PROJECT};

#[tokio::test]
async fn a_work_item_is_read_whole_or_by_fields_or_as_it_was() {
    let app = App::start().await;
    let made = app
        .does("create_work_item", json!({ "project": PROJECT, "type": "Task", "title": "One" }))
        .await;
    let id = &made["id"];
    let whole = app.does("get_work_item", json!({ "id": id })).await;
    assert_eq!(whole["fields"], made["fields"]);
    let short = app.does("get_work_item", json!({ "id": id, "fields": ["System.Title"] })).await;
    assert_eq!(short["fields"], json!({ "System.Title": "One" }));
    let then = app.clock.now().to_rfc3339();
    let old = app.does("get_work_item", json!({ "id": id, "as_of": then })).await;
    assert_eq!(old["rev"], 1);
    let error =
        app.tries("get_work_item", json!({ "id": id, "as_of": "2001-01-01" })).await.unwrap_err();
    assert_eq!(error.code(), "work_item_not_found");
}

#[tokio::test]
async fn an_item_that_is_not_there_is_not_found() {
    let app = App::start().await;
    let error = app.tries("get_work_item", json!({ "id": 999_999 })).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, "work_item_not_found"));
    assert_eq!(error.meta().unwrap()["provider"]["status"], 404);
}
