//! Several people, tabs and programs that change what is set on one account at the same moment.

use futures_util::future::{join, join_all};
use http::Method;
use serde_json::{Map, Value, json};

use crate::app::{TestApp, on_each_engine};
use crate::definitions::with_portal;

/// How many change something at once.
const AT_ONCE: usize = 8;

fn area() -> Value {
    json!({ "inputs": [
        { "id": "area", "type": "TEXT_NO_VARS", "title": "Area", "required": true },
    ] })
}

#[tokio::test]
async fn notes_that_are_made_at_once_all_stay() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let credential = ann.connects().await;
        let path = format!("/credentials/{}/configurations", credential["id"].as_str().unwrap());
        let notes = (0..AT_ONCE).map(|n| (format!("note{n}"), json!(n)));
        let notes: Map<String, Value> = notes.collect();
        let made = notes.iter().map(|(name, value)| {
            ann.call(Method::PATCH, &path, json!({ "meta": { name: value } }))
        });
        for reply in join_all(made).await {
            reply.ok();
        }
        let shown = ann.get(&format!("/credentials/{}", credential["id"].as_str().unwrap())).await;
        assert_eq!(shown.ok()["configurations"][0]["configMeta"], Value::Object(notes));
    })
    .await;
}

#[tokio::test]
async fn settings_of_different_workflows_that_are_stored_at_once_all_stay() {
    on_each_engine(async |test: TestApp| {
        let mut ids = Vec::new();
        for n in 0..AT_ONCE {
            let deployed = test.manager().deploys(&with_portal(&format!("w{n}"), area())).await;
            ids.push(deployed["id"].as_str().unwrap().to_owned());
        }
        let ann = test.end_user("ann");
        let credential = ann.connects().await;
        let path = format!("/credentials/{}", credential["id"].as_str().unwrap());
        let stored = ids.iter().map(|id| {
            let own = json!({ id: { "enabled": true, "settings": { "area": id } } });
            ann.call(Method::PATCH, &path, json!({ "config": { "workflowSettings": own } }))
        });
        for reply in join_all(stored).await {
            reply.ok();
        }
        let state = ann.azure_devops().await;
        for id in &ids {
            let whole = json!({ "enabled": true, "settings": { "area": id } });
            assert_eq!(state["workflowSettings"][id], whole);
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_comes_on_while_somebody_else_blanks_what_it_needs() {
    on_each_engine(async |test: TestApp| {
        let sync = test.manager().deploys(&with_portal("sync", area())).await;
        let id = sync["id"].as_str().unwrap();
        let ann = test.end_user("ann");
        let credential = ann.connects().await;
        let path = format!("/credentials/{}", credential["id"].as_str().unwrap());
        let switch = format!("/workflows/{id}");
        let store = async |own: Value| {
            let body = json!({ "config": { "workflowSettings": { id: own } } });
            ann.call(Method::PATCH, &path, body).await
        };
        for _ in 0..AT_ONCE {
            store(json!({ "enabled": false, "settings": { "area": "Web" } })).await.ok();
            let blanks = store(json!({ "settings": { "area": "" } }));
            let switches_on = ann.post(&switch, Value::Null);
            let (blanked, on) = join(blanks, switches_on).await;
            let done = [blanked, on].iter().filter(|reply| reply.status.is_success()).count();
            assert_eq!(done, 1, "whoever comes second is refused");
        }
    })
    .await;
}
