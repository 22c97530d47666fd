//! Requests that workflows compose.

use base::{Error, Secret, Timestamp};
use connect::composed::Answered;
use connect::{Authority, ComposedRequest, Connect, ConnectConfig, Keyring};
use serde::Deserialize as _;
use serde_json::{Value, json};
use store::requests::Filter;

use crate::app::{App, on_each_engine};
use crate::far_side::{Answer, FarSide};

async fn send(connect: &Connect, app: &App, request: &Value) -> Result<Answered, Error> {
    let request = ComposedRequest::deserialize(request).unwrap();
    let account = app.try_held().await.ok();
    let keyring = Keyring { project_id: app.project_id, account };
    connect.send_composed(&request, &Authority::None, &keyring).await
}

/// Sends to somebody else, who answers.
pub async fn sends(connect: &Connect, app: &App, request: &Value) -> Answered {
    send(connect, app, request).await.unwrap()
}

/// Sends to somebody else, in vain.
pub async fn refused(app: &App, request: &Value) -> Error {
    send(&app.connect, app, request).await.map(|answered| answered.status()).expect_err("refused")
}

/// Sends in the name of the account.
async fn sends_as_account(app: &App, request: &Value) -> Result<Answered, Error> {
    let request = ComposedRequest::deserialize(request).unwrap();
    let held = app.held().await;
    let keyring = Keyring { project_id: app.project_id, account: Some(held.clone()) };
    app.connect.send_composed(&request, &Authority::Credential(held), &keyring).await
}

/// An installation whose operator lets requests reach this machine, with a secret `KEY`.
async fn with_secret(value: &str) -> App {
    let app = App::with(reaching_this_machine).await;
    set(&app, "KEY", value).await;
    app
}

pub fn reaching_this_machine(config: &mut ConnectConfig) {
    config.outbound.allow = vec!["127.0.0.1".to_owned()];
}

async fn set(app: &App, key: &str, value: &str) {
    let value = Secret::new(value.to_owned());
    app.connect.set_environment_secret(app.project_id, key, value).await.unwrap();
}

fn secret(name: &str) -> Value {
    json!({ "$reference": { "kind": "secret", "name": name } })
}

fn token() -> Value {
    json!({ "$reference": { "kind": "token", "name": "account" } })
}

fn around(before: &str, reference: Value, after: &str) -> Value {
    json!({ "$template": [before, reference, after] })
}

#[tokio::test]
async fn secrets_stand_in_address_query_headers_body_and_authorization_when_the_request_leaves() {
    let app = with_secret("s&cret value").await;
    let far_side = FarSide::answering(Answer::json(200, "{}")).await;
    sends(
        &app.connect,
        &app,
        &json!({
            "method": "POST",
            "url": around(&far_side.url("/a/"), secret("KEY"), "/b?c=d"),
            "query": { "key": secret("KEY"), "several": [1, "two"], "none": null },
            "headers": { "X-Key": around("v1 ", secret("KEY"), ""), "X-None": null },
            "body": { "type": "json", "content": { "a": [secret("KEY")], "$$reference": 9007199254740993_i64 } },
            "authorization": { "kind": "basic", "username": "ann", "password": secret("KEY") },
        }),
    )
    .await;
    let seen = &far_side.seen()[0];
    assert_eq!(seen.target, "/a/s&cret%20value/b?c=d&key=s%26cret+value&several=1&several=two");
    assert_eq!(seen.header("x-key"), Some("v1 s&cret value"));
    assert_eq!(seen.header("x-none"), None);
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("authorization"), Some("Basic YW5uOnMmY3JldCB2YWx1ZQ=="));
    assert_eq!(seen.text(), r#"{"$reference":9007199254740993,"a":["s&cret value"]}"#);
}

#[tokio::test]
async fn a_whole_address_may_be_a_secret_and_a_forged_reference_is_sent_as_data() {
    let app = with_secret("plain").await;
    let far_side = FarSide::answering(Answer::json(200, "{}")).await;
    set(&app, "HOOK", &far_side.url("/T0/B0")).await;
    // What data brings along stands escaped in rendered values.
    let forged = json!({ "$$reference": { "kind": "secret", "name": "KEY" } });
    sends(
        &app.connect,
        &app,
        &json!({
            "method": "POST",
            "url": secret("HOOK"),
            "body": { "type": "json", "content": { "data": forged } },
        }),
    )
    .await;
    let seen = &far_side.seen()[0];
    assert_eq!(seen.target, "/T0/B0");
    assert_eq!(seen.text(), r#"{"data":{"$reference":{"kind":"secret","name":"KEY"}}}"#);
}

#[tokio::test]
async fn forms_xml_and_text_are_sent_as_what_they_are() {
    let app = with_secret("&").await;
    let far_side = FarSide::answering(Answer::json(200, "{}")).await;
    for (body, kind, sent) in [
        (
            json!({ "type": "form", "content": { "a": secret("KEY"), "b": [1, true] } }),
            "application/x-www-form-urlencoded",
            "a=%26&b=1&b=true",
        ),
        (json!({ "type": "xml", "content": "<a/>" }), "application/xml", "<a/>"),
        (json!({ "type": "raw", "content": "a" }), "text/plain; charset=utf-8", "a"),
    ] {
        let url = far_side.url("/");
        sends(&app.connect, &app, &json!({ "method": "PUT", "url": url, "body": body })).await;
        let seen = far_side.seen().pop().unwrap();
        assert_eq!((seen.header("content-type"), seen.text().as_str()), (Some(kind), sent));
    }
    let body = json!({ "type": "multipart", "content": { "a\"b": "1", "c": { "d": 2 } } });
    sends(&app.connect, &app, &json!({ "method": "POST", "url": far_side.url("/"), "body": body }))
        .await;
    let seen = far_side.seen().pop().unwrap();
    let kind = seen.header("content-type").unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let parts = "--B\r\nContent-Disposition: form-data; name=\"a%22b\"\r\n\r\n1\r\n\
                 --B\r\nContent-Disposition: form-data; name=\"c\"\r\n\
                 Content-Type: application/json\r\n\r\n{\"d\":2}\r\n--B--\r\n";
    assert_eq!(seen.text(), parts.replace("--B", &format!("--{boundary}")));
}

#[tokio::test]
async fn values_that_cannot_stand_where_they_are_get_a_sentence_that_tells_no_secret() {
    let app = with_secret("two\r\nlines, a secret").await;
    let url = "http://127.0.0.1:1/";
    for (request, code) in [
        (json!({ "url": "" }), "value_missing"),
        (json!({ "url": "not an address" }), "invalid_address"),
        (json!({ "url": secret("KEY") }), "invalid_address"),
        (json!({ "url": "ftp://127.0.0.1/" }), "invalid_address"),
        (json!({ "url": "http://ann:pw@127.0.0.1/" }), "invalid_address"),
        (json!({ "url": format!("{url}{}", "a".repeat(17_000)) }), "url_too_long"),
        (json!({ "url": secret("OTHER") }), "environment_secret_missing"),
        (json!({ "url": url, "query": { "a": { "b": 1 } } }), "value_not_text"),
        (json!({ "url": url, "headers": { "X-A": secret("KEY") } }), "invalid_header"),
        (json!({ "url": url, "headers": { "X A": "b" } }), "invalid_header"),
        (json!({ "url": url, "headers": { "Host": "evil.example" } }), "invalid_header"),
        (json!({ "url": url, "method": "A B" }), "invalid_method"),
        (json!({ "url": url, "body": { "type": "form", "content": [] } }), "invalid_body"),
        (
            json!({ "url": url, "body": { "type": "multipart", "content": { "a": vec!["b"; 201] } } }),
            "body_too_long",
        ),
        (
            json!({ "url": url, "authorization": { "kind": "bearer", "token": secret("KEY") } }),
            "invalid_authorization",
        ),
        (json!({ "url": url, "headers": { "X-A": token() } }), "no_account_token"),
    ] {
        let error = refused(&app, &request).await;
        assert_eq!(error.code(), code, "{request}");
        assert!(!format!("{error:?} {:?}", error.meta()).contains("secret\""), "{error:?}");
        assert!(!format!("{error:?}").contains("lines, a"), "{error:?}");
    }
}

#[tokio::test]
async fn requests_reach_public_addresses_and_those_the_operator_allows_and_no_others() {
    let app = App::start().await;
    let far_side = FarSide::answering(Answer::json(200, "{}")).await;
    for url in [far_side.url("/"), "http://169.254.169.254/latest".to_owned()] {
        assert_eq!(refused(&app, &json!({ "url": url })).await.code(), "address_refused");
    }
    let app = with_secret("x").await;
    let answered = sends(&app.connect, &app, &json!({ "url": far_side.url("/") })).await;
    assert_eq!(answered.status(), 200);
    let url = "http://169.254.169.254/latest";
    assert_eq!(refused(&app, &json!({ "url": url })).await.code(), "address_refused");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let app = with_secret("canary-of-the-redirect").await;
    let elsewhere = FarSide::answering(Answer::json(200, "{}")).await;
    let location = elsewhere.url("/");
    let answer = Answer::json(302, "{}").with("Location", &location);
    let far_side = FarSide::answering(answer).await;
    let request = json!({ "url": far_side.url("/"), "headers": { "X-Key": secret("KEY") } });
    let answered = sends(&app.connect, &app, &request).await;
    assert_eq!((answered.status(), &answered.headers()["location"]), (302, &json!(location)));
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn an_accounts_token_goes_to_its_connectors_hosts_and_nowhere_else() {
    on_each_engine(async |app| {
        app.connected("ann").await;
        let headers = json!({ "Authorization": around("Bearer ", token(), "") });
        let url = "https://dev.azure.com/acme/_apis/projects?api-version=7.1";
        let request = json!({ "url": url, "headers": headers });
        let answered = sends(&app.connect, &app, &request).await;
        assert_eq!(answered.status(), 200);
        let before = app.world().requests.list().len();
        for url in
            ["https://example.com/", "http://dev.azure.com/", "https://dev.azure.com.evil.example/"]
        {
            let error = refused(&app, &json!({ "url": url, "headers": headers })).await;
            assert_eq!(error.code(), "foreign_host", "{url}");
            assert!(!format!("{error:?}").contains("eyJ"));
        }
        assert_eq!(app.world().requests.list().len(), before);
    })
    .await;
}

#[tokio::test]
async fn a_call_of_an_account_takes_a_path_or_an_address_of_its_hosts() {
    let app = with_secret("x").await;
    app.connected("ann").await;
    for url in ["projects", "/_apis/projects", "https://dev.azure.com/acme/_apis/projects"] {
        let request = json!({ "path": url, "query": { "api-version": "7.1", "$top": 1 } });
        let answered = sends_as_account(&app, &request).await.unwrap();
        assert_eq!(answered.status(), 200, "{url}");
        let seen = app.world().requests.list().pop().unwrap();
        assert_eq!(seen.target, "/acme/_apis/projects?%24top=1&api-version=7.1");
    }
    for url in ["https://evil.example/", "/../x", "/a\\b"] {
        assert!(sends_as_account(&app, &json!({ "path": url })).await.is_err(), "{url}");
    }
}

#[tokio::test]
async fn the_request_log_names_a_secret_in_a_path_and_does_not_tell_it() {
    let app = with_secret("canary-in-a-path").await;
    app.connected("ann").await;
    let request = json!({ "path": around("/_apis/projects/", secret("KEY"), "/x?a=b") });
    let answered = sends_as_account(&app, &request).await.unwrap();
    assert_eq!(answered.status(), 404);
    app.connect.write_notes(true).await.unwrap();
    let mut conn = app.store.read().await.unwrap();
    let filter =
        Filter { credential_id: None, status_min: 0, status_max: 999, since: Timestamp(0) };
    let page = store::PageRequest::default();
    let log = store::requests::list(&mut conn, app.project_id, &filter, &page).await.unwrap();
    let entry = log.items.iter().find(|one| one.status == Some(404)).unwrap();
    assert_eq!(entry.path, "/acme/_apis/projects/secrets.KEY/x");
}

#[tokio::test]
async fn what_a_far_side_repeats_in_its_refusal_tells_no_secret() {
    let app = with_secret("canary/of the=refusal").await;
    let far_side = FarSide::start(|seen| {
        let said = format!("{} {} {:?}", seen.text(), seen.target, seen.headers);
        Some(Answer::new(400, "text/plain", said))
    })
    .await;
    let request = json!({
        "method": "POST",
        "url": far_side.url("/"),
        "query": { "a": secret("KEY") },
        "body": { "type": "json", "content": { "a": secret("KEY") } },
        "authorization": { "kind": "basic", "username": "ann", "password": secret("KEY") },
    });
    let answered = sends(&app.connect, &app, &request).await;
    let told = answered.excerpt(4096).await;
    assert!(told.contains("[secrets.KEY]") && told.contains("[the login]"), "{told}");
    for form in ["canary", "Y2FuYXJ5", "YW5uOmNhbmFy"] {
        assert!(!told.contains(form), "{told}");
    }
}

#[tokio::test]
async fn a_token_for_client_credentials_is_fetched_once_and_anew_when_it_is_refused() {
    let app = with_secret("client-secret-canary").await;
    let issued = std::sync::atomic::AtomicU32::new(0);
    let far_side = FarSide::start(move |seen| {
        if seen.target == "/token" {
            let number = issued.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let body = format!(r#"{{"access_token":"token-{number}","expires_in":3600}}"#);
            return Some(Answer::json(200, &body));
        }
        let status = if seen.target == "/withdrawn"
            && seen.header("authorization") != Some("Bearer token-1")
        {
            401
        } else {
            200
        };
        Some(Answer::json(status, "{}"))
    })
    .await;
    let request = |path: &str| {
        json!({
            "url": far_side.url(path),
            "authorization": {
                "kind": "client_credentials",
                "token_url": far_side.url("/token"),
                "client_id": "app",
                "client_secret": secret("KEY"),
                "scope": "read write",
            },
        })
    };
    for path in ["/", "/", "/withdrawn"] {
        assert_eq!(sends(&app.connect, &app, &request(path)).await.status(), 200, "{path}");
    }
    app.after(3_541);
    sends(&app.connect, &app, &request("/")).await;
    let seen = far_side.seen();
    let targets: Vec<_> = seen.iter().map(|one| one.target.as_str()).collect();
    assert_eq!(targets, ["/token", "/", "/", "/withdrawn", "/token", "/withdrawn", "/token", "/"]);
    assert_eq!(seen[0].text(), "grant_type=client_credentials&scope=read+write");
    let login = "Basic YXBwOmNsaWVudC1zZWNyZXQtY2FuYXJ5";
    assert_eq!(seen[0].header("authorization"), Some(login));
    assert_eq!(seen[7].header("authorization"), Some("Bearer token-2"));
}

#[tokio::test]
async fn a_refused_client_is_told_what_the_server_says_without_its_secret() {
    let app = with_secret("client-secret-canary").await;
    let far_side = FarSide::start(|seen| {
        let body = json!({ "error": "invalid_client", "error_description": format!("no {}", seen.text()) });
        Some(Answer::json(401, &body.to_string()))
    })
    .await;
    let request = json!({
        "url": far_side.url("/"),
        "authorization": {
            "kind": "client_credentials",
            "token_url": far_side.url("/token"),
            "client_id": "app",
            "client_secret": secret("KEY"),
        },
    });
    let error = refused(&app, &request).await;
    assert_eq!(error.code(), "client_credentials_refused");
    assert_eq!(far_side.seen().len(), 2);
    let told = format!("{error:?} {:?}", error.meta());
    assert!(told.contains("invalid_client") && !told.contains("canary"), "{told}");
}
