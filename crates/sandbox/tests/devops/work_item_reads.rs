//! Reading work items: one, several, in a batch, as they were.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::app::App;

const ITEM: &str = "/_apis/wit/workitems";

#[tokio::test]
async fn an_item_has_its_fields_without_the_empty_ones_and_people_as_objects() {
    let app = App::start().await;
    let task = app.task("Read me").await;
    let body = app.ann_gets(&format!("{ITEM}/{task}")).await.ok();
    assert_eq!(body["id"], task);
    assert_eq!(body["rev"], 1);
    assert_eq!(body["url"], format!("{}/acme/_apis/wit/workItems/{task}", app.origin()));
    let fields: Vec<&String> = body["fields"].as_object().expect("fields").keys().collect();
    assert_eq!(
        fields,
        [
            "Microsoft.VSTS.Common.Priority",
            "Microsoft.VSTS.Common.StateChangeDate",
            "System.AreaPath",
            "System.ChangedBy",
            "System.ChangedDate",
            "System.CommentCount",
            "System.CreatedBy",
            "System.CreatedDate",
            "System.IterationPath",
            "System.Reason",
            "System.State",
            "System.TeamProject",
            "System.Title",
            "System.WorkItemType",
        ]
    );
    let ann = &body["fields"]["System.CreatedBy"];
    let keys: Vec<&String> = ann.as_object().expect("a person").keys().collect();
    assert_eq!(
        keys,
        ["_links", "descriptor", "displayName", "id", "imageUrl", "uniqueName", "url"]
    );
    assert_eq!(ann["uniqueName"], "ann@acme.example");
}

#[tokio::test]
async fn versions_before_4_give_people_in_words() {
    let app = App::start().await;
    let task = app.task("Read me").await;
    let body = app.ann_gets(&format!("{ITEM}/{task}?api-version=3.2")).await.ok();
    assert_eq!(body["fields"]["System.CreatedBy"], "Ann Archer <ann@acme.example>");
}

#[tokio::test]
async fn an_item_that_does_not_exist_is_404() {
    let app = App::start().await;
    assert_eq!(
        app.ann_gets(&format!("{ITEM}/27142")).await.refusal(),
        "404 WorkItemUnauthorizedAccessException: TF401232: Work item 27142 does not exist, or \
         you do not have permissions to read it."
    );
}

#[tokio::test]
async fn only_the_fields_asked_for_are_shown_and_unknown_ones_refused() {
    let app = App::start().await;
    let path = format!("{ITEM}?ids=1,2&fields=System.Id,Title,System.State");
    let body = app.ann_gets(&path).await.ok();
    assert_eq!(body["count"], 2);
    let keys: Vec<&String> =
        body["value"][0]["fields"].as_object().expect("fields").keys().collect();
    assert_eq!(keys, ["System.Id", "System.State", "System.Title"]);
    assert_eq!(
        app.ann_gets(&format!("{ITEM}/1?fields=Nothing")).await.refusal(),
        "400 WorkItemTrackingFieldDefinitionNotFoundException: TF51535: Cannot find field Nothing."
    );
    assert_eq!(
        app.ann_gets(&format!("{ITEM}/1?fields=System.Id&$expand=all")).await.refusal(),
        "400 ConflictingParametersException: The expand parameter can not be used with the fields \
         parameter."
    );
}

#[tokio::test]
async fn expand_shows_links_addresses_and_the_services_own_fields() {
    let app = App::start().await;
    for expand in ["all", "All", "4"] {
        let body = app.ann_gets(&format!("{ITEM}?ids=2&$expand={expand}")).await.ok();
        let item = &body["value"][0];
        assert_eq!(item["fields"]["System.Id"], 2);
        assert_eq!(item["fields"]["System.AreaLevel1"], item["fields"]["System.TeamProject"]);
        assert_eq!(item["fields"]["System.RevisedDate"], "9999-01-01T00:00:00Z");
        assert_eq!(item["fields"]["System.Parent"], 1);
        assert_eq!(item["relations"][0]["rel"], "System.LinkTypes.Hierarchy-Reverse");
        assert_eq!(item["relations"][0]["attributes"]["name"], "Parent");
        assert!(
            item["_links"]["html"]["href"].as_str().expect("an address").contains("/_workitems/")
        );
    }
    let plain = app.ann_gets(&format!("{ITEM}?ids=2")).await.ok();
    assert_eq!(plain["value"][0]["relations"], Value::Null);
    assert_eq!(plain["value"][0]["_links"], Value::Null);
    let one = app.ann_gets(&format!("{ITEM}/2")).await.ok();
    assert!(one["_links"].is_object(), "a single item always has its addresses");
}

#[tokio::test]
async fn a_missing_item_fails_a_list_or_leaves_null_in_its_place() {
    let app = App::start().await;
    let failing = app.ann_gets(&format!("{ITEM}?ids=1,999999,2")).await;
    assert_eq!(failing.status, 404);
    for policy in ["omit", "Omit", "2"] {
        let body = app.ann_gets(&format!("{ITEM}?ids=1,999999,2&errorPolicy={policy}")).await.ok();
        assert_eq!(body["count"], 3);
        assert_eq!(body["value"][1], Value::Null);
        assert_eq!(body["value"][2]["id"], 2);
    }
}

#[tokio::test]
async fn no_more_than_two_hundred_items_are_read_at_once() {
    let app = App::start().await;
    let ids: Vec<String> = (1..=336).map(|id| id.to_string()).collect();
    assert_eq!(
        app.ann_gets(&format!("{ITEM}?ids={}", ids.join(","))).await.refusal(),
        "400 WorkItemPageSizeExceededException: VS403474: You requested 336 work items which \
         exceeds the limit of 200"
    );
}

#[tokio::test]
async fn a_batch_is_read_by_a_body() {
    let app = App::start().await;
    let batch = |body: Value| {
        let call = app.call(Method::POST, "/acme/_apis/wit/workitemsbatch?api-version=7.1");
        call.pat("ann", "acme").json(&body).send()
    };
    let body = batch(json!({
        "ids": [3, 999_999, 1],
        "fields": ["System.Title"],
        "errorPolicy": "omit",
        "$expand": "none",
    }))
    .await
    .ok();
    assert_eq!(body["count"], 3);
    assert_eq!((&body["value"][0]["id"], &body["value"][1]), (&json!(3), &Value::Null));
    assert!(batch(json!({ "ids": [1] })).await.ok()["value"][0]["rev"].is_u64());
    assert_eq!(batch(json!({ "ids": "1" })).await.status, 400);
    assert_eq!(batch(json!({})).await.status, 400);
    let call = app.call(Method::POST, "/acme/_apis/wit/workitemsbatch?api-version=7.2-preview.3");
    let answer = call.pat("ann", "acme").json(&json!({ "ids": [1] })).send().await;
    assert_eq!(answer.json()["typeKey"], "VssVersionOutOfRangeException");
}

#[tokio::test]
async fn an_item_can_be_read_as_it_was() {
    let app = App::start().await;
    let task = app.task("First").await;
    let then = app.clock.now().to_rfc3339();
    app.clock.advance(Duration::from_secs(60));
    let steps = json!([
        { "op": "add", "path": "/fields/System.Title", "value": "Second" },
        { "op": "add", "path": "/relations/-", "value": { "rel": "Hyperlink", "url": "https://example.com" } },
    ]);
    app.ann_patches(Method::PATCH, &format!("{ITEM}/{task}"), steps).await.ok();
    let was = app.ann_gets(&format!("{ITEM}/{task}?asOf={then}&$expand=all")).await.ok();
    assert_eq!(was["fields"]["System.Title"], "First");
    assert_eq!(was["rev"], 1);
    assert_eq!(was["relations"], Value::Null);
    let is = app.ann_gets(&format!("{ITEM}/{task}?$expand=all")).await.ok();
    assert_eq!((&is["fields"]["System.Title"], &is["rev"]), (&json!("Second"), &json!(2)));
    assert_eq!(is["relations"].as_array().map(Vec::len), Some(1));
    let before = app.ann_gets(&format!("{ITEM}/{task}?asOf=2020-01-01")).await;
    assert_eq!(before.status, 404);
    let http_date = app.ann_gets(&format!("{ITEM}/1?asOf=Mon, 21 Sep 2026 10:00:00 GMT")).await;
    assert_eq!(http_date.status, 200, "official clients write dates so");
}

#[tokio::test]
async fn a_template_has_the_defaults_of_a_new_item() {
    let app = App::start().await;
    let body = app.ann_gets("/Storefront/_apis/wit/workitems/$Bug").await.ok();
    assert_eq!(body["fields"]["Microsoft.VSTS.Common.Severity"], "3 - Medium");
    assert_eq!(body["fields"]["Microsoft.VSTS.Common.Priority"], 2);
    assert_eq!(body["fields"]["System.State"], "New");
    assert_eq!(body["fields"]["System.CreatedBy"]["uniqueName"], "ann@acme.example");
    assert_eq!(body["id"], Value::Null);
}
