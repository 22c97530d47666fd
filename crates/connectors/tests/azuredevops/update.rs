use base::ErrorKind;
use sandbox::faults::{Fault, FaultAnswer};
use serde_json::{Value, json};

use crate::app::{App, PROJECT};

async fn makes(app: &App, title: &str) -> Value {
    let inputs = json!({
        "project": PROJECT, "type": "Task", "title": title, "tags": ["one", "two"],
        "links": [{ "type": "hyperlink", "url": "https://example.com/a" }],
    });
    app.does("create_work_item", inputs).await
}

#[tokio::test]
async fn fields_tags_parent_links_and_comment_change_at_once() {
    let app = App::start().await;
    let (item, story) = (makes(&app, "Task").await, makes(&app, "Above").await);
    app.requests();
    let changed = app
        .does(
            "update_work_item",
            json!({
                "id": item["id"],
                "title": "Task, renamed",
                "state": "Active",
                "description": "*Now*",
                "description_format": "markdown",
                "add_tags": ["three", "ONE"],
                "remove_tags": ["Two", "nine"],
                "parent": story["id"],
                "add_links": [
                    { "type": "hyperlink", "url": "https://example.com/b" },
                    { "type": "related", "id": story["id"] },
                ],
                "remove_links": [
                    { "type": "hyperlink", "url": "https://example.com/a" },
                    { "type": "hyperlink", "url": "https://example.com/nine" },
                ],
                "comment": "Under way.",
            }),
        )
        .await;
    let fields = &changed["fields"];
    assert_eq!(fields["System.Title"], "Task, renamed");
    assert_eq!(fields["System.State"], "Active");
    assert_eq!(fields["System.Tags"], "one; three");
    assert_eq!(fields["System.Parent"], story["id"]);
    assert_eq!(fields["System.CommentCount"], 1);
    let urls: Vec<&str> = changed["relations"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["rel"] == "Hyperlink")
        .map(|one| one["url"].as_str().unwrap())
        .collect();
    assert_eq!(urls, ["https://example.com/b"]);
    assert_eq!(changed["relations"].as_array().unwrap().len(), 3);
    assert_eq!(app.requests().len(), 2, "a read and a write");
}

#[tokio::test]
async fn what_is_so_already_is_not_written_again() {
    let app = App::start().await;
    let item = makes(&app, "Task").await;
    let inputs = json!({
        "id": item["id"], "title": "New title", "add_tags": ["three"], "remove_tags": ["one"],
        "add_links": [{ "type": "hyperlink", "url": "https://example.com/b" }],
        "assigned_to": "ann@acme.example", "fields": { "Microsoft.VSTS.Common.Priority": "1" },
    });
    let once = app.does("update_work_item", inputs.clone()).await;
    app.requests();
    let twice = app.does("update_work_item", inputs).await;
    assert_eq!(twice["rev"], once["rev"]);
    assert_eq!(app.requests().len(), 1, "only a read");
}

#[tokio::test]
async fn a_field_is_emptied_and_a_parent_and_every_tag_taken_away() {
    let app = App::start().await;
    let above = makes(&app, "Above").await;
    let item = makes(&app, "Below").await;
    let id = &item["id"];
    let parent = &above["id"];
    let inputs = json!({ "id": id, "parent": parent, "description": "Long" });
    app.does("update_work_item", inputs).await;
    let other = makes(&app, "Another").await;
    let moved = app.does("update_work_item", json!({ "id": id, "parent": other["id"] })).await;
    assert_eq!(moved["fields"]["System.Parent"], other["id"]);
    let inputs = json!({
        "id": id, "remove_parent": true, "remove_tags": ["one", "two"],
        "fields": { "System.Description": null },
    });
    let emptied = app.does("update_work_item", inputs).await;
    for field in ["System.Parent", "System.Tags", "System.Description"] {
        assert!(emptied["fields"].get(field).is_none(), "{field}");
    }
}

#[tokio::test]
async fn a_change_of_other_fields_by_somebody_else_is_merged() {
    let app = App::start().await;
    let item = makes(&app, "Task").await;
    let id = &item["id"];
    app.does("update_work_item", json!({ "id": id, "state": "Active", "add_tags": ["x"] })).await;
    let inputs = json!({ "id": id, "revision": 1, "title": "Renamed", "add_tags": ["y"] });
    let merged = app.does("update_work_item", inputs).await;
    assert_eq!(merged["fields"]["System.State"], "Active");
    assert_eq!(merged["fields"]["System.Title"], "Renamed");
    assert_eq!(merged["fields"]["System.Tags"], "one; two; x; y");
}

#[tokio::test]
async fn a_change_of_the_same_field_by_somebody_else_is_a_conflict() {
    let app = App::start().await;
    let item = makes(&app, "Task").await;
    let id = &item["id"];
    let theirs = json!({ "id": id, "title": "Theirs", "fields": { "System.Reason": null } });
    app.does("update_work_item", theirs).await;
    let ours = json!({ "id": id, "revision": 1, "title": "Ours", "state": "Active" });
    let error = app.tries("update_work_item", ours.clone()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, "conflicting_change"));
    assert_eq!(
        error.meta().unwrap()["fields"],
        json!([{ "field": "System.Title", "seen": "Task", "current": "Theirs" }])
    );
    let unchanged = app.does("get_work_item", json!({ "id": id })).await;
    assert_eq!(unchanged["fields"]["System.State"], "New");
    // Whoever wants the same has no conflict.
    let same = json!({ "id": id, "revision": 1, "title": "Theirs", "state": "Active" });
    app.does("update_work_item", same).await;
}

#[tokio::test]
async fn whoever_comes_second_reads_again_and_repeats() {
    let app = App::start().await;
    let item = makes(&app, "Task").await;
    app.world().faults.order(Fault {
        method: Some("PATCH".to_owned()),
        answer: Some(FaultAnswer {
            status: 412,
            body: r#"{"message":"VS403351","typeKey":"TestPatchOperationFailedException"}"#
                .to_owned(),
            ..FaultAnswer::default()
        }),
        ..Fault::default()
    });
    app.requests();
    let changed =
        app.does("update_work_item", json!({ "id": item["id"], "title": "Renamed" })).await;
    assert_eq!(changed["fields"]["System.Title"], "Renamed");
    assert_eq!(app.requests().len(), 4, "read, refused, read, written");
}

#[tokio::test]
async fn a_comment_of_an_earlier_try_is_found() {
    let app = App::start().await;
    let item = makes(&app, "Task").await;
    let inputs = json!({ "id": item["id"], "state": "Active", "comment": "Tom & Jerry" });
    let action = app.action("update_work_item");
    let context = app.context_of("execution-1.step-2");
    assert_eq!(action.find_mark(&context, &inputs).await.unwrap(), None);
    app.clock.advance(std::time::Duration::from_secs(1));
    let done = action.perform(&context, &inputs).await.unwrap();
    let found = action.find_mark(&context, &inputs).await.unwrap().unwrap();
    assert_eq!(found["rev"], done["rev"]);
    app.clock.advance(std::time::Duration::from_secs(3_600));
    let later = app.context_of("execution-2.step-2");
    assert_eq!(action.find_mark(&later, &inputs).await.unwrap(), None);
}

#[tokio::test]
async fn a_dry_run_checks_the_rules_and_changes_nothing() {
    let app = App::start().await;
    let item = makes(&app, "Task").await;
    let action = app.action("update_work_item");
    let inputs = json!({ "id": item["id"], "title": "Renamed" });
    let would_be = action.perform(&app.context().dry_run(), &inputs).await.unwrap();
    assert_eq!(would_be["fields"]["System.Title"], "Renamed");
    let inputs = json!({ "id": item["id"], "state": "Nowhere" });
    let error = action.perform(&app.context().dry_run(), &inputs).await.unwrap_err();
    assert_eq!(error.code(), "rule_violation");
    let unchanged = app.does("get_work_item", json!({ "id": item["id"] })).await;
    assert_eq!(unchanged["fields"]["System.Title"], "Task");
}
