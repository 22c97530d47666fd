//! Subscriptions of service hooks.

use http::{Method, StatusCode};
use sandbox::devops::hooks::settings::{HookRight, HookTargets};
use serde_json::{Value, json};

use crate::app::{Answer, App};
use crate::description::Description;

const SUBSCRIPTIONS: &str = "/_apis/hooks/subscriptions";

pub async fn write(app: &App, person: &str, method: Method, path: &str, body: &Value) -> Answer {
    let mark = if path.contains('?') { '&' } else { '?' };
    let call = app.call(method, format!("/acme{path}{mark}api-version=7.1")).pat(person, "acme");
    call.json(body).send().await
}

pub async fn storefront(app: &App) -> Value {
    app.ann_gets("/_apis/projects/Storefront").await.ok()["id"].clone()
}

/// What a subscription to an event of Storefront looks like.
pub async fn wish(app: &App, event: &str, url: &str) -> Value {
    json!({
        "publisherId": "tfs",
        "eventType": event,
        "resourceVersion": "1.0",
        "consumerId": "webHooks",
        "consumerActionId": "httpRequest",
        "publisherInputs": { "projectId": storefront(app).await },
        "consumerInputs": { "url": url },
    })
}

pub async fn subscribe(app: &App, event: &str, url: &str) -> Value {
    let wish = wish(app, event, url).await;
    write(app, "ann", Method::POST, SUBSCRIPTIONS, &wish).await.ok()
}

#[tokio::test]
async fn what_there_is_to_subscribe_to_is_described() {
    let app = App::start().await;
    let hooks = Description::read("serviceHooks");
    for (operation, path) in [
        ("Publishers_List", "publishers"),
        ("Publishers_Get", "publishers/tfs"),
        ("Publishers_List Event Types", "publishers/tfs/eventTypes"),
        ("Publishers_Get Event Type", "publishers/tfs/eventTypes/workitem.updated"),
        ("Consumers_List", "consumers"),
        ("Consumers_Get", "consumers/webHooks"),
        ("Consumers_List Consumer Actions", "consumers/webHooks/actions"),
        ("Consumers_Get Consumer Action", "consumers/webHooks/actions/httpRequest"),
    ] {
        let body = app.ann_gets(&format!("/_apis/hooks/{path}")).await.ok();
        assert_eq!(hooks.faults(operation, &body), Vec::<String>::new(), "{operation}");
    }
    let missing = app.ann_gets("/_apis/hooks/publishers/tfs/eventTypes/workitem.sung").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let path = "/_apis/hooks/publishers/tfs/inputValuesQuery";
    let asked = json!({
        "currentValues": { "projectId": storefront(&app).await },
        "inputValues": [{ "inputId": "workItemType" }, { "inputId": "areaPath" }],
    });
    let values = write(&app, "ann", Method::POST, path, &asked).await.ok();
    let listed = |index: usize| values["inputValues"][index]["possibleValues"].to_string();
    assert!(listed(0).contains("User Story") && listed(1).contains("Storefront\\\\Checkout"));
    assert_eq!(hooks.faults("Publishers_Query Input Values", &values), Vec::<String>::new());
}

#[tokio::test]
async fn a_subscription_is_made_read_replaced_and_deleted_and_its_password_never_told() {
    let app = App::start().await;
    let mut wish = wish(&app, "workitem.updated", "http://localhost:1/x").await;
    wish["publisherInputs"]["changedFields"] = json!("System.State");
    wish["consumerInputs"]["basicAuthUsername"] = json!("gangway");
    wish["consumerInputs"]["basicAuthPassword"] = json!("hush");
    let made = write(&app, "ann", Method::POST, SUBSCRIPTIONS, &wish).await.ok();
    assert_eq!(made["status"], "enabled");
    assert_eq!(made["consumerInputs"]["basicAuthPassword"], "********");
    assert!(made["publisherInputs"]["tfsSubscriptionId"].is_string());
    assert_eq!(made["createdBy"]["displayName"], "Ann Archer");
    let path = format!("{SUBSCRIPTIONS}/{}", made["id"].as_str().expect("an id"));
    assert_eq!(app.ann_gets(&path).await.ok(), made);
    let mut changed = made.clone();
    changed["status"] = json!("disabledByUser");
    changed["publisherInputs"]["changedFields"] = json!("System.Title");
    let replaced = write(&app, "ann", Method::PUT, &path, &changed).await.ok();
    assert_eq!(replaced["status"], "disabledByUser");
    {
        let devops = app.world().devops.read();
        let kept = devops.organizations[0].hooks.subscriptions.values().next().expect("one");
        assert_eq!(kept.consumer_inputs["basicAuthPassword"], "hush");
        assert_eq!(kept.publisher_inputs["changedFields"], "System.Title");
    }
    let list = app.ann_gets(&format!("{SUBSCRIPTIONS}?eventType=workitem.updated")).await.ok();
    assert_eq!(list["count"], 1);
    let other = app.ann_gets(&format!("{SUBSCRIPTIONS}?eventType=workitem.created")).await.ok();
    assert_eq!(other["count"], 0);
    let query = json!({ "publisherInputFilters": [{ "conditions": [
        { "inputId": "changedFields", "operator": "equals", "inputValue": "System.Title" },
    ] }] });
    let found = write(&app, "ann", Method::POST, "/_apis/hooks/subscriptionsQuery", &query).await;
    let found = found.ok();
    assert_eq!(found["results"][0]["id"], made["id"]);
    let hooks = Description::read("serviceHooks");
    for (operation, body) in [
        ("Subscriptions_Create", &made),
        ("Subscriptions_Replace Subscription", &replaced),
        ("Subscriptions_List", &list),
        ("Subscriptions_Create Subscriptions Query", &found),
    ] {
        assert_eq!(hooks.faults(operation, body), Vec::<String>::new(), "{operation}");
    }
    let gone = write(&app, "ann", Method::DELETE, &path, &json!({})).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(app.ann_gets(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn subscriptions_are_for_administrators_of_the_project() {
    let app = App::start().await;
    let wish = wish(&app, "workitem.created", "http://localhost:1/x").await;
    let bens = write(&app, "ben", Method::POST, SUBSCRIPTIONS, &wish).await;
    assert_eq!(bens.status, StatusCode::FORBIDDEN);
    assert!(bens.refusal().contains("Ben Baker"));
    let made = write(&app, "ann", Method::POST, SUBSCRIPTIONS, &wish).await.ok();
    let path = format!("{SUBSCRIPTIONS}/{}", made["id"].as_str().expect("an id"));
    let read = async |person: &str, path: &str| {
        app.get(format!("/acme{path}")).pat(person, "acme").send().await
    };
    assert_eq!(read("ben", &path).await.status, StatusCode::FORBIDDEN);
    assert_eq!(read("ben", SUBSCRIPTIONS).await.ok()["count"], 0);
    assert_eq!(read("ben", &format!("{path}/notifications")).await.status, StatusCode::FORBIDDEN);
    app.world().set_hooks(|hooks| hooks.right = HookRight::Everyone);
    write(&app, "ben", Method::POST, SUBSCRIPTIONS, &wish).await.ok();
    app.world().set_hooks(|hooks| hooks.right = HookRight::Nobody);
    let anns = write(&app, "ann", Method::POST, SUBSCRIPTIONS, &wish).await;
    assert_eq!(anns.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_token_for_work_items_may_use_hooks_and_a_token_for_profiles_not() {
    let app = App::start().await;
    for (scope, status) in [("vso.work", 200), ("vso.profile", 401)] {
        let token = app.token("ann", scope).await;
        let call = app.get(format!("/acme{SUBSCRIPTIONS}")).bearer(&token);
        assert_eq!(call.send().await.status, status, "{scope}");
    }
}

#[tokio::test]
async fn inputs_that_make_no_sense_are_refused() {
    let app = App::start().await;
    let good = wish(&app, "workitem.updated", "http://localhost:1/x").await;
    for (place, value) in [
        ("/publisherId", json!("rm")),
        ("/eventType", json!("workitem.sung")),
        ("/resourceVersion", json!("9.9")),
        ("/consumerId", json!("slack")),
        ("/publisherInputs", json!({ "areaPath": "Nowhere" })),
        ("/publisherInputs", json!({ "workItemType": "Song" })),
        ("/publisherInputs", json!({ "changedFields": "No.Such" })),
        ("/publisherInputs", json!({ "linksChanged": "perhaps" })),
        ("/publisherInputs", json!({ "colour": "red" })),
        ("/consumerInputs", json!({})),
        ("/consumerInputs", json!({ "url": "nonsense" })),
        ("/consumerInputs", json!({ "url": "http://example.com", "basicAuthPassword": "x" })),
        ("/consumerInputs", json!({ "url": "http://localhost", "httpHeaders": "no colon" })),
        ("/consumerInputs", json!({ "url": "http://localhost", "messagesToSend": "songs" })),
    ] {
        let mut wish = good.clone();
        let kept = wish["publisherInputs"]["projectId"].clone();
        *wish.pointer_mut(place).expect("a place") = value.clone();
        if place == "/publisherInputs" {
            wish["publisherInputs"]["projectId"] = kept;
        }
        let answer = write(&app, "ann", Method::POST, SUBSCRIPTIONS, &wish).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{place} {value}: {}", answer.text());
    }
    app.world().set_hooks(|hooks| hooks.targets = HookTargets::PublicHttps);
    let strict = write(&app, "ann", Method::POST, SUBSCRIPTIONS, &good).await;
    assert!(strict.refusal().contains("not a public address"));
}
