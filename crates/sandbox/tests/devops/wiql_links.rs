//! Queries of links in WIQL.

use http::Method;
use serde_json::{Value, json};

use crate::app::App;
use crate::wiql::ask;

const CHILD: &str = "System.LinkTypes.Hierarchy-Forward";

/// Source, kind and target of each row.
fn rows(body: &Value) -> Vec<(u64, &str, u64)> {
    let list = body["workItemRelations"].as_array().expect("links");
    list.iter()
        .map(|row| {
            let id = |end: &Value| end["id"].as_u64().unwrap_or(0);
            let kind = row["rel"].as_str().unwrap_or("");
            (id(&row["source"]), kind.rsplit('.').next().unwrap_or(""), id(&row["target"]))
        })
        .collect()
}

async fn linked(app: &App, from: u64, rel: &str, to: u64) {
    let url = format!("https://dev.azure.com/acme/_apis/wit/workItems/{to}");
    let steps =
        json!([{ "op": "add", "path": "/relations/-", "value": { "rel": rel, "url": url } }]);
    app.ann_patches(Method::PATCH, &format!("/_apis/wit/workitems/{from}"), steps).await.ok();
}

/// A parent with two children, of which the first has a child and is related to a lone item.
async fn family(app: &App) -> [u64; 5] {
    let mut ids = [0; 5];
    for (id, title) in ids.iter_mut().zip(["top", "first", "second", "below", "lone"]) {
        let fields = [("System.Title", json!(title)), ("System.Tags", json!("kin"))];
        let item = app.item("Storefront/Task", &fields).await;
        *id = item["id"].as_u64().expect("a number");
    }
    let [top, first, second, below, lone] = ids;
    linked(app, top, CHILD, first).await;
    linked(app, top, CHILD, second).await;
    linked(app, first, CHILD, below).await;
    linked(app, first, "System.LinkTypes.Related", lone).await;
    ids
}

fn query(conditions: &str, mode: &str) -> String {
    format!(
        "SELECT [System.Id], [System.Links.LinkType] FROM WorkItemLinks WHERE [Source].[System.Tags] CONTAINS 'kin' AND {conditions} MODE ({mode})"
    )
}

#[tokio::test]
async fn items_are_found_with_and_without_links_of_a_kind() {
    let app = App::start().await;
    let [top, first, second, below, lone] = family(&app).await;
    let children = format!("([System.Links.LinkType] = '{CHILD}')");
    let must = ask(&app, "", &query(&children, "MustContain")).await.ok();
    assert_eq!(must["queryType"], "oneHop");
    assert_eq!(must["queryResultType"], "workItemLink");
    assert_eq!(
        rows(&must),
        [
            (0, "", top),
            (top, "Hierarchy-Forward", first),
            (top, "Hierarchy-Forward", second),
            (0, "", first),
            (first, "Hierarchy-Forward", below),
        ]
    );
    let without = ask(&app, "", &query(&children, "DoesNotContain")).await.ok();
    assert_eq!(rows(&without), [(0, "", second), (0, "", below), (0, "", lone)]);
    let related = "[System.Links.LinkType] = 'Related' AND [Target].[System.Title] = 'lone'";
    let may = ask(&app, "", &query(related, "MayContain")).await.ok();
    assert_eq!(
        rows(&may),
        [
            (0, "", top),
            (0, "", first),
            (first, "Related", lone),
            (0, "", second),
            (0, "", below),
            (0, "", lone),
        ]
    );
    assert_eq!(rows(&must)[0], (0, "", top));
    assert_eq!(
        (&must["workItemRelations"][0]["rel"], &must["workItemRelations"][0]["source"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn a_tree_shows_what_is_below_and_nothing_twice() {
    let app = App::start().await;
    let [top, first, second, below, lone] = family(&app).await;
    let all =
        format!("[System.Links.LinkType] = '{CHILD}' AND Target.[System.Tags] CONTAINS 'kin'");
    let tree = ask(&app, "", &query(&all, "Recursive")).await.ok();
    assert_eq!(tree["queryType"], "tree");
    assert_eq!(
        rows(&tree),
        [
            (0, "", top),
            (top, "Hierarchy-Forward", first),
            (first, "Hierarchy-Forward", below),
            (top, "Hierarchy-Forward", second),
            (0, "", lone),
        ]
    );
    let one = format!("[System.Links.LinkType] = '{CHILD}' AND [Target].[System.Title] = 'below'");
    let ways = ask(&app, "", &query(&one, "Recursive, ReturnMatchingChildren")).await.ok();
    assert_eq!(
        rows(&ways),
        [(0, "", top), (top, "Hierarchy-Forward", first), (first, "Hierarchy-Forward", below)]
    );
}

#[tokio::test]
async fn a_tree_is_of_parents_and_children_alone_and_without_order() {
    let app = App::start().await;
    for wrong in [
        query("[System.Links.LinkType] = 'Related'", "Recursive"),
        query("[Target].[System.Id] > 0", "Recursive"),
        query("[System.Links.LinkType] = 'No.Such'", "MustContain"),
        query("([Target].[System.Id] = 1 OR [Source].[System.Id] = 1)", "MustContain"),
        query(&format!("[System.Links.LinkType] = '{CHILD}' ORDER BY [System.Id]"), "Recursive"),
    ] {
        assert_eq!(ask(&app, "", &wrong).await.status, 400, "{wrong}");
    }
}
