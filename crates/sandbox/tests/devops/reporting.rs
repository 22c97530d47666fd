//! The change feed: reporting revisions.

use std::time::Duration;

use base::{Clock, Random, Timestamp};
use http::Method;
use sandbox::Options;
use serde_json::{Value, json};

use crate::app::{App, START_SECS};

const FEED: &str = "/_apis/wit/reporting/workitemrevisions";

/// Id, revision and title of each entry.
fn entries(body: &Value) -> Vec<(u64, u64, &str)> {
    let list = body["values"].as_array().expect("a list");
    list.iter()
        .map(|one| {
            let number = |name: &str| one[name].as_u64().expect("a number");
            (number("id"), number("rev"), one["fields"]["System.Title"].as_str().unwrap_or(""))
        })
        .collect()
}

/// The token of someone who has read everything so far.
async fn token_of_now(app: &App) -> String {
    let mut path = format!("/acme{FEED}?includeDeleted=true");
    loop {
        let body = app.get(path).pat("ann", "acme").send().await.ok();
        if body["isLastBatch"] == true {
            return body["continuationToken"].as_str().expect("a token").to_owned();
        }
        let next: url::Url = body["nextLink"].as_str().expect("a link").parse().expect("a url");
        path = format!("{}?{}", next.path(), next.query().expect("a query"));
    }
}

async fn retitle(app: &App, id: u64, title: &str) {
    app.clock.advance(Duration::from_secs(60));
    let steps = json!([{ "op": "add", "path": "/fields/System.Title", "value": title }]);
    app.ann_patches(Method::PATCH, &format!("/_apis/wit/workitems/{id}"), steps).await.ok();
}

#[tokio::test]
async fn a_reader_with_a_token_gets_every_later_revision_in_order_and_then_nothing() {
    let app = App::start().await;
    let token = token_of_now(&app).await;
    let (one, other) = (app.task("One").await, app.task("Other").await);
    retitle(&app, one, "One again").await;
    retitle(&app, other, "Other again").await;
    let body = app.ann_gets(&format!("{FEED}?continuationToken={token}")).await.ok();
    let expected =
        [(one, 1, "One"), (other, 1, "Other"), (one, 2, "One again"), (other, 2, "Other again")];
    assert_eq!(entries(&body), expected);
    assert_eq!(body["isLastBatch"], true);
    let token = body["continuationToken"].as_str().expect("a token");
    let body = app.ann_gets(&format!("{FEED}?continuationToken={token}")).await.ok();
    assert_eq!((entries(&body), &body["continuationToken"]), (vec![], &json!(token)));
}

#[tokio::test]
async fn batches_are_as_large_as_asked_and_lead_to_the_next() {
    let app = App::start().await;
    let token = token_of_now(&app).await;
    let one = app.task("1").await;
    for title in ["2", "3", "4", "5"] {
        retitle(&app, one, title).await;
    }
    let mut titles = Vec::new();
    let mut target = format!("/acme{FEED}?$maxPageSize=2&continuationToken={token}");
    let mut sizes = Vec::new();
    loop {
        let body = app.get(target).pat("ann", "acme").send().await.ok();
        sizes.push(body["values"].as_array().map_or(0, Vec::len));
        titles.extend(entries(&body).into_iter().map(|(_, _, title)| title.to_owned()));
        if body["isLastBatch"] == true {
            break;
        }
        let next: url::Url = body["nextLink"].as_str().expect("a link").parse().expect("a url");
        target = format!("{}?{}", next.path(), next.query().expect("a query"));
    }
    assert_eq!(
        (titles, sizes),
        (["1", "2", "3", "4", "5"].map(str::to_owned).to_vec(), vec![2, 2, 1])
    );
}

#[tokio::test]
async fn deletions_and_restores_are_revisions_for_those_who_ask_for_deleted_items() {
    let app = App::start().await;
    let token = token_of_now(&app).await;
    let task = app.task("Gone").await;
    let call = |method, path: String| app.call(method, path).pat("ann", "acme");
    let path = format!("/acme/_apis/wit/workitems/{task}?api-version=7.1");
    call(Method::DELETE, path).send().await.ok();
    let with = format!("{FEED}?continuationToken={token}&includeDeleted=true");
    let without = format!("{FEED}?continuationToken={token}");
    let seen = |body: &Value| -> Vec<Value> {
        let list = body["values"].as_array().expect("a list");
        list.iter().map(|one| one["fields"]["System.IsDeleted"].clone()).collect()
    };
    assert_eq!(seen(&app.ann_gets(&with).await.ok()), [json!(null), json!(true)]);
    assert_eq!(seen(&app.ann_gets(&without).await.ok()), Vec::<Value>::new());
    let path = format!("/acme/_apis/wit/recyclebin/{task}?api-version=7.1");
    call(Method::PATCH, path).json(&json!({ "isDeleted": false })).send().await.ok();
    assert_eq!(seen(&app.ann_gets(&with).await.ok()), [json!(null), json!(true), json!(null)]);
    assert_eq!(entries(&app.ann_gets(&without).await.ok()), [(task, 1, "Gone"), (task, 3, "Gone")]);
}

#[tokio::test]
async fn what_is_read_can_be_narrowed_by_project_type_time_and_latest_revision() {
    let app = App::start().await;
    let token = token_of_now(&app).await;
    let task = app.task("Task").await;
    let bug = app.item("Storefront/Bug", &[("System.Title", json!("Bug"))]).await["id"].clone();
    let bug = bug.as_u64().expect("a number");
    retitle(&app, task, "Task again").await;
    let read = async |path: String| {
        let body = app.ann_gets(&path).await.ok();
        entries(&body).into_iter().map(|(id, rev, _)| (id, rev)).collect::<Vec<_>>()
    };
    let after = format!("{FEED}?continuationToken={token}");
    assert_eq!(read(format!("{after}&types=Bug")).await, [(bug, 1)]);
    assert_eq!(read(format!("{after}&includeLatestOnly=true")).await, [(bug, 1), (task, 2)]);
    assert_eq!(read(format!("/Storefront{after}")).await.len(), 3);
    assert_eq!(read(format!("/Fulfilment{after}")).await, []);
    let start = Timestamp::from_secs(START_SECS + 30).to_rfc3339();
    assert_eq!(read(format!("{FEED}?startDateTime={start}")).await, [(task, 2)]);
}

#[tokio::test]
async fn fields_identities_tags_and_long_texts_come_in_the_form_asked_for() {
    let app = App::start().await;
    let token = token_of_now(&app).await;
    app.item(
        "Storefront/Task",
        &[
            ("System.Title", json!("x")),
            ("System.AssignedTo", json!("ben@acme.example")),
            ("System.Tags", json!("b; a")),
            ("System.Description", json!("<p>long</p>")),
        ],
    )
    .await;
    let path = format!("{FEED}?continuationToken={token}");
    let plain = app.ann_gets(&path).await.ok()["values"][0]["fields"].clone();
    assert_eq!(plain["System.AssignedTo"], "Ben Baker <ben@acme.example>");
    assert_eq!(plain["System.Tags"], "a; b");
    assert_eq!(plain["System.Description"], Value::Null);
    assert!(plain["System.Watermark"].is_u64() && plain["System.RevisedDate"].is_string());
    let all = format!("{path}&$expand=fields");
    let all = app.ann_gets(&all).await.ok()["values"][0]["fields"].clone();
    assert_eq!(all["System.Description"], "<p>long</p>");
    let body = json!({
        "fields": ["System.AssignedTo", "System.Tags"],
        "includeIdentityRef": true,
        "includeTagRef": true,
    });
    let call = app.call(Method::POST, format!("/acme{path}&api-version=7.1")).pat("ann", "acme");
    let asked = call.json(&body).send().await.ok()["values"][0]["fields"].clone();
    assert_eq!(asked["System.AssignedTo"]["uniqueName"], "ben@acme.example");
    assert_eq!(asked["System.Tags"][1]["name"], "b");
    assert_eq!(asked.as_object().map(serde_json::Map::len), Some(2));
    let tags = app.ann_gets("/Storefront/_apis/wit/tags").await.ok();
    assert!(tags["value"].as_array().expect("tags").iter().any(|tag| tag["name"] == "b"));
}

#[tokio::test]
async fn a_token_is_good_after_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    let options = || {
        let clock = Clock::test(Timestamp::from_secs(START_SECS));
        let data_file = Some(directory.path().join("sandbox.json"));
        Options { data_file, ..Options::in_memory(clock, Random::seeded(7)) }
    };
    let app = App::with(options()).await;
    let task = app.task("Before").await;
    let token = token_of_now(&app).await;
    app.stop().await;
    let app = App::with(options()).await;
    retitle(&app, task, "After").await;
    let body = app.ann_gets(&format!("{FEED}?continuationToken={token}")).await.ok();
    assert_eq!(entries(&body), [(task, 2, "After")]);
}

#[tokio::test]
async fn a_token_that_is_none_and_contradictory_wishes_are_refused() {
    let app = App::start().await;
    for query in [
        "continuationToken=soon",
        "continuationToken=1;1;1&startDateTime=2026-01-01",
        "$maxPageSize=0",
        "$expand=everything",
        "fields=No.Such",
    ] {
        assert_eq!(app.ann_gets(&format!("{FEED}?{query}")).await.status, 400, "{query}");
    }
}
