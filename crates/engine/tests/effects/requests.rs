use std::time::Duration;

use engine::effects::Done;
use serde_json::json;

use crate::far_side::{Answer, FarSide};
use crate::stage::{Stage, failure, on_each_engine, output, secret};

#[tokio::test]
async fn a_request_gives_status_headers_and_body() {
    on_each_engine(async |stage| {
        let far_side = FarSide::start(|seen| {
            Some(match seen.target.as_str() {
                "/text" => Answer::new(200, "text/plain", "a text"),
                "/nothing" => Answer::new(204, "text/plain", ""),
                _ => Answer::json(201, r#"{"id": 9007199254740993}"#).with("X-One", "1"),
            })
        })
        .await;
        let made =
            output(stage.requests(json!({ "method": "POST", "url": far_side.url("/") })).await);
        assert_eq!(
            made,
            json!({ "response": {
                "statusCode": 201,
                "headers": {
                    "connection": "close",
                    "content-length": "24",
                    "content-type": "application/json",
                    "x-one": "1",
                },
                "body": { "id": 9007199254740993_i64 },
            } })
        );
        let text = output(stage.requests(json!({ "url": far_side.url("/text") })).await);
        assert_eq!(text["response"]["body"], "a text");
        let nothing = output(stage.requests(json!({ "url": far_side.url("/nothing") })).await);
        assert_eq!(nothing["response"]["body"], json!(null));
    })
    .await;
}

#[tokio::test]
async fn what_is_not_idempotent_carries_the_key_of_its_step_unless_it_has_one_of_its_own() {
    let stage = Stage::start().await;
    let far_side = FarSide::answering(Answer::json(200, "{}")).await;
    for (method, own) in [("GET", None), ("POST", None), ("PATCH", None), ("POST", Some("mine"))] {
        let mut step = json!({ "method": method, "url": far_side.url("/"), "headers": {} });
        if let Some(own) = own {
            step["headers"]["idempotency-key"] = own.into();
        }
        output(stage.requests(step).await);
    }
    let key = format!("{}/call", stage.execution.id);
    let keys: Vec<_> = far_side
        .seen()
        .iter()
        .map(|seen| seen.header("idempotency-key").map(str::to_owned))
        .collect();
    assert_eq!(keys, [None, Some(key.clone()), Some(key), Some("mine".to_owned())]);
}

#[tokio::test]
async fn a_refusal_tells_what_the_far_side_said_and_whether_it_may_pass() {
    let stage = Stage::start().await;
    let far_side = FarSide::start(|seen| {
        let status = seen.target.trim_start_matches('/').parse().unwrap();
        let body = format!("{{\"why\":\"{}\"}}", "x".repeat(5_000));
        Some(Answer::json(status, &body).with("X-Request-Id", "7").with("X-Other", "1"))
    })
    .await;
    for (status, passes) in [
        (400, false),
        (401, false),
        (404, false),
        (409, false),
        (408, true),
        (425, true),
        (429, true),
        (500, true),
        (503, true),
    ] {
        let url = far_side.url(&format!("/{status}"));
        let (error, is_passing) = failure(stage.requests(json!({ "url": url })).await);
        assert_eq!((error.code.as_str(), is_passing), ("http_status", passes), "{status}");
        assert!(error.message.starts_with("127.0.0.1 answered with "), "{}", error.message);
        let meta = error.meta.unwrap();
        assert_eq!(meta["status"], status);
        let told = json!({ "content-type": "application/json", "x-request-id": "7" });
        assert_eq!(meta["headers"], told);
        assert_eq!(meta["body"].as_str().unwrap().len(), 4_096);
    }
}

#[tokio::test]
async fn a_far_side_that_asks_to_wait_pauses_the_step_for_an_hour_at_most() {
    let stage = Stage::start().await;
    let far_side = FarSide::start(|seen| {
        let (status, wait) = seen.target.trim_start_matches('/').split_once('/').unwrap();
        Some(Answer::json(status.parse().unwrap(), "{}").with("Retry-After", wait))
    })
    .await;
    for status in [429, 503] {
        let url = far_side.url(&format!("/{status}/30"));
        let done = stage.requests(json!({ "url": url })).await;
        let Done::Paused { until, error } = done else { panic!("{done:?}") };
        assert_eq!(until, stage.world.clock.now() + Duration::from_secs(30));
        assert_eq!(error.code, "http_status");
    }
    let (_, is_passing) =
        failure(stage.requests(json!({ "url": far_side.url("/429/3601") })).await);
    assert!(!is_passing);
    let (_, is_passing) = failure(stage.requests(json!({ "url": far_side.url("/502/30") })).await);
    assert!(is_passing);
}

#[tokio::test]
async fn a_connection_that_breaks_or_is_not_there_may_pass_and_an_address_that_is_refused_does_not()
{
    let stage = Stage::start().await;
    let far_side = FarSide::start(|_| None).await;
    let (error, is_passing) = failure(stage.requests(json!({ "url": far_side.url("/") })).await);
    assert_eq!((error.code.as_str(), is_passing), ("provider_broke_off", true));
    let (error, is_passing) =
        failure(stage.requests(json!({ "url": "http://127.0.0.1:1/" })).await);
    assert_eq!((error.code.as_str(), is_passing), ("provider_unreachable", true));
    let (error, is_passing) =
        failure(stage.requests(json!({ "url": "http://169.254.169.254/" })).await);
    assert_eq!((error.code.as_str(), is_passing), ("address_refused", false));
    let (error, is_passing) = failure(stage.requests(json!({ "url": secret("NONE") })).await);
    assert_eq!((error.code.as_str(), is_passing), ("environment_secret_missing", false));
}

#[tokio::test]
async fn a_planted_secret_is_in_nothing_that_a_step_gives_or_logs() {
    on_each_engine(async |stage| {
        const CANARY: &str = "canary 7f3a/of+the=journal";
        let far_side = FarSide::start(|seen| {
            let status = if seen.target.starts_with("/fine") { 200 } else { 403 };
            let said = format!("{} {:?} {}", seen.target, seen.headers, seen.text());
            // The far side repeats what it was sent in a refusal only.
            let said = if status == 200 { "fine".to_owned() } else { said };
            let repeated = if status == 200 { String::new() } else { seen.text() };
            (!seen.target.starts_with("/broken")).then(|| {
                Answer::new(status, "text/plain", said).with("WWW-Authenticate", &repeated)
            })
        })
        .await;
        stage.secret("KEY", CANARY).await;
        stage.secret("URL", &far_side.url(&format!("/refused?{CANARY}"))).await;
        let mut told = String::new();
        for url in [
            json!(far_side.url("/fine")),
            json!(far_side.url("/refused")),
            json!(far_side.url("/broken")),
            json!({ "$template": [far_side.url("/broken/"), secret("KEY")] }),
            json!({ "$template": ["http://", secret("KEY"), "/"] }),
            json!("http://127.0.0.1:1/"),
            secret("URL"),
            secret("KEY"),
        ] {
            let step = json!({
                "method": "POST",
                "url": url,
                "query": { "a": secret("KEY") },
                "headers": { "X-A": { "$template": ["b ", secret("KEY")] } },
                "body": { "type": "raw", "content": secret("KEY") },
                "authorization": { "kind": "bearer", "token": secret("KEY") },
            });
            told.push_str(&format!("{:?}\n", stage.requests(step).await));
        }
        assert!(told.contains("[secrets.KEY]"), "{told}");
        for form in ["canary", "7f3a", "Y2FuYXJ5"] {
            assert!(!told.contains(form), "{form} in {told}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_address_that_a_redirect_repeats_tells_no_secret() {
    let stage = Stage::start().await;
    stage.secret("KEY", "canary-7f3a").await;
    let far_side = FarSide::start(|seen| {
        let location = format!("https://elsewhere.example{}", seen.target);
        let page = format!("<a href=\"{location}\">moved</a>");
        Some(Answer::new(301, "text/html", page).with("Location", &location))
    })
    .await;
    let step = json!({ "url": far_side.url("/"), "query": { "key": secret("KEY") } });
    let moved = output(stage.requests(step).await);
    let location = "https://elsewhere.example/?key=[secrets.KEY]";
    assert_eq!(moved["response"]["headers"]["location"], location);
    assert_eq!(moved["response"]["body"], format!("<a href=\"{location}\">moved</a>"));
}
