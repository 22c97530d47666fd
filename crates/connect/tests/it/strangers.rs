//! Clients that know nothing of us: their paths name the provider's host, and answers that send
//! them on send them to us.

use connect::ProxyCall;
use connect::outbound::body;
use http::{Method, header};
use sandbox::faults::{Fault, FaultAnswer};
use serde_json::Value;

use crate::app::{App, call, read};

const BASE: &str = "http://localhost:8080/projects/1/sdk/proxy/azuredevops/_";

fn strangers(method: Method, path: &str) -> ProxyCall {
    ProxyCall { own_base: Some(BASE.to_owned()), ..call(method, path, body::empty()) }
}

async fn json(app: &App, path: &str) -> Value {
    let (status, bytes) = read(app.call(strangers(Method::GET, path)).await.unwrap()).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn every_address_in_what_tells_clients_where_to_go_is_ours() {
    let app = App::start().await;
    app.connected("ann").await;
    let areas = json(&app, "/_/dev.azure.com/acme/_apis/resourceAreas").await;
    let areas = areas["value"].as_array().unwrap().clone();
    assert!(!areas.is_empty());
    for area in &areas {
        let address = area["locationUrl"].as_str().unwrap();
        assert!(address.starts_with(BASE), "{address}");
        let path = address.strip_prefix(BASE.strip_suffix("/_").unwrap()).unwrap();
        let reached = app.call(strangers(Method::OPTIONS, &format!("{path}_apis"))).await.unwrap();
        assert_eq!(reached.status(), 200, "{address}");
    }
    let data = json(&app, "/_/dev.azure.com/acme/_apis/connectionData").await;
    let point = &data["locationServiceData"]["accessMappings"][0]["accessPoint"];
    assert_eq!(point, &format!("{BASE}/dev.azure.com/"));
    let hosts = app.world().requests.list().into_iter().map(|request| request.host);
    assert!(hosts.into_iter().all(|host| !host.contains("localhost:8080")));
}

#[tokio::test]
async fn other_answers_stream_as_they_came_and_so_do_those_to_clients_that_know_us() {
    let app = App::start().await;
    app.connected("ann").await;
    let projects = json(&app, "/_/dev.azure.com/acme/_apis/projects").await;
    let address = projects["value"][0]["url"].as_str().unwrap();
    assert!(address.starts_with("https://dev.azure.com/"), "{address}");
    let (_, areas) = app.get("/_apis/resourceAreas").await.unwrap();
    assert!(areas["value"][0]["locationUrl"].as_str().unwrap().starts_with("https://dev.azure"));
}

#[tokio::test]
async fn a_redirect_leads_through_us_and_a_path_to_a_foreign_host_leads_nowhere() {
    let app = App::start().await;
    app.connected("ann").await;
    for (location, told) in [
        (
            "https://vssps.dev.azure.com:443/acme/x?a=b",
            format!("{BASE}/vssps.dev.azure.com/acme/x?a=b"),
        ),
        ("https://blob.example/x", "https://blob.example/x".to_owned()),
    ] {
        app.world().faults.order(Fault {
            path_contains: Some("/_apis/projects".to_owned()),
            answer: Some(FaultAnswer {
                status: 302,
                headers: [("location".to_owned(), location.to_owned())].into(),
                body: String::new(),
            }),
            ..Fault::default()
        });
        let path = "/_/dev.azure.com/acme/_apis/projects";
        let answer = app.call(strangers(Method::GET, path)).await.unwrap();
        assert_eq!(answer.headers()[header::LOCATION], told);
    }
    let before = app.world().requests.list().len();
    for path in [
        "/_/evil.example/acme",
        "/_/dev.azure.com:8443/acme",
        "/_/dev.azure.com@evil.example/",
        "/_//evil.example/",
        "/_/127.0.0.1/",
        "/_/dev.azure.com.evil.example/",
        "/_/",
    ] {
        let error = app.call(strangers(Method::GET, path)).await.expect_err(path);
        assert_eq!(error.code(), "foreign_host", "{path}");
    }
    assert_eq!(app.world().requests.list().len(), before);
}

#[tokio::test]
async fn an_answer_that_cannot_be_rewritten_is_not_passed_on() {
    let app = App::with(|config| config.outbound.answer_bytes_max = 20_000).await;
    app.connected("ann").await;
    let answers = |kind: &str, encoding: &str, body: String| {
        let headers = [("content-type", kind), ("content-encoding", encoding)];
        let headers = headers.into_iter().filter(|(_, value)| !value.is_empty());
        app.world().faults.order(Fault {
            path_contains: Some("/_apis/ResourceAreas".to_owned()),
            answer: Some(FaultAnswer {
                status: 200,
                headers: headers.map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
                body,
            }),
            ..Fault::default()
        });
    };
    let path = "/_/dev.azure.com/acme/_apis/ResourceAreas/5264459e";
    for (encoding, body) in
        [("gzip", "{}".to_owned()), ("", "{\"a\":".to_owned()), ("", format!("{:30000}", 1))]
    {
        answers("application/json", encoding, body);
        let error = app.call(strangers(Method::GET, path)).await.expect_err("unreadable");
        assert_eq!(error.code(), "answer_unreadable");
    }
    answers("application/json; charset=utf-8", "", r#"{"a":"https:\/\/dev.azure.com\/x"}"#.into());
    let (_, bytes) = read(app.call(strangers(Method::GET, path)).await.unwrap()).await;
    assert_eq!(bytes, format!(r#"{{"a":"{BASE}/dev.azure.com/x"}}"#));
}
