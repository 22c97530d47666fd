//! Revisions and updates.

use std::time::Duration;

use http::Method;
use sandbox::devops::state::Revision;
use serde_json::{Value, json};

use crate::app::App;

async fn change(app: &App, id: u64, steps: Value) {
    app.clock.advance(Duration::from_secs(60));
    app.ann_patches(Method::PATCH, &format!("/_apis/wit/workitems/{id}"), steps).await.ok();
}

async fn changed_twice(app: &App) -> u64 {
    let (task, other) = (app.task("One").await, app.task("Other").await);
    let url = format!("https://dev.azure.com/acme/_apis/wit/workItems/{other}");
    change(app, task, json!([{ "op": "add", "path": "/fields/System.Title", "value": "Two" }]))
        .await;
    let value = json!({ "rel": "System.LinkTypes.Related", "url": url });
    change(app, task, json!([{ "op": "add", "path": "/relations/-", "value": value }])).await;
    task
}

#[tokio::test]
async fn every_revision_is_the_item_as_it_was() {
    let app = App::start().await;
    let task = changed_twice(&app).await;
    let body = app.ann_gets(&format!("/_apis/wit/workitems/{task}/revisions")).await.ok();
    let titles: Vec<(&Value, &Value)> = body["value"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (&one["rev"], &one["fields"]["System.Title"]))
        .collect();
    assert_eq!(titles, [(&json!(1), &json!("One")), (&json!(2), &json!("Two"))]);
    let one = app.ann_gets(&format!("/_apis/wit/workitems/{task}/revisions/1")).await.ok();
    assert_eq!(one["fields"]["System.Title"], "One");
    let none = app.ann_gets(&format!("/_apis/wit/workitems/{task}/revisions/9")).await;
    assert_eq!(none.status, 404);
}

#[tokio::test]
async fn every_update_tells_old_and_new_values_and_links() {
    let app = App::start().await;
    let task = changed_twice(&app).await;
    let body = app.ann_gets(&format!("/_apis/wit/workitems/{task}/updates")).await.ok();
    assert_eq!(body["count"], 3);
    let (first, second, third) = (&body["value"][0], &body["value"][1], &body["value"][2]);
    assert_eq!(first["fields"]["System.Title"], json!({ "newValue": "One" }));
    assert_eq!(first["revisedDate"], second["fields"]["System.ChangedDate"]["newValue"]);
    assert_eq!(second["fields"]["System.Title"], json!({ "oldValue": "One", "newValue": "Two" }));
    assert_eq!(second["fields"]["System.Rev"], json!({ "oldValue": 1, "newValue": 2 }));
    assert_eq!(second["revisedBy"]["displayName"], "Ann Archer");
    assert_eq!(second["revisedDate"], "9999-01-01T00:00:00Z");
    assert_eq!(third["rev"], 2);
    assert_eq!(third["fields"], Value::Null);
    assert_eq!(third["relations"]["added"][0]["rel"], "System.LinkTypes.Related");
    let page =
        app.ann_gets(&format!("/_apis/wit/workitems/{task}/updates?$top=1&$skip=1")).await.ok();
    assert_eq!(page["value"], json!([second]));
    let one = app.ann_gets(&format!("/_apis/wit/workitems/{task}/updates/3")).await.ok();
    assert_eq!(one, *third);
}

#[tokio::test]
async fn an_item_has_at_most_ten_thousand_revisions() {
    let app = App::start().await;
    let task = app.task("Old").await;
    {
        let mut devops = app.world().devops.write();
        let id = u32::try_from(task).expect("a small number");
        let revisions =
            &mut devops.organizations[0].items.get_mut(&id).expect("the item").revisions;
        let first = revisions[0].clone();
        revisions.extend((2..=10_000).map(|rev| Revision { rev, ..first.clone() }));
    }
    let steps = json!([{ "op": "add", "path": "/fields/System.Title", "value": "Older" }]);
    let answer =
        app.ann_patches(Method::PATCH, &format!("/_apis/wit/workitems/{task}"), steps).await;
    assert_eq!(answer.json()["typeKey"], "WorkItemRevisionLimitExceededException");
}
