use base::ErrorKind;
use serde_json::json;

use crate::app::{App, PROJECT};

#[tokio::test]
async fn a_work_item_is_made_with_everything_at_once() {
    let app = App::start().await;
    let parent = app
        .does("create_work_item", json!({ "project": PROJECT, "type": "Epic", "title": "Faster" }))
        .await;
    app.requests();
    let item = app
        .does(
            "create_work_item",
            json!({
                "project": PROJECT,
                "type": "Bug",
                "title": "The form loses its text",
                "description": "It **vanishes**.",
                "description_format": "markdown",
                "assigned_to": "ann@acme.example",
                "area": "/Storefront/Area/Checkout",
                "iteration": "acme\\Storefront",
                "tags": ["customer", "web"],
                "parent": parent["id"],
                "links": [
                    { "type": "hyperlink", "url": "https://example.com/report", "comment": "Report" },
                ],
                "comment": "Seen by three customers.",
                "fields": { "Microsoft.VSTS.Common.Priority": 1 },
            }),
        )
        .await;
    assert_eq!(
        app.requests(),
        ["POST /acme/Storefront/_apis/wit/workitems/$Bug?$expand=all&api-version=7.1"]
    );
    let fields = &item["fields"];
    assert_eq!(fields["System.Title"], "The form loses its text");
    assert_eq!(fields["System.AreaPath"], "Storefront\\Checkout");
    assert_eq!(fields["System.IterationPath"], "Storefront");
    assert_eq!(fields["System.Tags"], "customer; web");
    assert_eq!(fields["System.AssignedTo"]["uniqueName"], "ann@acme.example");
    assert_eq!(fields["Microsoft.VSTS.Common.Priority"], 1);
    assert_eq!(fields["System.Parent"], parent["id"]);
    assert_eq!(fields["System.CommentCount"], 1);
    assert_eq!(item["multilineFieldsFormat"]["System.Description"], "markdown");
    assert_eq!(item["relations"].as_array().unwrap().len(), 2);
    assert_eq!(item["rev"], 1);
    assert!(item["webUrl"].as_str().unwrap().starts_with("https://dev.azure.com/acme/"), "{item}");
    assert!(item.get("_links").is_none());
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_and_makes_nothing() {
    let app = App::start().await;
    let inputs = json!({ "project": PROJECT, "type": "Task", "title": "Try" });
    let context = app.context().dry_run();
    let item = app.action("create_work_item").perform(&context, &inputs).await.unwrap();
    assert_eq!((&item["id"], &item["fields"]["System.State"]), (&json!(-1), &json!("New")));
    let made = app.does("create_work_item", inputs).await;
    let next = app
        .does("create_work_item", json!({ "project": PROJECT, "type": "Task", "title": "Next" }))
        .await;
    assert_eq!(next["id"].as_i64().unwrap(), made["id"].as_i64().unwrap() + 1);
}

#[tokio::test]
async fn every_rule_that_is_broken_is_told_by_its_field() {
    let app = App::start().await;
    let error = app
        .tries(
            "create_work_item",
            json!({
                "project": PROJECT,
                "type": "Task",
                "title": "  x",
                "state": "Nowhere",
                "assigned_to": "nobody@acme.example",
                "fields": { "Microsoft.VSTS.Common.Priority": 9 },
            }),
        )
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Invalid, "rule_violation"));
    insta::assert_json_snapshot!(error.meta().unwrap()["fields"]);
    insta::assert_snapshot!(error.message());
}

#[tokio::test]
async fn inputs_are_checked_before_anything_is_sent() {
    let app = App::start().await;
    app.requests();
    let error = app
        .tries("create_work_item", json!({ "project": PROJECT, "parent": "x", "colour": "red" }))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "invalid_inputs");
    insta::assert_json_snapshot!(error.meta().unwrap());
    assert!(app.requests().is_empty());
}

#[tokio::test]
async fn what_is_not_there_is_told_apart() {
    let app = App::start().await;
    for (change, code) in [
        (json!({ "project": "Nowhere" }), "project_not_found"),
        (json!({ "type": "Wish" }), "type_not_found"),
        (json!({ "area": "Storefront\\Nowhere" }), "unknown_path"),
        (json!({ "fields": { "Custom.Nothing": 1 } }), "unknown_field"),
        (json!({ "organization": "../x" }), "invalid_account_name"),
        (json!({ "links": [{ "type": "parent" }] }), "invalid_link"),
    ] {
        let mut inputs = json!({ "project": PROJECT, "type": "Task", "title": "x" });
        inputs.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let error = app.tries("create_work_item", inputs).await.unwrap_err();
        assert_eq!(error.code(), code, "{error:?}");
    }
}

#[tokio::test]
async fn an_item_of_an_earlier_try_is_found_by_its_mark_among_others_of_its_name() {
    let app = App::start().await;
    let (action, context) = (app.action("create_work_item"), app.context_of("execution-1.step-3"));
    let inputs = json!({ "project": PROJECT, "type": "Task", "title": "It's one of many" });
    app.does("create_work_item", inputs.clone()).await;
    let other = app.context_of("execution-1.step-3.item-2");
    action.perform(&other, &inputs).await.unwrap();
    assert_eq!(action.find_mark(&context, &inputs).await.unwrap(), None);
    let made = action.perform(&context, &inputs).await.unwrap();
    let found = action.find_mark(&context, &inputs).await.unwrap();
    assert_eq!(found.map(|item| item["id"].clone()), Some(made["id"].clone()));
}

#[tokio::test]
async fn an_item_whose_answer_was_lost_is_not_made_twice() {
    let app = App::start().await;
    let (action, context) = (app.action("create_work_item"), app.context_of("execution-1.step-3"));
    let inputs = json!({ "project": PROJECT, "type": "Task", "title": "Lost" });
    app.world().faults.order(sandbox::faults::Fault {
        method: Some("POST".to_owned()),
        path_contains: Some("$Task".to_owned()),
        drop_connection: true,
        carried_out: true,
        ..sandbox::faults::Fault::default()
    });
    action.perform(&context, &inputs).await.unwrap_err();
    let found = action.find_mark(&context, &inputs).await.unwrap().unwrap();
    assert_eq!(found["fields"]["System.Title"], "Lost");
}
