use http::{Request, StatusCode, header};
use sandbox::faults::{Fault, FaultAnswer, MAX_FAULTS};
use serde_json::json;

use crate::app::App;

const KEYS: &str = "/common/discovery/v2.0/keys";

fn order(fault: &serde_json::Value) -> Request<String> {
    Request::post("/_sandbox/faults")
        .header(header::CONTENT_TYPE, "application/json")
        .body(fault.to_string())
        .unwrap()
}

#[tokio::test]
async fn the_next_calls_to_something_answer_as_ordered_and_then_as_ever() {
    let app = App::start().await;
    let fault = json!({
        "times": 2, "method": "GET", "path_contains": "/keys",
        "answer": { "status": 429, "headers": { "retry-after": "7" }, "body": "slow down" },
    });
    assert_eq!(app.send(order(&fault)).await.status, StatusCode::CREATED);
    assert_eq!(app.get("/common/discovery/instance").await.status, StatusCode::OK);
    for _ in 0..2 {
        let answer = app.get(KEYS).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.header("retry-after"), "7");
        assert_eq!(answer.body, "slow down");
    }
    assert_eq!(app.get(KEYS).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_delayed_call_waits_on_the_clock_and_then_gets_its_answer() {
    let app = App::start().await;
    app.world().faults.order(Fault { delay_ms: 5_000, ..Fault::default() });
    let call = app.get(KEYS);
    let mut call = std::pin::pin!(call);
    // The fault is gone from the list once the call has met it.
    while !app.world().faults.list().is_empty() {
        tokio::select! {
            biased;
            _ = &mut call => panic!("it did not wait"),
            () = tokio::task::yield_now() => {}
        }
    }
    app.after(5);
    assert_eq!(call.await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_dropped_connection_gives_no_answer() {
    let app = App::start().await;
    app.world().faults.order(Fault { drop_connection: true, ..Fault::default() });
    let request = Request::get(KEYS).body(String::new()).unwrap();
    assert!(app.try_send(request).await.is_err());
    assert_eq!(app.world().requests.take()[0].status, None);
    assert_eq!(app.get(KEYS).await.status, StatusCode::OK);
}

#[tokio::test]
async fn faults_are_bounded_and_can_be_forgotten() {
    let app = App::start().await;
    let fault = Fault { answer: Some(FaultAnswer::default()), ..Fault::default() };
    for _ in 0..MAX_FAULTS {
        assert!(app.world().faults.order(fault.clone()));
    }
    assert_eq!(app.send(order(&json!({}))).await.status, StatusCode::CONFLICT);
    let clear = Request::delete("/_sandbox/faults").body(String::new()).unwrap();
    assert_eq!(app.send(clear).await.status, StatusCode::NO_CONTENT);
    assert_eq!(app.get(KEYS).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_fault_with_a_misspelt_field_is_refused() {
    let app = App::start().await;
    let answer = app.send(order(&json!({ "tims": 2 }))).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_log_shows_what_was_sent_without_its_secrets() {
    let app = App::start().await;
    let token = app.world().directory.person("ann").unwrap().pat("acme").unwrap().to_owned();
    let request = Request::get("/common/discovery/v2.0/keys?code=hidden&x=1")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::ACCEPT, "application/json")
        .body(String::new());
    app.send(request.unwrap()).await;
    app.refresh("1.secret", &[]).await;
    let log = app.get("/_sandbox/requests").await.json();
    let host = format!("localhost:{}", app.address().port());
    assert_eq!(
        log,
        json!([
            {
                "at": app.clock.now(), "method": "GET", "host": host,
                "target": "/common/discovery/v2.0/keys?code=***&x=1", "authorization": "Bearer",
                "headers": [["accept", "application/json"]], "note": null, "status": 200,
            },
            {
                "at": app.clock.now(), "method": "POST", "host": host,
                "target": "/organizations/oauth2/v2.0/token", "authorization": null,
                "headers": [["content-type", "application/x-www-form-urlencoded"]],
                "note": "grant_type=refresh_token", "status": 400,
            },
        ])
    );
    assert_eq!(app.world().requests.take().len(), 2);
    assert!(app.world().requests.list().is_empty());
}

#[tokio::test]
async fn the_switches_of_sign_in_can_be_set_from_outside() {
    let app = App::start().await;
    let request = Request::put("/_sandbox/entra")
        .header(header::CONTENT_TYPE, "application/json")
        .body(json!({ "access_token_seconds": 60, "pages_cut_opener": true }).to_string());
    assert_eq!(app.send(request.unwrap()).await.status, StatusCode::OK);
    assert_eq!(app.world().entra_settings().access_token_seconds, Some(60));
    let page = app.get(&App::authorize_target("organizations", &[])).await;
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
}

#[tokio::test]
async fn the_clock_can_be_read() {
    let app = App::start().await;
    let clock = app.get("/_sandbox/clock").await.json();
    assert_eq!(clock["now"], "2026-09-21T14:13:20.000Z");
}

#[tokio::test]
async fn many_work_items_are_made_at_once() {
    let app = App::start().await;
    let ask = |body: serde_json::Value| {
        Request::post("/_sandbox/work-items")
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_string())
            .unwrap()
    };
    let order =
        json!({ "organization": "acme", "project": "Fulfilment", "type": "Bug", "count": 7 });
    let answer = app.send(ask(order.clone())).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let made: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(made["last"].as_u64().unwrap() - made["first"].as_u64().unwrap(), 6);
    for (name, value) in [("project", json!("None")), ("type", json!("Song")), ("count", json!(0))]
    {
        let mut wrong = order.clone();
        wrong[name] = value;
        assert_eq!(app.send(ask(wrong)).await.status, StatusCode::BAD_REQUEST, "{name}");
    }
}
