//! The discussion of a work item.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Answer, App};
use crate::description::Description;

const VERSION: &str = "api-version=7.1-preview.4";

async fn write(app: &App, person: &str, method: Method, path: &str, body: Value) -> Answer {
    let mark = if path.contains('?') { '&' } else { '?' };
    let call = app.call(method, format!("/acme{path}{mark}{VERSION}")).pat(person, "acme");
    call.json(&body).send().await
}

fn comments(task: u64) -> String {
    format!("/Storefront/_apis/wit/workItems/{task}/comments")
}

async fn say(app: &App, task: u64, text: &str) -> Value {
    write(app, "ann", Method::POST, &comments(task), json!({ "text": text })).await.ok()
}

#[tokio::test]
async fn a_comment_is_added_changed_and_taken_away_and_every_version_is_kept() {
    let app = App::start().await;
    let task = app.task("Talk").await;
    let added = say(&app, task, "<p>One</p>").await;
    assert_eq!((&added["version"], &added["format"]), (&json!(1), &json!("html")));
    let one = format!("{}/{}", comments(task), added["id"]);
    let format = format!("{one}?format=markdown");
    let changed = write(&app, "ann", Method::PATCH, &format, json!({ "text": "*Two*" })).await.ok();
    assert_eq!((&changed["version"], &changed["text"]), (&json!(2), &json!("*Two*")));
    let gone = app.call(Method::DELETE, format!("/acme{one}?{VERSION}")).pat("ann", "acme");
    assert_eq!(gone.send().await.status, StatusCode::NO_CONTENT);
    assert_eq!(app.ann_gets(&one).await.status, StatusCode::NOT_FOUND);
    let kept = app.ann_gets(&format!("{one}?includeDeleted=true&$expand=all")).await.ok();
    assert_eq!((&kept["isDeleted"], &kept["renderedText"]), (&json!(true), &json!("<p>*Two*</p>")));
    let versions = app.ann_gets(&format!("{one}/versions")).await.ok();
    assert_eq!(versions["count"], 3);
    let first = app.ann_gets(&format!("{one}/versions/1")).await.ok();
    assert_eq!(first, versions["value"][0]);
    let tracking = Description::read("workItemTracking");
    for (operation, body) in [
        ("Comments_Add Comment", &added),
        ("Comments_Update Comment", &changed),
        ("Comments_Get Comment", &kept),
        ("Comments Versions_List", &versions),
        ("Comments Versions_Get", &first),
    ] {
        assert_eq!(tracking.faults(operation, body), Vec::<String>::new(), "{operation}");
    }
}

#[tokio::test]
async fn what_is_said_with_a_change_is_a_comment_and_a_comment_is_a_revision() {
    let app = App::start().await;
    let task = app.task("Talk").await;
    let steps = json!([{ "op": "add", "path": "/fields/System.History", "value": "By patch" }]);
    app.ann_patches(Method::PATCH, &format!("/_apis/wit/workitems/{task}"), steps).await.ok();
    say(&app, task, "By comment").await;
    let list = app.ann_gets(&comments(task)).await.ok();
    let texts: Vec<&Value> =
        list["comments"].as_array().expect("a list").iter().map(|one| &one["text"]).collect();
    assert_eq!(texts, ["By comment", "By patch"]);
    let item = app.ann_gets(&format!("/_apis/wit/workitems/{task}")).await.ok();
    assert_eq!((&item["rev"], &item["fields"]["System.CommentCount"]), (&json!(3), &json!(2)));
    assert_eq!(item["fields"]["System.History"], "By comment");
    assert_eq!(item["commentVersionRef"]["commentId"], list["comments"][0]["id"]);
    let faults = Description::read("workItemTracking").faults("Work Items_Get Work Item", &item);
    assert_eq!(faults, Vec::<String>::new());
}

#[tokio::test]
async fn a_long_discussion_comes_in_pages() {
    let app = App::start().await;
    let task = app.task("Talk").await;
    for text in ["1", "2", "3", "4", "5"] {
        say(&app, task, text).await;
    }
    let mut seen = Vec::new();
    let mut path = format!("{}?$top=2&order=asc", comments(task));
    loop {
        let body = app.ann_gets(&path).await.ok();
        assert_eq!(body["totalCount"], 5);
        let list = body["comments"].as_array().expect("a list");
        seen.extend(list.iter().map(|one| one["text"].as_str().expect("text").to_owned()));
        let Some(token) = body["continuationToken"].as_str() else { break };
        path = format!("{}?$top=2&order=asc&continuationToken={token}", comments(task));
    }
    assert_eq!(seen, ["1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn comments_of_others_are_for_administrators_to_change() {
    let app = App::start().await;
    let task = app.task("Talk").await;
    let one = format!("{}/{}", comments(task), say(&app, task, "Mine").await["id"]);
    let body = || json!({ "text": "Not mine" });
    let refused = write(&app, "ben", Method::PATCH, &one, body()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let bens = write(&app, "ben", Method::POST, &comments(task), body()).await.ok();
    let path = format!("{}/{}", comments(task), bens["id"]);
    write(&app, "ann", Method::PATCH, &path, json!({ "text": "Tidied" })).await.ok();
}

#[tokio::test]
async fn comments_are_a_preview_and_need_a_project_and_a_text() {
    let app = App::start().await;
    let task = app.task("Talk").await;
    let path = comments(task);
    let call = app.call(Method::POST, format!("/acme{path}?api-version=7.1")).pat("ann", "acme");
    let released = call.json(&json!({ "text": "x" })).send().await;
    assert_eq!(released.json()["typeKey"], "VssInvalidPreviewVersionException");
    let empty = write(&app, "ann", Method::POST, &path, json!({ "text": " " })).await;
    assert_eq!(empty.status, StatusCode::BAD_REQUEST);
    let nowhere = app.ann_gets(&format!("/_apis/wit/workItems/{task}/comments")).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}
