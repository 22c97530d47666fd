//! Notifications of service hooks, as they arrive and as they fail to.

use std::time::Duration;

use base::{Clock, Random, Timestamp};
use http::{Method, StatusCode};
use sandbox::Options;
use sandbox::devops::hooks::state::{Progress, Status, Subscription};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, START_SECS};
use crate::description::Description;
use crate::hooks::{subscribe, wish, write};
use crate::receiver::{PATIENCE, Receiver};

/// Waits until the only subscription is as a test expects.
async fn until(app: &App, is_so: impl Fn(&Subscription) -> bool) {
    let holds = || {
        let devops = app.world().devops.read();
        let mut all = devops.organizations[0].hooks.subscriptions.values();
        all.next().is_some_and(&is_so)
    };
    let waiting = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    Clock::system().timeout(PATIENCE, waiting).await.expect("it comes to be so");
}

fn last_progress(subscription: &Subscription) -> Option<Progress> {
    subscription.notifications.last().map(|one| one.progress)
}

async fn patch(app: &App, id: u64, field: &str, value: &str) {
    let steps = json!([{ "op": "add", "path": format!("/fields/{field}"), "value": value }]);
    app.ann_patches(Method::PATCH, &format!("/_apis/wit/workitems/{id}"), steps).await.ok();
}

fn path_of(subscription: &Value) -> String {
    format!("/_apis/hooks/subscriptions/{}", subscription["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_created_item_is_told_with_all_that_a_target_needs() {
    let app = App::start().await;
    let mut receiver = Receiver::start().await;
    let mut wish = wish(&app, "workitem.created", &receiver.url()).await;
    wish["consumerInputs"]["basicAuthUsername"] = json!("gangway");
    wish["consumerInputs"]["basicAuthPassword"] = json!("hush");
    wish["consumerInputs"]["httpHeaders"] = json!("X-One: 1\nX-Two:2");
    let made = write(&app, "ann", Method::POST, "/_apis/hooks/subscriptions", &wish).await.ok();
    let task = app.task("Tell me").await;
    let seen = receiver.next().await;
    assert_eq!(seen.path, "/hook");
    assert_eq!(seen.headers["authorization"], "Basic Z2FuZ3dheTpodXNo");
    assert_eq!(
        (&seen.headers["x-one"], &seen.headers["x-two"]),
        (&"1".parse().unwrap(), &"2".parse().unwrap())
    );
    assert_eq!(seen.headers["content-type"], "application/json; charset=utf-8");
    let body = seen.body;
    assert_eq!((&body["subscriptionId"], &body["notificationId"]), (&made["id"], &json!(1)));
    assert_eq!(
        (&body["eventType"], &body["publisherId"]),
        (&json!("workitem.created"), &json!("tfs"))
    );
    assert!(
        body["message"]["text"]
            .as_str()
            .expect("text")
            .starts_with(&format!("Task {task} (Tell me) created by Ann Archer."))
    );
    assert!(body["detailedMessage"]["html"].is_string() && body["message"]["markdown"].is_string());
    let resource = &body["resource"];
    assert_eq!((&resource["id"], &resource["rev"]), (&json!(task), &json!(1)));
    assert_eq!(resource["fields"]["System.CreatedBy"], "Ann Archer <ann@acme.example>");
    assert!(resource["url"].as_str().expect("a url").ends_with(&format!("workItems/{task}")));
    assert_eq!(body["resourceVersion"], "1.0");
    for container in ["collection", "account", "project"] {
        assert!(body["resourceContainers"][container]["baseUrl"].is_string(), "{container}");
    }
}

#[tokio::test]
async fn the_resource_of_a_change_is_the_change_and_the_item_is_beside_it() {
    let app = App::start().await;
    let mut receiver = Receiver::start().await;
    subscribe(&app, "workitem.updated", &receiver.url()).await;
    let task = app.task("One").await;
    patch(&app, task, "System.Title", "Two").await;
    let resource = receiver.next().await.body["resource"].clone();
    assert_eq!((&resource["id"], &resource["workItemId"]), (&json!(2), &json!(task)));
    assert_eq!(resource["fields"]["System.Title"], json!({ "oldValue": "One", "newValue": "Two" }));
    assert_eq!(resource["revision"]["id"], task);
    assert_eq!(resource["revision"]["fields"]["System.Title"], "Two");
    assert_eq!(resource["revisedBy"]["displayName"], "Ann Archer");
}

#[tokio::test]
async fn comments_deletions_and_restores_are_told() {
    let app = App::start().await;
    let mut receiver = Receiver::start().await;
    for event in ["workitem.commented", "workitem.deleted", "workitem.restored"] {
        subscribe(&app, event, &receiver.url()).await;
    }
    let task = app.task("Talk").await;
    let path = format!("/Storefront/_apis/wit/workItems/{task}/comments");
    let call = app.call(Method::POST, format!("/acme{path}?api-version=7.1-preview.4"));
    call.pat("ann", "acme").json(&json!({ "text": "Hello" })).send().await.ok();
    let said = receiver.next().await.body;
    assert_eq!(said["eventType"], "workitem.commented");
    assert_eq!(said["resource"]["fields"]["System.History"], "Hello");
    let call = |method, path: String| app.call(method, path).pat("ann", "acme");
    let path = format!("/acme/_apis/wit/workitems/{task}?api-version=7.1");
    call(Method::DELETE, path).send().await.ok();
    let deleted = receiver.next().await.body;
    assert_eq!(
        (&deleted["eventType"], &deleted["resource"]["id"]),
        (&json!("workitem.deleted"), &json!(task))
    );
    assert!(
        deleted["resource"]["url"]
            .as_str()
            .expect("a url")
            .ends_with(&format!("recyclebin/{task}"))
    );
    let path = format!("/acme/_apis/wit/recyclebin/{task}?api-version=7.1");
    call(Method::PATCH, path).json(&json!({ "isDeleted": false })).send().await.ok();
    assert_eq!(receiver.next().await.body["eventType"], "workitem.restored");
}

#[tokio::test]
async fn filters_let_through_only_what_was_asked_for() {
    let app = App::start().await;
    let mut receiver = Receiver::start().await;
    let mut wish = wish(&app, "workitem.updated", &receiver.url()).await;
    wish["publisherInputs"]["changedFields"] = json!("System.State");
    wish["publisherInputs"]["workItemType"] = json!("Task");
    wish["publisherInputs"]["areaPath"] = json!("Storefront\\Checkout");
    wish["resourceVersion"] = json!("5.1-preview.3");
    write(&app, "ann", Method::POST, "/_apis/hooks/subscriptions", &wish).await.ok();
    let elsewhere = app.task("In no area").await;
    patch(&app, elsewhere, "System.State", "Active").await;
    let fields = [("System.Title", json!("x")), ("System.AreaPath", json!("Storefront\\Checkout"))];
    let task = app.item("Storefront/Task", &fields).await["id"].as_u64().expect("a number");
    patch(&app, task, "System.Title", "y").await;
    patch(&app, task, "System.State", "Active").await;
    let quiet = format!("/_apis/wit/workitems/{task}?suppressNotifications=true");
    let steps = json!([{ "op": "add", "path": "/fields/System.State", "value": "New" }]);
    app.ann_patches(Method::PATCH, &quiet, steps).await.ok();
    patch(&app, task, "System.State", "Active").await;
    let (first, second) = (receiver.next().await.body, receiver.next().await.body);
    let ids = [&first, &second].map(|body| body["resource"]["id"].clone());
    assert_eq!(ids, [json!(3), json!(5)]);
    // The newer form has people as objects.
    assert_eq!(
        first["resource"]["revision"]["fields"]["System.CreatedBy"]["displayName"],
        "Ann Archer"
    );
    assert!(receiver.is_empty());
}

#[tokio::test]
async fn notifications_arrive_in_the_order_in_which_things_happened() {
    let app = App::start().await;
    let mut receiver = Receiver::start().await;
    subscribe(&app, "workitem.created", &receiver.url()).await;
    for title in ["1", "2", "3", "4", "5"] {
        app.task(title).await;
    }
    for (number, title) in (1..).zip(["1", "2", "3", "4", "5"]) {
        let body = receiver.next().await.body;
        assert_eq!(body["resource"]["fields"]["System.Title"], title);
        assert_eq!(body["notificationId"], number);
    }
}

#[tokio::test]
async fn as_little_is_sent_as_a_subscription_wants() {
    let app = App::start().await;
    let mut receiver = Receiver::start().await;
    let mut wish = wish(&app, "workitem.updated", &receiver.url()).await;
    wish["consumerInputs"]["resourceDetailsToSend"] = json!("minimal");
    wish["consumerInputs"]["messagesToSend"] = json!("none");
    wish["consumerInputs"]["detailedMessagesToSend"] = json!("text");
    write(&app, "ann", Method::POST, "/_apis/hooks/subscriptions", &wish).await.ok();
    let task = app.task("x").await;
    patch(&app, task, "System.Title", "y").await;
    let body = receiver.next().await.body;
    assert_eq!(body["message"], Value::Null);
    assert_eq!(
        body["detailedMessage"].as_object().map(|forms| forms.keys().collect::<Vec<_>>()),
        Some(vec![&"text".to_owned()])
    );
    assert_eq!(
        (&body["resource"]["workItemId"], &body["resource"]["fields"]),
        (&json!(task), &Value::Null)
    );
}

#[tokio::test]
async fn a_failure_that_may_pass_is_tried_eight_times_more() {
    let app = App::start().await;
    let mut receiver = Receiver::start().await;
    let subscription = subscribe(&app, "workitem.created", &receiver.url()).await;
    receiver.answers(&[503, 408, 502, 504, 503, 503, 503, 503]);
    app.task("Again").await;
    let first = receiver.next().await.body;
    for secs in [1, 2, 4, 8, 16, 32, 60, 60] {
        until(&app, |one| matches!(last_progress(one), Some(Progress::Queued(_)))).await;
        app.clock.advance(Duration::from_secs(secs) - Duration::from_millis(1));
        assert!(receiver.is_empty(), "not before {secs} s");
        app.clock.advance(Duration::from_millis(1));
        assert_eq!(receiver.next().await.body, first);
    }
    until(&app, |one| last_progress(one) == Some(Progress::Succeeded)).await;
    let path = format!("{}/notifications", path_of(&subscription));
    let history = app.ann_gets(&path).await.ok();
    assert_eq!(history["value"][0]["details"]["requestAttempts"], 9);
    assert_eq!(
        (&history["value"][0]["status"], &history["value"][0]["result"]),
        (&json!("completed"), &json!("succeeded"))
    );
    assert_eq!(history["value"][0]["eventId"], first["id"]);
    let one = app.ann_gets(&format!("{path}/1")).await.ok();
    assert_eq!(one, history["value"][0]);
    let hooks = Description::read("serviceHooks");
    assert_eq!(hooks.faults("Notifications_List", &history), Vec::<String>::new());
    let failed = app.ann_gets(&format!("{path}?result=failed")).await.ok();
    assert_eq!(failed["count"], 0);
}

#[tokio::test]
async fn a_failure_that_lasts_puts_the_subscription_on_probation_where_events_are_lost() {
    let app = App::start().await;
    let mut receiver = Receiver::start().await;
    let subscription = subscribe(&app, "workitem.created", &receiver.url()).await;
    receiver.answers(&[500, 500]);
    app.task("Fails").await;
    let first = receiver.next().await.body;
    until(&app, |one| one.status == Status::OnProbation).await;
    app.task("Lost").await;
    app.clock.advance(Duration::from_secs(20 * 60));
    assert_eq!(receiver.next().await.body, first);
    until(&app, |one| one.probation.is_some_and(|one| one.failed_probes == 1)).await;
    let told = app.ann_gets(&path_of(&subscription)).await.ok();
    assert_eq!((&told["status"], &told["probationRetries"]), (&json!("onProbation"), &json!("1")));
    assert!(told["lastProbationRetryDate"].is_string());
    app.clock.advance(Duration::from_secs(40 * 60));
    assert_eq!(receiver.next().await.body, first);
    until(&app, |one| one.status == Status::Enabled).await;
    app.task("Arrives").await;
    let next = receiver.next().await.body;
    assert_eq!(next["resource"]["fields"]["System.Title"], "Arrives");
    assert_eq!(next["notificationId"], 2);
}

#[tokio::test]
async fn a_probation_that_never_ends_well_switches_the_subscription_off() {
    let app = App::start().await;
    let mut receiver = Receiver::start().await;
    let subscription = subscribe(&app, "workitem.created", &receiver.url()).await;
    receiver.answers(&[500; 8]);
    app.task("Fails").await;
    receiver.next().await;
    for (failed, minutes) in (0..).zip([20, 40, 80, 160, 320, 640, 900]) {
        until(&app, |one| one.probation.is_some_and(|one| one.failed_probes == failed)).await;
        app.clock.advance(Duration::from_secs(minutes * 60));
        receiver.next().await;
    }
    until(&app, |one| one.status == Status::DisabledBySystem).await;
    app.task("Unheard").await;
    // Switched on again, it sends what happens from then on.
    let path = path_of(&subscription);
    let mut again = app.ann_gets(&path).await.ok();
    again["status"] = json!("enabled");
    write(&app, "ann", Method::PUT, &path, &again).await.ok();
    app.task("Heard").await;
    let heard = receiver.next().await.body;
    assert_eq!(heard["resource"]["fields"]["System.Title"], "Heard");
}

#[tokio::test]
async fn a_target_that_is_gone_switches_the_subscription_off_at_once() {
    let app = App::start().await;
    let mut receiver = Receiver::start().await;
    subscribe(&app, "workitem.created", &receiver.url()).await;
    receiver.answers(&[410]);
    app.task("Gone").await;
    receiver.next().await;
    until(&app, |one| one.status == Status::DisabledBySystem).await;
}

#[tokio::test]
async fn a_target_that_does_not_answer_is_a_failure_that_lasts() {
    let app = App::start().await;
    // Nobody listens at this port: it was free a moment ago and is not given again so soon.
    let receiver = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = receiver.local_addr().expect("an address");
    drop(receiver);
    subscribe(&app, "workitem.created", &format!("http://{address}/")).await;
    app.task("Nowhere").await;
    until(&app, |one| one.status == Status::OnProbation).await;
}

#[tokio::test]
async fn a_target_is_called_by_https_if_its_certificate_is_trusted() {
    let app = App::start().await;
    // The sandbox trusts itself; what it is sent here it does not understand.
    let url = format!("{}/_sandbox/faults", app.https_origin());
    subscribe(&app, "workitem.created", &url).await;
    app.task("Secret").await;
    until(&app, |one| one.status == Status::OnProbation).await;
    let devops = app.world().devops.read();
    let subscription = devops.organizations[0].hooks.subscriptions.values().next().expect("one");
    let reply = subscription.notifications[0].reply.clone().expect("a reply");
    assert_eq!(reply.status, Some(422), "{}", reply.text);
}

#[tokio::test]
async fn a_test_may_put_a_subscription_into_any_status() {
    let app = App::start().await;
    let mut receiver = Receiver::start().await;
    let made = subscribe(&app, "workitem.created", &receiver.url()).await;
    let id: Uuid = made["id"].as_str().expect("an id").parse().expect("an id");
    assert!(app.world().set_hook_status("acme", id, Status::DisabledByInactiveIdentity));
    assert_eq!(app.ann_gets(&path_of(&made)).await.ok()["status"], "disabledByInactiveIdentity");
    app.task("Unheard").await;
    let order = json!({ "organization": "acme", "subscription": id, "status": "enabled" });
    let call = app.call(Method::POST, "/_sandbox/hooks/status").json(&order);
    assert_eq!(call.send().await.status, StatusCode::NO_CONTENT);
    app.task("Heard").await;
    let heard = receiver.next().await.body;
    assert_eq!(heard["resource"]["fields"]["System.Title"], "Heard");
    let settings = json!({ "right": "nobody" });
    let call = app.call(Method::PUT, "/_sandbox/hooks").json(&settings).send().await.ok();
    assert_eq!(call, json!({ "right": "nobody", "targets": "anywhere" }));
}

#[tokio::test]
async fn a_test_notification_is_a_sample_of_a_subscription_or_of_mere_inputs() {
    let app = App::start().await;
    let mut receiver = Receiver::start().await;
    let path = "/_apis/hooks/testNotifications";
    let details = wish(&app, "workitem.updated", &receiver.url()).await;
    let sent = write(&app, "ann", Method::POST, path, &json!({ "details": details })).await.ok();
    assert_eq!((&sent["status"], &sent["result"]), (&json!("queued"), &json!("pending")));
    let body = receiver.next().await.body;
    assert_eq!(body["eventType"], "workitem.updated");
    assert_eq!(body["subscriptionId"], "00000000-0000-0000-0000-000000000000");
    let subscription = subscribe(&app, "workitem.created", &receiver.url()).await;
    let by_id = json!({ "subscriptionId": subscription["id"] });
    let sent = write(&app, "ann", Method::POST, path, &by_id).await.ok();
    assert_eq!(receiver.next().await.body["subscriptionId"], subscription["id"]);
    let faults = Description::read("serviceHooks").faults("Notifications_Create", &sent);
    assert_eq!(faults, Vec::<String>::new());
    let bens = write(&app, "ben", Method::POST, path, &by_id).await;
    assert_eq!(bens.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_waits_to_be_sent_again_survives_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    let options = |secs| {
        let clock = Clock::test(Timestamp::from_secs(START_SECS + secs));
        let data_file = Some(directory.path().join("sandbox.json"));
        Options { data_file, ..Options::in_memory(clock, Random::seeded(7)) }
    };
    let mut receiver = Receiver::start().await;
    let app = App::with(options(0)).await;
    subscribe(&app, "workitem.created", &receiver.url()).await;
    receiver.answers(&[503]);
    app.task("Kept").await;
    let first = receiver.next().await.body;
    until(&app, |one| matches!(last_progress(one), Some(Progress::Queued(_)))).await;
    app.stop().await;
    let app = App::with(options(10)).await;
    assert_eq!(receiver.next().await.body, first);
    until(&app, |one| last_progress(one) == Some(Progress::Succeeded)).await;
}
