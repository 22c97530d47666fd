use std::time::Duration;

use connect::outbound::body;
use connect::{Callback, InstallOptions, ProxyCall};
use http::{HeaderValue, Method, header};
use sandbox::faults::{Fault, FaultAnswer};

use crate::app::{App, call, read};

/// Where the last call went: `GET host/target`.
fn last(app: &App) -> String {
    let seen = app.world().requests.list();
    let seen = seen.last().unwrap();
    format!("{} {}{}", seen.method, seen.host, seen.target)
}

#[tokio::test]
async fn a_path_goes_to_the_host_of_its_area_with_its_query_byte_for_byte() {
    let app = App::start().await;
    app.connected("ann").await;
    for (path, address) in [
        ("/projects?api-version=5.0", "dev.azure.com/acme/_apis/projects?api-version=5.0"),
        ("/_apis/projects?$top=1", "dev.azure.com/acme/_apis/projects?$top=1"),
        ("//Demo//_apis/wit/wiql?x=%20a+b&c", "dev.azure.com/acme/Demo/_apis/wit/wiql?x=%20a+b&c"),
        (
            "/Demo/_apis/wit/workitems/$Task?api-version=7.1",
            "dev.azure.com/acme/Demo/_apis/wit/workitems/$Task?api-version=7.1",
        ),
        ("/graph/groups", "vssps.dev.azure.com/acme/_apis/graph/groups"),
        ("/Demo/_apis/release/releases", "vsrm.dev.azure.com/acme/Demo/_apis/release/releases"),
        ("/_apis/userentitlements", "vsaex.dev.azure.com/acme/_apis/userentitlements"),
        ("/_odata/v4.0/WorkItems", "analytics.dev.azure.com/acme/_odata/v4.0/WorkItems"),
        ("/accounts?memberId=x", "app.vssps.visualstudio.com/_apis/accounts?memberId=x"),
        (
            "/search/workitemsearchresults",
            "almsearch.dev.azure.com/acme/_apis/search/workitemsearchresults",
        ),
    ] {
        app.get(path).await.unwrap();
        assert_eq!(last(&app), format!("GET {address}"), "{path}");
    }
}

#[tokio::test]
async fn a_call_can_name_another_organization_or_a_whole_address_of_the_provider() {
    let app = App::start().await;
    let popup = app.popup(InstallOptions::default()).await;
    let query = app.signs_in("ben", &popup).await;
    let shown = app.connect.finish_oauth(query, Some(&popup.cookie)).await;
    let Callback::Choose { attempt, .. } = shown else { panic!("{shown:?}") };
    app.connect.choose_account(&attempt, Some(&popup.cookie), "acme").await;
    let other = ProxyCall {
        account: Some("globex".to_owned()),
        ..call(Method::GET, "/projects", body::empty())
    };
    app.call(other).await.unwrap();
    assert_eq!(last(&app), "GET dev.azure.com/globex/_apis/projects");
    let whole = ProxyCall {
        absolute_url: Some("https://acme.visualstudio.com/_apis/projects?a=%20".to_owned()),
        ..call(Method::GET, "", body::empty())
    };
    app.call(whole).await.unwrap();
    assert_eq!(last(&app), "GET acme.visualstudio.com/_apis/projects?a=%20");
}

#[tokio::test]
async fn a_token_goes_nowhere_but_to_its_provider() {
    let app = App::start().await;
    app.connected("ann").await;
    let before = app.world().requests.list().len();
    for url in [
        "https://evil.example/_apis/projects",
        "http://dev.azure.com/acme/_apis/projects",
        "https://dev.azure.com.evil.example/acme",
        "https://dev.azure.com@evil.example/acme",
        "https://evil.example#@dev.azure.com/acme",
        "https://dev.azure.com:8443/acme",
        "https://dev.azure.com\\@evil.example/",
        "https://169.254.169.254/metadata",
        "//evil.example/x",
    ] {
        let outside = ProxyCall {
            absolute_url: Some(url.to_owned()),
            ..call(Method::GET, "", body::empty())
        };
        let error = app.call(outside).await.expect_err(url);
        assert_eq!(error.code(), "foreign_host", "{url}");
    }
    for path in ["/../x/_apis/projects", "/%2e%2e/projects", "/a/%2E./b"] {
        let error = app.get(path).await.expect_err(path);
        assert_eq!(error.code(), "invalid_path", "{path}");
    }
    for account in ["../globex", "a/b", "globex?x"] {
        let climbing = ProxyCall {
            account: Some(account.to_owned()),
            ..call(Method::GET, "/projects", body::empty())
        };
        assert_eq!(app.call(climbing).await.expect_err(account).code(), "invalid_account_name");
    }
    assert_eq!(app.world().requests.list().len(), before);
}

#[tokio::test]
async fn redirects_are_answered_and_not_followed() {
    let app = App::start().await;
    app.connected("ann").await;
    app.world().faults.order(Fault {
        path_contains: Some("/_apis/projects".to_owned()),
        answer: Some(FaultAnswer {
            status: 302,
            headers: [("location".to_owned(), "https://elsewhere.example/x".to_owned())].into(),
            body: String::new(),
        }),
        ..Fault::default()
    });
    let before = app.world().requests.list().len();
    let answer = app.call(call(Method::GET, "/projects", body::empty())).await.unwrap();
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()[header::LOCATION], "https://elsewhere.example/x");
    assert_eq!(app.world().requests.list().len(), before + 1);
}

#[tokio::test]
async fn neither_side_sees_what_is_not_theirs() {
    let app = App::start().await;
    app.connected("ann").await;
    app.world().faults.order(Fault {
        path_contains: Some("/_apis/projects".to_owned()),
        answer: Some(FaultAnswer {
            status: 200,
            headers: [
                ("set-cookie".to_owned(), "a=b".to_owned()),
                ("activityid".to_owned(), "kept".to_owned()),
            ]
            .into(),
            body: "{}".to_owned(),
        }),
        ..Fault::default()
    });
    let mut sent = call(Method::GET, "/projects", body::empty());
    sent.headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer the-user-token"));
    sent.headers.insert(header::COOKIE, HeaderValue::from_static("a=b"));
    sent.headers.insert("x-paragon-credential", HeaderValue::from_static("x"));
    let answer = app.call(sent).await.unwrap();
    assert!(answer.headers().get(header::SET_COOKIE).is_none());
    assert_eq!(answer.headers()["activityid"], "kept");
}

#[tokio::test]
async fn a_work_item_is_created_when_the_sdk_leaves_the_type_of_its_body_open() {
    let app = App::start().await;
    app.connected("ann").await;
    let (_, projects) = app.get("/projects?api-version=7.1").await.unwrap();
    let project = projects["value"][0]["id"].as_str().unwrap().to_owned();
    let (_, kinds) =
        app.get(&format!("/{project}/_apis/wit/workitemtypes?api-version=7.1")).await.unwrap();
    let kind = kinds["value"].as_array().unwrap().iter();
    let kind = kind.filter_map(|one| one["name"].as_str()).find(|name| *name == "Task").unwrap();
    let patch = r#"[{"op":"add","path":"/fields/System.Title","value":"From the host"}]"#;
    let mut created = call(
        Method::POST,
        &format!("/{project}/_apis/wit/workitems/${kind}?api-version=7.1"),
        body::full(patch),
    );
    created.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("auto"));
    let (status, bytes) = read(app.call(created).await.unwrap()).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
}

#[tokio::test]
async fn a_provider_that_does_not_begin_to_answer_is_given_up() {
    let app = App::start().await;
    app.connected("ann").await;
    app.world().faults.order(Fault {
        path_contains: Some("/_apis/projects".to_owned()),
        delay_ms: 3_600_000,
        ..Fault::default()
    });
    let held = app.held().await;
    let connect = app.connect.clone();
    let calling = tokio::spawn(async move {
        connect.proxy(&held, call(Method::GET, "/projects", body::empty())).await
    });
    while !calling.is_finished() {
        app.clock.advance(Duration::from_secs(10));
        tokio::task::yield_now().await;
    }
    let error = calling.await.unwrap().expect_err("too slow");
    assert!(matches!(error.code(), "provider_timeout" | "provider_unreachable"), "{error:?}");
}

#[tokio::test]
async fn a_read_on_a_connection_that_broke_is_repeated_once_and_a_write_is_not() {
    let app = App::start().await;
    app.connected("ann").await;
    let breaks = |times| {
        app.world().faults.order(Fault {
            times,
            path_contains: Some("/_apis/projects".to_owned()),
            drop_connection: true,
            ..Fault::default()
        })
    };
    breaks(1);
    assert_eq!(app.get("/projects").await.unwrap().0, 200);
    breaks(1);
    let written = app.call(call(Method::POST, "/projects", body::full("{}"))).await;
    assert_eq!(written.expect_err("broken").code(), "provider_broke_off");
    breaks(2);
    assert_eq!(app.get("/projects").await.expect_err("broken").code(), "provider_broke_off");
}

#[tokio::test]
async fn without_an_account_nothing_is_called() {
    let app = App::start().await;
    let error = app.get("/projects").await.expect_err("not connected");
    assert_eq!(error.message(), "Integration not enabled for user.");
}

#[tokio::test]
async fn a_call_in_nobodys_name_reaches_public_addresses_only() {
    let app = App::start().await;
    for url in ["http://127.0.0.1:1/", "http://[::1]:1/", "http://localhost:1/", "http://10.0.0.1/"]
    {
        let request = http::Request::get(url).body(body::empty()).unwrap();
        let error = app.connect.send(request, connect::Authority::None).await.expect_err(url);
        assert_eq!(error.code(), "address_refused", "{url} {error:?}");
    }
}

#[tokio::test]
async fn a_warm_call_reads_no_database() {
    let app = App::start().await;
    app.connected("ann").await;
    app.get("/projects").await.unwrap();
    app.store.close().await;
    assert_eq!(app.get("/projects").await.unwrap().0, 200);
}
