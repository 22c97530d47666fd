//! Creating and changing work items by JSON Patch.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Answer, App};

const TASK: &str = "/Storefront/_apis/wit/workItems/$Task";

async fn patch(app: &App, id: u64, steps: Value) -> Answer {
    app.ann_patches(Method::PATCH, &format!("/_apis/wit/workitems/{id}"), steps).await
}

fn set(field: &str, value: impl Into<Value>) -> Value {
    json!({ "op": "add", "path": format!("/fields/{field}"), "value": value.into() })
}

#[tokio::test]
async fn an_item_is_created_with_200_and_the_next_number() {
    let app = App::start().await;
    let first = app.task("One").await;
    let story = app.item("Storefront/User%20Story", &[("System.Title", json!("Two"))]).await;
    assert_eq!(story["id"], first + 1);
    assert_eq!(story["rev"], 1);
    assert_eq!(story["fields"]["System.WorkItemType"], "User Story");
    assert_eq!(story["fields"]["System.Reason"], "New");
    assert_eq!(story["fields"]["System.AreaPath"], "Storefront");
}

#[tokio::test]
async fn official_clients_send_numbers_for_operations_and_null_for_from() {
    let app = App::start().await;
    let steps = json!([
        { "op": 0, "path": "/fields/System.Title", "from": null, "value": "By number" },
        { "Op": "ADD", "Path": "/fields/System.Description", "From": null, "Value": "x" },
    ]);
    let item = app.ann_patches(Method::POST, TASK, steps).await.ok();
    assert_eq!(item["fields"]["System.Title"], "By number");
    let id = item["id"].as_u64().expect("a number");
    let steps = json!([
        { "op": 5, "path": "/rev", "value": 1, "from": null },
        { "op": 2, "path": "/fields/System.Title", "value": "Replaced", "from": null },
        { "op": 1, "path": "/fields/System.Description", "from": null },
    ]);
    let item = patch(&app, id, steps).await.ok();
    assert_eq!(item["fields"]["System.Title"], "Replaced");
    assert_eq!(item["fields"]["System.Description"], Value::Null);
    assert_eq!(item["rev"], 2);
}

#[tokio::test]
async fn a_test_of_the_revision_that_fails_leaves_the_item_alone() {
    let app = App::start().await;
    let task = app.task("Mine").await;
    let steps = json!([
        { "op": "test", "path": "/rev", "value": 7 },
        set("System.Title", "Yours"),
    ]);
    assert_eq!(
        patch(&app, task, steps).await.refusal(),
        "412 TestPatchOperationFailedException: VS403351: Test Operation for path /rev failed, \
         value 1 was not equal to test value 7."
    );
    let steps = json!([
        set("System.Title", "Yours"),
        { "op": "test", "path": "/fields/System.State", "value": "Active" },
    ]);
    assert_eq!(
        patch(&app, task, steps).await.refusal(),
        "412 TestPatchOperationFailedException: VS403351: Test Operation for path \
         /fields/System.State failed, value New was not equal to test value Active."
    );
    let item = app.ann_gets(&format!("/_apis/wit/workitems/{task}")).await.ok();
    assert_eq!((&item["rev"], &item["fields"]["System.Title"]), (&json!(1), &json!("Mine")));
}

#[tokio::test]
async fn a_write_that_changes_nothing_makes_no_revision() {
    let app = App::start().await;
    let task = app.task("Same").await;
    let item = patch(&app, task, json!([set("System.Title", "Same")])).await.ok();
    assert_eq!(item["rev"], 1);
}

#[tokio::test]
async fn values_are_read_by_the_type_of_their_field() {
    let app = App::start().await;
    let task = app.task("Typed").await;
    let item = patch(
        &app,
        task,
        json!([
            set("Microsoft.VSTS.Common.Priority", "1"),
            set("Microsoft.VSTS.Scheduling.RemainingWork", "2.5"),
            set("Microsoft.VSTS.Scheduling.CompletedWork", 4.0),
            set("System.Title", 42),
        ]),
    )
    .await
    .ok();
    let fields = &item["fields"];
    assert_eq!(fields["Microsoft.VSTS.Common.Priority"], 1);
    assert_eq!(fields["Microsoft.VSTS.Scheduling.RemainingWork"], 2.5);
    assert_eq!(fields["Microsoft.VSTS.Scheduling.CompletedWork"].to_string(), "4");
    assert_eq!(fields["System.Title"], "42");
    let epic = app.item("Storefront/Epic", &[("System.Title", json!("Dated"))]).await;
    let id = epic["id"].as_u64().expect("a number");
    let date = set("Microsoft.VSTS.Scheduling.StartDate", "2026-01-31T12:00:00+02:00");
    let epic = patch(&app, id, json!([date])).await.ok();
    assert_eq!(epic["fields"]["Microsoft.VSTS.Scheduling.StartDate"], "2026-01-31T10:00:00.000Z");
    for (field, wrong) in [
        ("Microsoft.VSTS.Common.Priority", json!("high")),
        ("Microsoft.VSTS.Scheduling.StartDate", json!("tomorrow")),
        ("System.Title", json!(["a"])),
        ("System.Title", json!("x".repeat(256))),
    ] {
        let answer = patch(&app, id, json!([set(field, wrong)])).await;
        assert_eq!(answer.json()["typeKey"], "RuleValidationException", "{field}");
    }
}

#[tokio::test]
async fn a_person_may_be_named_in_any_form_the_organization_knows() {
    let app = App::start().await;
    let task = app.task("For someone").await;
    let ben = "ben@acme.example";
    let item = patch(&app, task, json!([set("System.AssignedTo", ben)])).await.ok();
    let object = item["fields"]["System.AssignedTo"].clone();
    assert_eq!(object["displayName"], "Ben Baker");
    for form in [
        json!("Ben Baker"),
        json!("Ben Baker <ben@acme.example>"),
        json!("Ben Baker<ben@acme.example>"),
        object["id"].clone(),
        object["descriptor"].clone(),
        object.clone(),
    ] {
        patch(&app, task, json!([set("System.AssignedTo", "")])).await.ok();
        let item = patch(&app, task, json!([set("System.AssignedTo", form.clone())])).await.ok();
        assert_eq!(item["fields"]["System.AssignedTo"], object, "{form}");
    }
    let nobody = patch(&app, task, json!([set("System.AssignedTo", "gus@guild.example")])).await;
    assert_eq!(
        nobody.refusal(),
        "400 RuleValidationException: The identity value 'gus@guild.example' for field 'Assigned \
         To' is an unknown identity."
    );
}

#[tokio::test]
async fn tags_merge_when_added_and_stand_alone_when_replaced() {
    let app = App::start().await;
    let task = app.task("Tagged").await;
    let tags = |item: Value| item["fields"]["System.Tags"].clone();
    let added = patch(&app, task, json!([set("System.Tags", "Tag1; Tag0")])).await.ok();
    assert_eq!(tags(added), "Tag0; Tag1");
    let merged = patch(&app, task, json!([set("System.Tags", "tag1, Tag2;")])).await.ok();
    assert_eq!(tags(merged), "Tag0; Tag1; Tag2");
    let replace = json!([{ "op": "replace", "path": "/fields/System.Tags", "value": "Tag3" }]);
    assert_eq!(tags(patch(&app, task, replace).await.ok()), "Tag3");
    let remove = json!([{ "op": "remove", "path": "/fields/System.Tags" }]);
    assert_eq!(tags(patch(&app, task, remove).await.ok()), Value::Null);
    let many: Vec<String> = (0..101).map(|number| format!("t{number}")).collect();
    let answer = patch(&app, task, json!([set("System.Tags", many.join(";"))])).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_comment_belongs_to_the_revision_it_came_with() {
    let app = App::start().await;
    let task = app.task("Discussed").await;
    let item = patch(&app, task, json!([set("System.History", "Hello.")])).await.ok();
    assert_eq!(item["fields"]["System.History"], "Hello.");
    assert_eq!(item["fields"]["System.CommentCount"], 1);
    let item = patch(&app, task, json!([set("System.Title", "Later")])).await.ok();
    assert_eq!(item["fields"]["System.History"], Value::Null);
    assert_eq!(item["fields"]["System.CommentCount"], 1);
}

#[tokio::test]
async fn a_long_text_is_html_until_it_is_said_to_be_markdown() {
    let app = App::start().await;
    let task = app.task("Formatted").await;
    let format = |value: &str| json!({ "op": "add", "path": "/multilineFieldsFormat/System.Description", "value": value });
    let steps = json!([set("System.Description", "**bold**"), format("Markdown")]);
    let item = patch(&app, task, steps).await.ok();
    assert_eq!(item["multilineFieldsFormat"], json!({ "System.Description": "markdown" }));
    let path = format!("/_apis/wit/workitems/{task}");
    let filtered = app.ann_gets(&format!("{path}?fields=System.Description")).await.ok();
    assert_eq!(filtered["multilineFieldsFormat"], Value::Null);
    let older = app.ann_gets(&format!("{path}?api-version=7.0")).await.ok();
    assert_eq!(older["multilineFieldsFormat"], Value::Null);
    let item = patch(&app, task, json!([format("Html")])).await.ok();
    assert_eq!(item["multilineFieldsFormat"], Value::Null);
    assert_eq!(patch(&app, task, json!([format("Word")])).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_and_writes_nothing() {
    let app = App::start().await;
    let path = format!("{TASK}?validateOnly=true");
    let would_be =
        app.ann_patches(Method::POST, &path, json!([set("System.Title", "New")])).await.ok();
    assert_eq!(would_be["id"], -1);
    let invalid =
        app.ann_patches(Method::POST, &path, json!([set("System.Description", "x")])).await;
    assert_eq!(invalid.status, StatusCode::BAD_REQUEST);

    let task = app.task("Old").await;
    let path = format!("/_apis/wit/workitems/{task}?validateOnly=true");
    let steps = json!([set("System.Title", "New")]);
    let would_be = app.ann_patches(Method::PATCH, &path, steps).await.ok();
    assert_eq!((&would_be["rev"], &would_be["fields"]["System.Title"]), (&json!(1), &json!("New")));
    let is = app.ann_gets(&format!("/_apis/wit/workitems/{task}")).await.ok();
    assert_eq!((&is["rev"], &is["fields"]["System.Title"]), (&json!(1), &json!("Old")));
}

#[tokio::test]
async fn a_new_state_brings_its_reason_its_dates_and_who_it_was() {
    let app = App::start().await;
    let task = app.task("Moving").await;
    app.clock.advance(Duration::from_secs(60));
    let active = patch(&app, task, json!([set("System.State", "active")])).await.ok();
    let fields = &active["fields"];
    assert_eq!(fields["System.State"], "Active");
    assert_eq!(fields["System.Reason"], "Work started");
    assert_eq!(fields["Microsoft.VSTS.Common.ActivatedBy"]["displayName"], "Ann Archer");
    assert_eq!(fields["Microsoft.VSTS.Common.StateChangeDate"], fields["System.ChangedDate"]);
    let steps = json!([set("System.State", "Closed"), set("System.Reason", "Cut")]);
    let closed = patch(&app, task, steps).await.ok();
    assert_eq!(closed["fields"]["System.Reason"], "Cut");
    assert!(closed["fields"]["Microsoft.VSTS.Common.ClosedDate"].is_string());
    let again = patch(&app, task, json!([set("System.State", "New")])).await.ok();
    assert_eq!(again["fields"]["Microsoft.VSTS.Common.ClosedDate"], Value::Null);
    assert_eq!(again["fields"]["Microsoft.VSTS.Common.ActivatedDate"], Value::Null);
}

#[tokio::test]
async fn an_item_moves_to_another_project_and_type() {
    let app = App::start().await;
    let task = app.task("Travelling").await;
    let place = json!([set("System.AreaPath", "Storefront\\Checkout")]);
    patch(&app, task, place).await.ok();
    let steps = json!([
        set("System.TeamProject", "Fulfilment"),
        set("System.WorkItemType", "Bug"),
        set("System.State", "New"),
    ]);
    let moved = patch(&app, task, steps).await.ok();
    assert_eq!(moved["fields"]["System.AreaPath"], "Fulfilment");
    assert_eq!(moved["fields"]["System.IterationPath"], "Fulfilment");
    assert_eq!(moved["fields"]["System.WorkItemType"], "Bug");
}

#[tokio::test]
async fn a_field_can_be_copied_and_moved() {
    let app = App::start().await;
    let bug = app.item("Storefront/Bug", &[("System.Title", json!("Copy me"))]).await;
    let id = bug["id"].as_u64().expect("a number");
    let copy = json!([{ "op": "copy", "from": "/fields/System.Title", "path": "/fields/System.Description" }]);
    assert_eq!(patch(&app, id, copy).await.ok()["fields"]["System.Description"], "Copy me");
    let to = "/fields/Microsoft.VSTS.TCM.ReproSteps";
    let step = json!([{ "op": "move", "from": "/fields/System.Description", "path": to }]);
    let moved = patch(&app, id, step).await.ok();
    assert_eq!(moved["fields"]["Microsoft.VSTS.TCM.ReproSteps"], "Copy me");
    assert_eq!(moved["fields"]["System.Description"], Value::Null);
}

#[tokio::test]
async fn what_is_no_patch_document_is_refused() {
    let app = App::start().await;
    let sentence = "400 VssPropertyValidationException: You must pass a valid patch document in \
                    the body of the request.";
    for steps in
        [json!({ "fields": {} }), json!([]), json!("x"), json!([{ "op": "bake", "path": "/rev" }])]
    {
        let answer = app.ann_patches(Method::POST, TASK, steps).await;
        assert_eq!(answer.refusal(), sentence);
    }
    let call = app.call(Method::POST, format!("/acme{TASK}?api-version=7.1")).pat("ann", "acme");
    let answer = call.body("application/json-patch+json", "[{").send().await;
    assert_eq!(answer.refusal(), sentence);
    let huge = "x".repeat(9 * 1024 * 1024);
    let call = app.call(Method::POST, format!("/acme{TASK}?api-version=7.1")).pat("ann", "acme");
    let answer = call.patch(&json!([set("System.Description", huge)])).send().await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_wrong_content_type_is_400_and_names_the_right_ones() {
    let app = App::start().await;
    let call = app.call(Method::POST, format!("/acme{TASK}?api-version=7.1")).pat("ann", "acme");
    assert_eq!(
        call.form("a=b".to_owned()).send().await.refusal(),
        "400 VssRequestContentTypeNotSupportedException: The request indicated a Content-Type of \
         \"application/x-www-form-urlencoded\" for method type \"POST\" which is not supported. \
         Valid content types for this method are: application/json, application/json-patch+json."
    );
}

#[tokio::test]
async fn an_administrator_may_bypass_rules_and_others_may_not() {
    let app = App::start().await;
    let steps = json!([
        set("System.Title", "Imported"),
        set("System.State", "Closed"),
        set("System.CreatedDate", "2020-01-01T00:00:00Z"),
        set("System.CreatedBy", "Ben Baker"),
    ]);
    let path = format!("{TASK}?bypassRules=true");
    let item = app.ann_patches(Method::POST, &path, steps.clone()).await.ok();
    assert_eq!(item["fields"]["System.CreatedDate"], "2020-01-01T00:00:00.000Z");
    assert_eq!(item["fields"]["System.CreatedBy"]["displayName"], "Ben Baker");
    assert_eq!(item["fields"]["System.State"], "Closed");
    let call = app.call(Method::POST, format!("/acme{path}&api-version=7.1")).pat("ben", "acme");
    assert_eq!(
        call.patch(&steps).send().await.refusal(),
        "403 AccessCheckException: TF50309: The following account does not have sufficient \
         permissions to complete the operation: Ben Baker. The following permissions are needed \
         to perform this operation: Bypass rules on work item updates."
    );
}
