//! What the forms of end users are filled from.

use serde_json::{Value, json};

use crate::actors::EndUser;
use crate::app::{TestApp, on_each_engine};

/// Asks as the vendor's SDK does.
async fn asks(
    user: &EndUser<'_>,
    source: &str,
    inputs: Value,
    search: Value,
) -> crate::reply::Reply {
    let one = |(key, value): (&String, &Value)| {
        json!({
            "key": key, "source": { "type": "VALUE", "value": value },
        })
    };
    let body = json!({
        "action": "azuredevops",
        "sourceKey": source,
        "parameters": inputs.as_object().unwrap().iter().map(one).collect::<Vec<_>>(),
        "paginationParameters": { "pageCursor": 0, "search": search },
    });
    user.post("/actions", body).await
}

#[tokio::test]
async fn a_form_is_filled_with_what_the_account_has() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        ann.connects().await;
        let reply = asks(&ann, "projects", json!({}), json!("store")).await;
        assert_eq!(
            reply.ok(),
            json!({ "output": {
                "records": [{ "label": "Storefront", "value": "Storefront" }],
                "nextPageCursor": null,
            }})
        );
        let integrations = ann.get("/integrations").await.ok();
        assert_eq!(
            integrations[0]["sdkIntegrationConfig"]["dataSources"]["states"],
            json!({
                "type": "DYNAMIC_DATA_SOURCE",
                "cacheKey": "states",
                "title": "States",
                "refreshDependencies": ["project", "type", "organization"],
                "supportPagination": true,
            })
        );
        let inputs = json!({ "project": "Storefront", "type": "Bug" });
        let fields = asks(&ann, "fields", inputs, Value::Null).await.ok();
        let ids = fields["output"]["records"].as_array().unwrap();
        assert!(ids.iter().any(|one| one["id"] == "Microsoft.VSTS.Common.Priority"), "{fields}");
    })
    .await;
}

#[tokio::test]
async fn a_form_that_cannot_be_filled_says_why_and_signs_nobody_out() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let reply = asks(&ann, "projects", json!({}), Value::Null).await;
        assert_eq!(reply.refused(), "404 integration_not_enabled");
        ann.connects().await;
        let reply = asks(&ann, "nothing", json!({}), Value::Null).await;
        assert_eq!(reply.refused(), "404 source_not_found");
        let reply = asks(&ann, "states", json!({}), Value::Null).await;
        assert_eq!(reply.refused(), "400 input_missing");
        let reply = ann.post("/actions", json!({ "action": "jira", "sourceKey": "x" })).await;
        assert_eq!(reply.refused(), "404 integration_not_found");
        let reply = ann.post("/actions", json!([])).await;
        assert_eq!(reply.refused(), "400 invalid_body");
        let world = test.sandbox.world();
        world.revoke_sign_ins(world.directory.person("ann").unwrap());
        test.after(2 * 60 * 60);
        let reply =
            asks(&test.end_user("ann"), "tags", json!({ "project": "x" }), Value::Null).await;
        assert_eq!(reply.json()["meta"]["isIntegrationError"], true, "{}", reply.text());
    })
    .await;
}

#[tokio::test]
async fn what_a_form_was_filled_with_is_kept_until_an_account_of_the_user_changes() {
    on_each_engine(async |test: TestApp| {
        let (ann, bob) = (test.end_user("ann"), test.end_user("bob"));
        ann.connects().await;
        bob.connects().await;
        let read = async |user: &EndUser<'_>| {
            test.sandbox.world().requests.take();
            asks(user, "projects", json!({}), Value::Null).await.ok();
            let seen = test.sandbox.world().requests.take();
            seen.iter().filter(|call| call.target.contains("/_apis/projects")).count()
        };
        assert_eq!((read(&ann).await, read(&ann).await), (1, 0));
        assert_eq!((read(&bob).await, read(&bob).await), (1, 0));
        ann.connects().await;
        assert_eq!(read(&ann).await, 1, "the account may lead elsewhere now");
        assert_eq!(read(&bob).await, 0, "it is no business of other users");
    })
    .await;
}

#[tokio::test]
async fn the_actions_of_a_connector_are_described_for_forms_and_programs() {
    let test = TestApp::start(store::Engine::Sqlite).await;
    let manager = test.manager();
    let actions = manager.get("/api/v1/connectors/azuredevops/actions").await.ok();
    let search = &actions[0];
    assert_eq!(search["key"], "search_work_items");
    assert_eq!(search["toolName"], "AZURE_DEVOPS_SEARCH_WORKITEMS");
    assert_eq!((&search["access"], &search["repeat"]), (&json!("read"), &json!("safe")));
    assert_eq!(search["pages"], json!({ "cursor": "cursor", "items": "items", "next": "next" }));
    assert_eq!(search["inputs"][0]["id"], "query");
    assert_eq!(search["inputSchema"]["required"], json!(["query"]));
    let none = manager.get("/api/v1/connectors/jira/actions").await.ok();
    assert_eq!(none, json!([]));
    let reply = manager.get("/api/v1/connectors/nothing/actions").await;
    assert_eq!(reply.refused(), "404 unknown_connector");
}
