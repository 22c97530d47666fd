//! Links: written at one end, there at both.

use http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, App};

const PARENT: &str = "System.LinkTypes.Hierarchy-Reverse";
const CHILD: &str = "System.LinkTypes.Hierarchy-Forward";

async fn patch(app: &App, id: u64, steps: Value) -> Answer {
    app.ann_patches(Method::PATCH, &format!("/_apis/wit/workitems/{id}"), steps).await
}

fn link(rel: &str, id: u64) -> Value {
    let url = format!("https://dev.azure.com/acme/_apis/wit/workItems/{id}");
    json!({ "op": "add", "path": "/relations/-", "value": { "rel": rel, "url": url } })
}

async fn relations(app: &App, id: u64) -> Vec<(String, u64)> {
    let item = app.ann_gets(&format!("/_apis/wit/workitems/{id}?$expand=relations")).await.ok();
    let list = item["relations"].as_array().cloned().unwrap_or_default();
    list.iter()
        .map(|one| {
            let url = one["url"].as_str().expect("an address");
            let id = url.rsplit('/').next().expect("a number").parse().expect("a number");
            (one["rel"].as_str().expect("a kind").to_owned(), id)
        })
        .collect()
}

#[tokio::test]
async fn a_parent_link_makes_the_child_link_at_the_other_end() {
    let app = App::start().await;
    let (child, parent) = (app.task("Child").await, app.task("Parent").await);
    let item = patch(&app, child, json!([link(PARENT, parent)])).await.ok();
    assert_eq!(item["fields"]["System.Parent"], parent);
    assert_eq!(item["rev"], 1, "a link between items is an update and no revision");
    assert_eq!(relations(&app, child).await, [(PARENT.to_owned(), parent)]);
    assert_eq!(relations(&app, parent).await, [(CHILD.to_owned(), child)]);

    let remove = json!([{ "op": "test", "path": "/rev", "value": 1 }, { "op": "remove", "path": "/relations/0" }]);
    patch(&app, parent, remove).await.ok();
    assert!(relations(&app, child).await.is_empty());
    assert!(relations(&app, parent).await.is_empty());
}

#[tokio::test]
async fn a_new_item_can_be_born_with_its_parent() {
    let app = App::start().await;
    let parent = app.task("Parent").await;
    let title = json!({ "op": "add", "path": "/fields/System.Title", "value": "Child" });
    let steps = json!([title, link("system.linktypes.hierarchy-reverse", parent)]);
    let path = "/Storefront/_apis/wit/workItems/$Task";
    let child = app.ann_patches(Method::POST, path, steps).await.ok();
    assert_eq!(child["relations"][0]["rel"], PARENT);
    assert_eq!(
        relations(&app, parent).await,
        [(CHILD.to_owned(), child["id"].as_u64().expect("a number"))]
    );
}

#[tokio::test]
async fn the_comment_of_a_link_can_be_changed() {
    let app = App::start().await;
    let (one, other) = (app.task("One").await, app.task("Other").await);
    let steps = json!([
        link("System.LinkTypes.Dependency-forward", other),
        { "op": "replace", "path": "/relations/0/attributes/comment", "value": "first this" },
    ]);
    patch(&app, one, steps).await.ok();
    let item = app.ann_gets(&format!("/_apis/wit/workitems/{other}?$expand=relations")).await.ok();
    let relation = &item["relations"][0];
    assert_eq!(relation["rel"], "System.LinkTypes.Dependency-Reverse");
    assert_eq!(relation["attributes"]["comment"], "first this");
    assert_eq!(relation["attributes"]["name"], "Predecessor");
}

#[tokio::test]
async fn a_hyperlink_has_a_number_and_makes_a_revision() {
    let app = App::start().await;
    let task = app.task("Linked").await;
    let value = json!({ "rel": "Hyperlink", "url": "https://example.com/why", "attributes": { "comment": "why" } });
    let steps = json!([{ "op": "add", "path": "/relations/-", "value": value }]);
    let item = patch(&app, task, steps).await.ok();
    assert_eq!(item["rev"], 2);
    let relation = &item["relations"][0];
    assert_eq!(relation["url"], "https://example.com/why");
    assert_eq!(relation["attributes"]["id"], 1);
    assert_eq!(relation["attributes"]["comment"], "why");
}

#[tokio::test]
async fn an_item_has_one_parent_and_is_never_its_own_ancestor() {
    let app = App::start().await;
    let (a, b, c) = (app.task("a").await, app.task("b").await, app.task("c").await);
    patch(&app, b, json!([link(PARENT, a)])).await.ok();
    patch(&app, c, json!([link(PARENT, b)])).await.ok();
    assert_eq!(
        patch(&app, b, json!([link(PARENT, c)])).await.refusal(),
        format!(
            "400 WorkItemLinkInvalidException: TF201036: You cannot add a Parent link between work \
             items {b} and {c} because a work item can have only one Parent link."
        )
    );
    assert_eq!(
        patch(&app, c, json!([link(CHILD, b)])).await.refusal(),
        format!(
            "400 WorkItemLinkInvalidException: TF201036: You cannot add a Child link between work \
             items {c} and {b} because a work item can have only one Parent link."
        )
    );
    let circle = patch(&app, a, json!([link(PARENT, c)])).await.refusal();
    assert!(circle.contains("TF201035"), "{circle}");
    let circle = patch(&app, c, json!([link(CHILD, a)])).await.refusal();
    assert!(circle.contains("TF201035"), "{circle}");
    assert!(patch(&app, a, json!([link(PARENT, a)])).await.refusal().contains("TF201034"));
}

#[tokio::test]
async fn links_that_cannot_be_are_refused() {
    let app = App::start().await;
    let (one, other) = (app.task("One").await, app.task("Other").await);
    let related = "System.LinkTypes.Related";
    patch(&app, one, json!([link(related, other)])).await.ok();
    assert_eq!(
        patch(&app, one, json!([link(related, other)])).await.refusal(),
        "400 RelationAlreadyExistsException: Relation already exists."
    );
    let missing = patch(&app, one, json!([link(related, 999_999)])).await;
    assert_eq!(missing.status, 404);
    for (rel, url) in [
        ("Nothing", "https://dev.azure.com/acme/_apis/wit/workItems/1"),
        (related, "https://example.com/"),
        (related, "not an address"),
        ("AttachedFile", "https://dev.azure.com/acme/_apis/wit/attachments/nothing"),
        ("Hyperlink", ""),
    ] {
        let value = json!({ "rel": rel, "url": url });
        let steps = json!([{ "op": "add", "path": "/relations/-", "value": value }]);
        assert_eq!(patch(&app, one, steps).await.status, 400, "{rel} {url}");
    }
    let steps = json!([{ "op": "remove", "path": "/relations/5" }]);
    assert_eq!(patch(&app, one, steps).await.status, 400);
}

#[tokio::test]
async fn every_kind_of_link_tells_its_other_end() {
    let app = App::start().await;
    let all = app.ann_gets("/_apis/wit/workitemrelationtypes").await.ok();
    assert_eq!(all["count"], 14);
    let one = app.ann_gets(&format!("/_apis/wit/workitemrelationtypes/{CHILD}")).await.ok();
    assert_eq!(one["name"], "Child");
    assert_eq!(one["attributes"]["oppositeEndReferenceName"], PARENT);
    assert_eq!(app.ann_gets("/_apis/wit/workitemrelationtypes/Nothing").await.status, 404);
}

#[tokio::test]
async fn an_item_has_at_most_a_thousand_links_of_which_a_hundred_are_files() {
    let app = App::start().await;
    let task = app.task("Full").await;
    let add = |rel: &str, url: String| json!({ "op": "add", "path": "/relations/-", "value": { "rel": rel, "url": url } });
    let pages: Vec<Value> =
        (0..1_001).map(|page| add("Hyperlink", format!("https://example.com/{page}"))).collect();
    assert_eq!(patch(&app, task, json!(pages)).await.status, 400);
    assert_eq!(patch(&app, task, json!(pages[..1_000])).await.status, 200);

    let other = app.task("Full of files").await;
    let mut files = Vec::new();
    for _ in 0..101 {
        let upload = app.call(Method::POST, "/acme/_apis/wit/attachments?api-version=7.1");
        let upload = upload.pat("ann", "acme").body("application/octet-stream", "x").send().await;
        let url = upload.json()["url"].as_str().expect("an address").to_owned();
        files.push(add("AttachedFile", url));
    }
    assert_eq!(patch(&app, other, json!(files)).await.status, 400);
    assert_eq!(patch(&app, other, json!(files[..100])).await.status, 200);
}
