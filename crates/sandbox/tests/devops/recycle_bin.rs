//! Deleting, restoring and destroying.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Answer, App};

async fn delete(app: &App, person: &str, path: &str) -> Answer {
    let mark = if path.contains('?') { '&' } else { '?' };
    let target = format!("/acme{path}{mark}api-version=7.1");
    app.call(Method::DELETE, target).pat(person, "acme").send().await
}

#[tokio::test]
async fn a_deleted_item_is_in_the_bin_and_nowhere_else() {
    let app = App::start().await;
    let task = app.task("Gone").await;
    let body = delete(&app, "ann", &format!("/_apis/wit/workitems/{task}")).await.ok();
    assert_eq!(body["id"], task);
    assert_eq!(body["code"], 200);
    assert_eq!(body["name"], "Gone");
    assert_eq!(body["deletedBy"], "Ann Archer <ann@acme.example>");
    assert_eq!(body["resource"]["fields"]["System.Title"], "Gone");
    let read = app.ann_gets(&format!("/_apis/wit/workitems/{task}")).await;
    assert_eq!(read.status, StatusCode::NOT_FOUND);
    let bin = app.ann_gets("/Storefront/_apis/wit/recyclebin").await.ok();
    assert_eq!(bin["value"][0]["id"], task);
    assert_eq!(app.ann_gets("/Fulfilment/_apis/wit/recyclebin").await.ok()["count"], 0);
    let one = app.ann_gets(&format!("/_apis/wit/recyclebin/{task}")).await.ok();
    assert_eq!(one["type"], "Task");
    let some = app.ann_gets(&format!("/_apis/wit/recyclebin?ids={task},1")).await.ok();
    assert_eq!((&some["count"], &some["value"][0]["name"]), (&json!(1), &json!("Gone")));
}

#[tokio::test]
async fn a_restored_item_is_back_with_its_links() {
    let app = App::start().await;
    let before = app.ann_gets("/_apis/wit/workitems/2?$expand=all").await.ok();
    delete(&app, "ann", "/_apis/wit/workitems/2").await.ok();
    let parent = app.ann_gets("/_apis/wit/workitems/1?$expand=relations").await.ok();
    let to_deleted = |parent: &Value| {
        let list = parent["relations"].as_array().cloned().unwrap_or_default();
        list.iter().any(|one| one["url"].as_str().is_some_and(|url| url.ends_with("/2")))
    };
    assert!(!to_deleted(&parent));
    let restore = |body: Value| {
        let call = app.call(Method::PATCH, "/acme/_apis/wit/recyclebin/2?api-version=7.1");
        call.pat("ann", "acme").json(&body).send()
    };
    assert_eq!(restore(json!({ "isDeleted": true })).await.status, StatusCode::BAD_REQUEST);
    restore(json!({ "isDeleted": false })).await.ok();
    let after = app.ann_gets("/_apis/wit/workitems/2?$expand=all").await.ok();
    assert_eq!(after["relations"], before["relations"]);
    assert_eq!(after["rev"].as_u64(), before["rev"].as_u64().map(|rev| rev + 2));
    assert!(to_deleted(&app.ann_gets("/_apis/wit/workitems/1?$expand=relations").await.ok()));
}

#[tokio::test]
async fn destroying_is_for_administrators_and_for_good() {
    let app = App::start().await;
    let (one, other) = (app.task("One").await, app.task("Other").await);
    let path = format!("/_apis/wit/workitems/{one}?destroy=true");
    assert_eq!(delete(&app, "ben", &path).await.status, StatusCode::FORBIDDEN);
    delete(&app, "ann", &path).await.ok();
    let gone = app.ann_gets(&format!("/_apis/wit/recyclebin/{one}")).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);

    delete(&app, "ann", &format!("/_apis/wit/workitems/{other}")).await.ok();
    let path = format!("/_apis/wit/recyclebin/{other}");
    assert_eq!(delete(&app, "ben", &path).await.status, StatusCode::FORBIDDEN);
    assert_eq!(delete(&app, "ann", &path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(app.ann_gets("/_apis/wit/recyclebin").await.ok()["count"], 0);
}

#[tokio::test]
async fn test_cases_are_not_deleted_here() {
    let app = App::start().await;
    let case = app.item("Storefront/Test%20Case", &[("System.Title", json!("x"))]).await;
    let answer = delete(&app, "ann", &format!("/_apis/wit/workitems/{}", case["id"])).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn several_items_are_deleted_at_once_each_with_a_status_of_its_own() {
    let app = App::start().await;
    let (one, other) = (app.task("One").await, app.task("Other").await);
    let call = app.call(Method::POST, "/acme/_apis/wit/workitemsdelete?api-version=7.1");
    let body = json!({ "ids": [one, 999_999, other], "destroy": false });
    let body = call.pat("ann", "acme").json(&body).send().await.ok();
    let codes: Vec<&Value> =
        body["results"].as_array().expect("a list").iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, [200, 404, 200]);
    assert_eq!(app.ann_gets("/_apis/wit/recyclebin").await.ok()["count"], 2);
}
