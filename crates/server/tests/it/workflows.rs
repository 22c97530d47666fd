//! Workflows as the host developer's program sets them up.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{TestApp, on_each_engine};
use crate::definitions::{invalid, waiting};

#[tokio::test]
async fn a_draft_is_kept_as_it_was_sent_with_all_that_is_wrong_with_it() {
    on_each_engine(async |test: TestApp| {
        let manager = test.manager();
        let made = manager.project_post("/workflows", json!({ "definition": invalid() })).await;
        assert_eq!(made.status, StatusCode::CREATED);
        let made = made.ok();
        assert_eq!((&made["key"], &made["draftNumber"]), (&json!("sync"), &json!(1)));
        assert_eq!(made["integrationId"], json!(test.integration_id));
        let path = format!("/workflows/{}", made["id"].as_str().unwrap());
        let shown = manager.project_get(&path).await.ok();
        assert_eq!(shown["definition"], invalid());
        let places: Vec<&str> = shown["problems"]
            .as_array()
            .unwrap()
            .iter()
            .map(|problem| problem["path"].as_str().unwrap())
            .collect();
        assert_eq!(places, ["steps.lost", "steps.wait.amount", "trigger"]);
        let refused = manager.project_post(&format!("{path}/deploy"), json!({})).await;
        assert_eq!(refused.refused(), "400 invalid_definition");
        assert_eq!(refused.json()["meta"]["problems"], shown["problems"]);
        let listed = manager.project_get("/workflows").await.ok();
        assert_eq!(listed["items"][0]["id"], made["id"]);
        assert!(listed["items"][0].get("definition").is_none());
    })
    .await;
}

#[tokio::test]
async fn a_definition_is_checked_without_storing_anything() {
    on_each_engine(async |test: TestApp| {
        let manager = test.manager();
        let ask = async |definition: Value| {
            let body = json!({ "definition": definition });
            manager.project_post("/workflows/validate", body).await.ok()
        };
        assert_eq!(ask(waiting("sync")).await, json!({ "isValid": true, "problems": [] }));
        let found = ask(invalid()).await;
        assert_eq!(found["isValid"], false);
        assert_eq!(found["problems"][0]["path"], "steps.lost");
        assert_eq!(ask(json!(5)).await["problems"][0]["message"], "A definition is an object.");
        assert_eq!(manager.project_get("/workflows").await.ok()["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn two_editors_of_one_draft_notice_each_other() {
    on_each_engine(async |test: TestApp| {
        let manager = test.manager();
        let made = manager.project_post("/workflows", json!({ "definition": waiting("sync") }));
        let made = made.await.ok();
        let path = format!("/workflows/{}", made["id"].as_str().unwrap());
        let named = |name: &str| {
            let mut definition = waiting("sync");
            definition["name"] = json!(name);
            json!({ "definition": definition, "draftNumber": 1 })
        };
        let first = manager.project_patch(&path, named("First")).await.ok();
        assert_eq!((&first["name"], &first["draftNumber"]), (&json!("First"), &json!(2)));
        let second = manager.project_patch(&path, named("Second")).await;
        assert_eq!(second.refused(), "409 draft_changed");
        let theirs = &second.json()["meta"];
        assert_eq!(
            (&theirs["draftNumber"], &theirs["definition"]["name"]),
            (&json!(2), &json!("First"))
        );
        let deploy = format!("{path}/deploy");
        let deployed = manager.project_post(&deploy, json!({ "draftNumber": 1 })).await;
        assert_eq!(deployed.refused(), "409 draft_changed");
    })
    .await;
}

#[tokio::test]
async fn deploying_makes_a_version_that_stays_as_it_is_and_can_be_restored() {
    on_each_engine(async |test: TestApp| {
        let manager = test.manager();
        let first = manager.deploys(&waiting("sync")).await;
        let path = format!("/workflows/{}", first["id"].as_str().unwrap());
        assert_eq!((&first["liveVersionNumber"], &first["hasChanges"]), (&json!(1), &json!(false)));
        let again = manager.project_post(&format!("{path}/deploy"), json!({})).await.ok();
        assert_eq!(again["liveVersionId"], first["liveVersionId"], "nothing has changed");

        let mut changed = waiting("sync");
        changed["steps"]["wait"]["amount"] = json!(7);
        let body = json!({ "definition": changed, "draftNumber": 1 });
        let edited = manager.project_patch(&path, body).await.ok();
        assert_eq!(edited["hasChanges"], true);
        assert_eq!(edited["liveVersionId"], first["liveVersionId"], "what is deployed stays");
        test.after(1);
        let body = json!({ "note": "Wait longer", "draftNumber": 2 });
        let second = manager.project_post(&format!("{path}/deploy"), body).await.ok();
        assert_eq!(second["liveVersionNumber"], 2);

        let versions = manager.project_get(&format!("{path}/versions")).await.ok();
        let numbers: Vec<&Value> =
            versions["items"].as_array().unwrap().iter().map(|one| &one["number"]).collect();
        assert_eq!(numbers, [2, 1]);
        assert_eq!(versions["items"][0]["note"], "Wait longer");
        let oldest = format!("{path}/versions/{}", first["liveVersionId"].as_str().unwrap());
        let version = manager.project_get(&oldest).await.ok();
        assert_eq!(version["definition"]["steps"]["wait"]["amount"], 5);
        let restored = manager.project_post(&format!("{oldest}/restore"), json!({})).await.ok();
        assert_eq!(restored["definition"]["steps"]["wait"]["amount"], 5);
        assert_eq!(
            (&restored["draftNumber"], &restored["liveVersionNumber"]),
            (&json!(3), &json!(2))
        );

        let off = manager.project_post(&format!("{path}/undeploy"), json!({})).await.ok();
        assert_eq!(off["liveVersionId"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn a_key_is_taken_once_in_a_project_and_a_deleted_workflow_is_gone() {
    on_each_engine(async |test: TestApp| {
        let manager = test.manager();
        let made = manager.deploys(&waiting("sync")).await;
        let again = manager.project_post("/workflows", json!({ "definition": waiting("sync") }));
        assert_eq!(again.await.refused(), "409 workflow_key_taken");
        let path = format!("/workflows/{}", made["id"].as_str().unwrap());
        assert_eq!(manager.project_delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(manager.project_get(&path).await.refused(), "404 workflow_not_found");
        assert_eq!(manager.project_delete(&path).await.refused(), "404 workflow_not_found");
        manager.deploys(&waiting("sync")).await;
    })
    .await;
}

#[tokio::test]
async fn what_a_draft_needs_at_least_is_told_and_nothing_is_stored() {
    on_each_engine(async |test: TestApp| {
        let manager = test.manager();
        for (definition, place) in [
            (json!([]), ""),
            (json!({ "name": "A" }), "key"),
            (json!({ "key": "No Key", "name": "A" }), "key"),
            (json!({ "key": "a", "name": "" }), "name"),
            (json!({ "key": "a", "name": "A", "integration": "jira" }), "integration"),
        ] {
            let reply =
                manager.project_post("/workflows", json!({ "definition": definition })).await;
            assert_eq!(reply.refused(), "400 invalid_definition", "{definition}");
            assert_eq!(reply.json()["meta"]["problems"][0]["path"], place, "{definition}");
        }
        assert_eq!(manager.project_get("/workflows").await.ok()["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn another_projects_token_finds_no_workflow() {
    on_each_engine(async |test: TestApp| {
        let made = test.manager().deploys(&waiting("sync")).await;
        let body = json!({ "name": "Other" });
        let other = test.manager().post("/api/v1/projects", body).await.ok();
        let path = format!(
            "/api/v1/projects/{}/workflows/{}",
            other["id"].as_str().unwrap(),
            made["id"].as_str().unwrap()
        );
        for (method, rest) in [
            (Method::GET, ""),
            (Method::DELETE, ""),
            (Method::POST, "/deploy"),
            (Method::POST, "/undeploy"),
            (Method::GET, "/versions"),
        ] {
            let reply = test.manager().call(method, &format!("{path}{rest}"), json!({})).await;
            assert_eq!(reply.refused(), "404 workflow_not_found");
        }
    })
    .await;
}

#[tokio::test]
async fn an_integrations_portal_settings_are_checked_and_shown() {
    on_each_engine(async |test: TestApp| {
        let portal = json!({
            "description": "Sync work items", "overview": "# Sync", "accent_color": "#12ab9F",
            "inputs": [{ "id": "project", "type": "TEXT_NO_VARS", "title": "Project", "required": true }],
        });
        let shown = test.manager().changes_integration(json!({ "portal": portal })).await;
        assert_eq!(shown["portal"], portal);
        let offered = test.end_user("ann").get("/integrations").await.ok();
        let values = &offered[0]["configs"][0]["values"];
        assert_eq!(values["overview"], "# Sync");
        assert_eq!(values["accentColor"], "#12ab9F");
        assert_eq!(values["sharedMeta"]["inputs"], portal["inputs"]);
        let path = format!("/integrations/{}", test.integration_id);
        for wrong in [json!({ "accent_color": "red" }), json!({ "inputs": [{ "id": "a" }] }), json!({ "a": 1 })] {
            let reply = test.manager().project_patch(&path, json!({ "portal": wrong })).await;
            assert_eq!(reply.refused(), "400 invalid_portal");
        }
    })
    .await;
}
