//! Connected users.

use http::Method;
use serde_json::json;

use crate::app::{TestApp, on_each_engine};

#[tokio::test]
async fn a_user_appears_when_first_seen_and_keeps_what_the_host_says_of_them() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let me = ann.get("/me").await.ok();
        assert_eq!((&me["authenticated"], &me["userId"]), (&json!(true), &json!("ann")));
        assert_eq!(me["integrations"]["azuredevops"]["allCredentials"], json!([]));
        let meta = json!({ "meta": { "Name": "Ann", "plan": "pro" } });
        ann.call(Method::PATCH, "/me", meta).await.ok();
        let me = ann.call(Method::PATCH, "/me", json!({ "plan": "max" })).await.ok();
        assert_eq!(me["meta"], json!({ "Name": "Ann", "plan": "max" }));
        let listed = test.manager().project_get("/connected-users").await.ok();
        assert_eq!(listed["items"][0]["userId"], "ann");
        assert_eq!(listed["items"][0]["metadata"]["plan"], "max");
    })
    .await;
}

#[tokio::test]
async fn a_disabled_user_is_shut_out_at_once_and_let_in_again() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        ann.get("/me").await.ok();
        let listed = test.manager().project_get("/connected-users").await.ok();
        let path = format!("/connected-users/{}", listed["items"][0]["id"].as_str().unwrap());
        test.manager().project_patch(&path, json!({ "disabled": true })).await.ok();
        assert_eq!(
            ann.get("/me").await.refusal(),
            "403 user_disabled: This user is disabled in the project: its developer can enable \
             them again."
        );
        test.manager().project_patch(&path, json!({ "disabled": false })).await.ok();
        ann.get("/me").await.ok();
    })
    .await;
}

#[tokio::test]
async fn following_the_pages_lists_every_user_once() {
    on_each_engine(async |test: TestApp| {
        for number in 0..7 {
            test.end_user(&format!("user-{number}")).get("/me").await.ok();
        }
        let mut seen = Vec::new();
        let mut path = "/connected-users?limit=3".to_owned();
        loop {
            let page = test.manager().project_get(&path).await.ok();
            let items = page["items"].as_array().unwrap();
            seen.extend(items.iter().map(|user| user["userId"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => path = format!("/connected-users?limit=3&after={next}"),
                None => break,
            }
        }
        seen.sort();
        assert_eq!(seen, (0..7).map(|number| format!("user-{number}")).collect::<Vec<_>>());
        let wrong = test.manager().project_get("/connected-users?after=x").await;
        assert_eq!(wrong.refused(), "400 invalid_cursor");
    })
    .await;
}

#[tokio::test]
async fn a_deleted_user_loses_every_account() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        ann.connects().await;
        let listed = test.manager().project_get("/connected-users").await.ok();
        let path = format!("/connected-users/{}", listed["items"][0]["id"].as_str().unwrap());
        test.manager().project_delete(&path).await.ok();
        assert_eq!(test.manager().project_get("/credentials").await.ok()["items"], json!([]));
        assert_eq!(
            ann.proxies("/projects?api-version=5.0").await.refused(),
            "404 integration_not_enabled"
        );
    })
    .await;
}

#[tokio::test]
async fn a_user_can_be_made_before_they_first_show_up() {
    on_each_engine(async |test: TestApp| {
        let body = json!({ "userId": "ann", "metadata": { "Name": "Ann" } });
        let made = test.manager().project_post("/connected-users", body).await.ok();
        let known = json!({ "userId": "ann" });
        let again = test.manager().project_post("/connected-users", known).await.ok();
        assert_eq!((&again["id"], &again["metadata"]["Name"]), (&made["id"], &json!("Ann")));
        let me = test.end_user("ann").get("/me").await.ok();
        assert_eq!(me["meta"]["Name"], "Ann");
        let empty = json!({ "userId": " " });
        let empty = test.manager().project_post("/connected-users", empty).await;
        assert_eq!(empty.refused(), "400 invalid_user_id");
    })
    .await;
}
