//! Workflows on and off, by the calls that the vendor's SDK makes.

use http::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, on_each_engine};
use crate::definitions::{waiting, with_portal};

fn id(workflow: &Value) -> &str {
    workflow["id"].as_str().unwrap()
}

/// A condition that lets users with this plan in.
fn plan(plan: &str) -> Value {
    json!({ "any": [{ "all": [{
        "left": "{{ user.metadata.plan }}", "operator": "string_exactly_matches", "right": plan,
    }] }] })
}

#[tokio::test]
async fn every_deployed_workflow_is_offered_and_stands_in_each_configuration() {
    on_each_engine(async |test: TestApp| {
        let inputs =
            json!([{ "id": "area", "type": "TEXT_NO_VARS", "title": "Area", "required": false }]);
        let portal = json!({ "inputs": inputs, "order": 2, "info": "Keeps both in step." });
        let sync = test.manager().deploys(&with_portal("sync", portal)).await;
        let draft = json!({ "definition": waiting("draft") });
        test.manager().project_post("/workflows", draft).await.ok();
        let ann = test.end_user("ann");
        ann.connects().await;
        let offered = ann.get("/integrations").await.ok();
        let values = &offered[0]["configs"][0]["values"];
        assert_eq!(
            values["workflowMeta"],
            json!({ id(&sync): {
            "id": id(&sync), "description": "", "defaultEnabled": false, "hidden": false,
            "inputs": inputs, "order": 2, "infoText": "Keeps both in step.",
        } })
        );
        let listed = &offered[0]["workflows"];
        assert_eq!(listed.as_array().unwrap().len(), 1);
        assert_eq!(listed[0]["description"], "Sync work items");
        assert_eq!(listed[0]["workflowVersion"], 1);
        assert_eq!(offered[0]["noPermissionWorkflows"], json!([]));
        let state = ann.azure_devops().await;
        let blank = json!({ id(&sync): { "enabled": false, "settings": {} } });
        assert_eq!(state["workflowSettings"], blank);
        assert_eq!(state["configuredWorkflows"], blank);
        let configuration = &state["allCredentials"][0]["configurations"][0];
        assert_eq!(configuration["workflowSettings"], blank);
    })
    .await;
}

#[tokio::test]
async fn a_workflow_is_switched_on_and_off_any_number_of_times() {
    on_each_engine(async |test: TestApp| {
        let sync = test.manager().deploys(&waiting("sync")).await;
        let ann = test.end_user("ann");
        ann.connects().await;
        let path = format!("/workflows/{}", id(&sync));
        for (method, on) in [
            (Method::POST, true),
            (Method::POST, true),
            (Method::DELETE, false),
            (Method::DELETE, false),
            (Method::POST, true),
        ] {
            ann.call(method, &path, Value::Null).await.ok();
            let state = ann.azure_devops().await;
            assert_eq!(state["workflowSettings"][id(&sync)]["enabled"], on);
        }
        let undeploy = format!("/workflows/{}/undeploy", id(&sync));
        test.manager().project_post(&undeploy, json!({})).await.ok();
        assert_eq!(ann.azure_devops().await["workflowSettings"], json!({}));
        assert_eq!(ann.post(&path, Value::Null).await.refused(), "404 workflow_not_found");
        ann.call(Method::DELETE, &path, Value::Null).await.ok();
    })
    .await;
}

#[tokio::test]
async fn a_user_without_an_account_is_told_to_connect_first() {
    on_each_engine(async |test: TestApp| {
        let sync = test.manager().deploys(&waiting("sync")).await;
        let path = format!("/workflows/{}", id(&sync));
        let refused = test.end_user("bob").post(&path, Value::Null).await;
        assert_eq!(refused.refused(), "404 integration_not_enabled");
        let unknown = "/workflows/00000000-0000-7000-8000-000000000000";
        let refused = test.end_user("bob").post(unknown, Value::Null).await;
        assert_eq!(refused.refused(), "404 workflow_not_found");
    })
    .await;
}

#[tokio::test]
async fn the_headers_choose_the_account_and_the_configuration() {
    on_each_engine(async |test: TestApp| {
        let sync = test.manager().deploys(&waiting("sync")).await;
        let ann = test.end_user("ann");
        let credential = ann.connects().await;
        let credential_id = credential["id"].as_str().unwrap();
        let path = format!("/credentials/{credential_id}/configurations");
        let shown = ann.post(&path, json!({ "externalId": "board" })).await.ok();
        let board = &shown["configurations"][1]["id"];
        let headers = [
            ("X-Paragon-Credential", credential_id),
            ("X-Paragon-Configuration-Id", board.as_str().unwrap()),
        ];
        let path = format!("/workflows/{}", id(&sync));
        ann.call_with(Method::POST, &path, &headers, Value::Null).await.ok();
        let shown = ann.get(&format!("/credentials/{credential_id}")).await.ok();
        let on = |place: usize| {
            shown["configurations"][place]["workflowSettings"][id(&sync)]["enabled"].clone()
        };
        assert_eq!((on(0), on(1)), (json!(false), json!(true)));
        let wrong = [("X-Paragon-Credential", "ext:nobody")];
        let refused = ann.call_with(Method::POST, &path, &wrong, Value::Null).await;
        assert_eq!(refused.refused(), "404 credential_not_found");
    })
    .await;
}

#[tokio::test]
async fn required_settings_come_before_switching_on_and_stay_while_it_is_on() {
    on_each_engine(async |test: TestApp| {
        let input = |id: &str, title: &str| {
            json!([{ "id": id, "type": "TEXT_NO_VARS", "title": title, "required": true }])
        };
        let shared = json!({ "portal": { "inputs": input("project", "Project") } });
        test.manager().changes_integration(shared).await;
        let portal = json!({ "inputs": input("area", "Area") });
        let sync = test.manager().deploys(&with_portal("sync", portal)).await;
        let ann = test.end_user("ann");
        let credential = ann.connects().await;
        let path = format!("/workflows/{}", id(&sync));
        let refused = ann.post(&path, Value::Null).await;
        assert_eq!(
            refused.refusal(),
            "400 settings_missing: \"Sync work items\" needs settings before it can be switched on: \
             Project, Area."
        );
        let settings = format!("/credentials/{}", credential["id"].as_str().unwrap());
        let patch = async |config: Value| {
            ann.call(Method::PATCH, &settings, json!({ "config": config })).await
        };
        patch(json!({ "sharedSettings": { "project": "Fabrikam" } })).await.ok();
        let own = json!({ id(&sync): { "enabled": false, "settings": { "area": "Web" } } });
        patch(json!({ "workflowSettings": own })).await.ok();
        ann.post(&path, Value::Null).await.ok();
        let state = ann.azure_devops().await;
        assert_eq!(state["sharedSettings"], json!({ "project": "Fabrikam" }));
        let on = json!({ "enabled": true, "settings": { "area": "Web" } });
        assert_eq!(state["workflowSettings"][id(&sync)], on);

        let blank = json!({ id(&sync): { "enabled": true, "settings": { "area": " " } } });
        let refused = patch(json!({ "workflowSettings": blank })).await;
        assert_eq!(refused.refused(), "400 settings_missing");
        assert_eq!(ann.azure_devops().await["workflowSettings"][id(&sync)], on);
        let off = json!({ id(&sync): { "enabled": false, "settings": { "area": "" } } });
        patch(json!({ "workflowSettings": off })).await.ok();
        assert_eq!(ann.azure_devops().await["workflowSettings"][id(&sync)]["enabled"], false);
    })
    .await;
}

#[tokio::test]
async fn settings_that_do_not_fit_their_inputs_are_refused_and_nothing_changes() {
    on_each_engine(async |test: TestApp| {
        let inputs = json!([
            { "id": "count", "type": "NUMBER", "title": "Count" },
            { "id": "kind", "type": "ENUM", "title": "Kind", "values": [{ "value": "bug", "label": "Bug" }] },
        ]);
        let sync = test.manager().deploys(&with_portal("sync", json!({ "inputs": inputs }))).await;
        let ann = test.end_user("ann");
        let credential = ann.connects().await;
        let path = format!("/credentials/{}", credential["id"].as_str().unwrap());
        let patch = async |settings: Value| {
            let own = json!({ id(&sync): { "settings": settings } });
            let body = json!({ "config": { "workflowSettings": own } });
            ann.call(Method::PATCH, &path, body).await
        };
        patch(json!({ "count": "3", "kind": "bug" })).await.ok();
        let refused = patch(json!({ "count": "many", "kind": "task", "surprise": 1 })).await;
        assert_eq!(
            refused.refusal(),
            "400 invalid_settings: These settings cannot be stored: \"Count\" must be a number; \
             \"Kind\" must be one of \"bug\"; there is no setting \"surprise\"."
        );
        let stored = ann.azure_devops().await["workflowSettings"][id(&sync)]["settings"].clone();
        assert_eq!(stored, json!({ "count": "3", "kind": "bug" }));
    })
    .await;
}

#[tokio::test]
async fn what_is_on_by_itself_is_on_for_new_accounts_alone() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        ann.connects().await;
        let portal = json!({ "default_enabled": true });
        let sync = test.manager().deploys(&with_portal("sync", portal)).await;
        let enabled = async |name: &str| {
            let state = test.end_user(name).azure_devops().await;
            state["workflowSettings"][id(&sync)]["enabled"].clone()
        };
        assert_eq!(enabled("ann").await, false);
        let bob = test.end_user("bob");
        bob.connects().await;
        assert_eq!(enabled("bob").await, true);
        let path = format!("/workflows/{}", id(&sync));
        bob.call(Method::DELETE, &path, Value::Null).await.ok();
        bob.connects().await;
        assert_eq!(enabled("bob").await, false, "connecting again changes nothing");
    })
    .await;
}

#[tokio::test]
async fn a_pop_up_whose_page_is_gone_switches_on_what_is_on_by_itself_too() {
    on_each_engine(async |test: TestApp| {
        let portal = json!({ "default_enabled": true });
        let sync = test.manager().deploys(&with_portal("sync", portal)).await;
        let ann = test.end_user("ann");
        ann.signs_in_as("ann", json!({})).await;
        let state = ann.azure_devops().await;
        assert_eq!(state["workflowSettings"][id(&sync)]["enabled"], true);
    })
    .await;
}

#[tokio::test]
async fn permissions_decide_who_sees_a_workflow_and_has_it_run() {
    on_each_engine(async |test: TestApp| {
        let portal =
            json!({ "permissions": plan("pro"), "default_enabled": true, "info": "Between us" });
        let sync = test.manager().deploys(&with_portal("sync", portal)).await;
        let ann = test.end_user("ann");
        ann.connects().await;
        let seen = async || {
            let offered = ann.get("/integrations").await.ok()[0].clone();
            let state = ann.azure_devops().await;
            (offered, state["workflowSettings"][id(&sync)].clone())
        };
        let (offered, state) = seen().await;
        assert_eq!(state, Value::Null);
        assert_eq!(offered["workflows"], json!([]));
        assert_eq!(offered["noPermissionWorkflows"], json!([id(&sync)]));
        assert!(!offered.to_string().contains("Between us"), "{offered}");
        let path = format!("/workflows/{}", id(&sync));
        assert_eq!(ann.post(&path, Value::Null).await.refused(), "404 workflow_not_found");

        ann.call(Method::PATCH, "/me", json!({ "meta": { "plan": "pro" } })).await.ok();
        let (offered, state) = seen().await;
        assert_eq!(state["enabled"], false);
        assert_eq!(offered["workflows"][0]["id"], id(&sync));
        ann.post(&path, Value::Null).await.ok();
        assert_eq!(test.runners(id(&sync)).await, 1);

        ann.call(Method::PATCH, "/me", json!({ "meta": { "plan": "free" } })).await.ok();
        assert_eq!(seen().await.1, Value::Null);
        assert_eq!(test.runners(id(&sync)).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_workflow_that_follows_connecting_waits_for_its_settings_and_is_hidden() {
    on_each_engine(async |test: TestApp| {
        let inputs = json!([{ "id": "project", "type": "TEXT_NO_VARS", "title": "Project", "required": true }]);
        test.manager().changes_integration(json!({ "portal": { "inputs": inputs } })).await;
        let mut definition = waiting("first_sync");
        definition["trigger"] = json!({ "kind": "integration_enabled" });
        let first = test.manager().deploys(&definition).await;
        let ann = test.end_user("ann");
        let credential = ann.connects().await;
        let offered = ann.get("/integrations").await.ok();
        let meta = &offered[0]["configs"][0]["values"]["workflowMeta"][id(&first)];
        assert_eq!(meta["hidden"], true);
        assert_eq!(test.runners(id(&first)).await, 0);
        let path = format!("/credentials/{}", credential["id"].as_str().unwrap());
        let body = json!({ "config": { "sharedSettings": { "project": "Fabrikam" } } });
        ann.call(Method::PATCH, &path, body).await.ok();
        assert_eq!(test.runners(id(&first)).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_workflow_runs_for_nobody_whose_account_is_gone_or_who_is_shut_out() {
    on_each_engine(async |test: TestApp| {
        let sync = test.manager().deploys(&waiting("sync")).await;
        let path = format!("/workflows/{}", id(&sync));
        for name in ["ann", "bob"] {
            let user = test.end_user(name);
            user.connects().await;
            user.post(&path, Value::Null).await.ok();
        }
        assert_eq!(test.runners(id(&sync)).await, 2);
        let uninstall = format!("/integrations/{}", test.integration_id);
        test.end_user("bob").call(Method::DELETE, &uninstall, Value::Null).await.ok();
        assert_eq!(test.runners(id(&sync)).await, 1);
        let listed = test.manager().project_get("/connected-users").await.ok();
        let users = listed["items"].as_array().unwrap();
        let ann = users.iter().find(|user| user["userId"] == "ann").unwrap();
        let path = format!("/connected-users/{}", ann["id"].as_str().unwrap());
        test.manager().project_patch(&path, json!({ "disabled": true })).await.ok();
        assert_eq!(test.runners(id(&sync)).await, 0);
        test.manager().project_patch(&path, json!({ "disabled": false })).await.ok();
        assert_eq!(test.runners(id(&sync)).await, 1);
    })
    .await;
}

#[tokio::test]
async fn the_hosts_program_sees_and_switches_for_a_user() {
    on_each_engine(async |test: TestApp| {
        let inputs =
            json!([{ "id": "area", "type": "TEXT_NO_VARS", "title": "Area", "required": true }]);
        let portal = json!({ "inputs": inputs, "hidden": true });
        let sync = test.manager().deploys(&with_portal("sync", portal)).await;
        test.end_user("ann").connects().await;
        let listed = test.manager().project_get("/connected-users").await.ok();
        let user =
            format!("/connected-users/{}/workflows", listed["items"][0]["id"].as_str().unwrap());
        let shown = test.manager().project_get(&user).await.ok();
        assert_eq!((&shown[0]["enabled"], &shown[0]["missing"]), (&json!(false), &json!(["Area"])));
        let path = format!("{user}/{}", id(&sync));
        let refused = test.manager().project_patch(&path, json!({ "enabled": true })).await;
        assert_eq!(refused.refused(), "400 settings_missing");
        let body = json!({ "enabled": true, "settings": { "area": "Web" } });
        let shown = test.manager().project_patch(&path, body).await.ok();
        assert_eq!((&shown["enabled"], &shown["settings"]["area"]), (&json!(true), &json!("Web")));
        assert_eq!(test.runners(id(&sync)).await, 1);
        let shown = test.manager().project_patch(&path, json!({ "enabled": false })).await.ok();
        assert_eq!((&shown["enabled"], &shown["settings"]["area"]), (&json!(false), &json!("Web")));
    })
    .await;
}
