//! What the log keeps of a call.

use base::Timestamp;
use connect::ProxyCall;
use connect::outbound::body;
use http::Method;
use sandbox::faults::{Fault, FaultAnswer};
use store::PageRequest;
use store::request_counts::{self, Count};
use store::requests::{self, Filter, Request};

use crate::app::{App, call};

async fn logged(app: &App) -> Vec<Request> {
    app.connect.write_notes(false).await.unwrap();
    let filter =
        Filter { credential_id: None, status_min: 0, status_max: 999, since: Timestamp(0) };
    let mut conn = app.store.read().await.unwrap();
    let page = PageRequest { after: None, limit: 200 };
    requests::list(&mut conn, app.project_id, &filter, &page).await.unwrap().items
}

async fn counted(app: &App) -> Vec<Count> {
    let mut conn = app.store.read().await.unwrap();
    let page = PageRequest::default();
    request_counts::list(&mut conn, app.project_id, &page).await.unwrap().items
}

#[tokio::test]
async fn a_call_is_logged_with_who_where_and_how_and_without_its_query() {
    let app = App::start().await;
    let credential_id = app.connected("ann").await;
    app.get("/projects?api-version=5.0&secret=hidden").await.unwrap();
    let log = logged(&app).await;
    let [request] = &log[..] else { panic!("{log:?}") };
    assert_eq!(
        (request.method.as_str(), request.host.as_str(), request.path.as_str(), request.status),
        ("GET", "dev.azure.com", "/acme/_apis/projects", Some(200))
    );
    assert_eq!((request.user_id, request.credential_id), (app.user_id, credential_id));
    assert_eq!(request.integration_id, app.integration.id);
    assert!(request.bytes.is_some_and(|bytes| bytes > 100));
    assert!(request.activity_id.as_ref().is_some_and(|id| id.len() == 36), "{request:?}");
    assert_eq!(request.error_code, None);
    assert!(!format!("{log:?}").contains("hidden"));
}

#[tokio::test]
async fn failures_are_logged_always_and_successes_up_to_a_rate_and_then_counted() {
    let app = App::with(|config| config.successes_logged_per_second_max = 2).await;
    let credential_id = app.connected("ann").await;
    for _ in 0..5 {
        app.get("/projects").await.unwrap();
        app.get("/_apis/nothing").await.unwrap();
    }
    let statuses: Vec<_> = logged(&app).await.iter().filter_map(|call| call.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 2);
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 5);
    assert_eq!(counted(&app).await, [], "the minute is not over");
    let minute = Timestamp::from_secs(app.clock.now().as_secs().div_euclid(60) * 60);
    app.after(60);
    app.connect.write_notes(false).await.unwrap();
    let project_id = app.project_id;
    assert_eq!(counted(&app).await, [Count { project_id, minute, credential_id, successes: 3 }]);
}

#[tokio::test]
async fn a_call_that_got_no_answer_is_logged_with_our_errors_code() {
    let app = App::start().await;
    app.connected("ann").await;
    app.world().faults.order(Fault {
        path_contains: Some("/_apis/projects".to_owned()),
        drop_connection: true,
        ..Fault::default()
    });
    app.call(call(Method::POST, "/projects", body::full("{}"))).await.expect_err("broken");
    let outside = ProxyCall {
        absolute_url: Some("https://evil.example/?token=hidden".to_owned()),
        ..call(Method::GET, "", body::empty())
    };
    app.call(outside).await.expect_err("foreign");
    let log = logged(&app).await;
    let ended: Vec<_> = log
        .iter()
        .map(|call| (call.host.as_str(), call.status, call.error_code.as_deref().unwrap()))
        .collect();
    assert!(ended.contains(&("dev.azure.com", None, "provider_broke_off")), "{ended:?}");
    assert!(ended.contains(&("", None, "foreign_host")), "{ended:?}");
    assert!(!format!("{log:?}").contains("hidden"));
}

#[tokio::test]
async fn a_refusal_names_the_permission_that_the_account_lacks() {
    let app = App::start().await;
    app.connected("ann").await;
    let refuses = |status, part: &str| {
        app.world().faults.order(Fault {
            path_contains: Some(part.to_owned()),
            answer: Some(FaultAnswer { status, ..FaultAnswer::default() }),
            ..Fault::default()
        })
    };
    let mut needs = Vec::new();
    for (method, path) in [
        (Method::GET, "/Demo/_apis/git/repositories?api-version=7.1"),
        (Method::DELETE, "/_apis/projects/7?api-version=7.1"),
        (Method::POST, "/Demo/_apis/wit/workitems/$Task?api-version=7.1"),
        (Method::GET, "/_apis/unheard/of"),
    ] {
        refuses(403, path.split('?').next().unwrap());
        let answer = app.call(call(method, path, body::empty())).await.unwrap();
        let told = answer.headers().get("x-gangway-needs-scope");
        needs.push(told.map(|value| value.to_str().unwrap().to_owned()));
    }
    // Ann has vso.work_write: what she lacks is something else.
    let wanted = [Some("vso.code"), Some("vso.project_manage"), None, None];
    assert_eq!(needs, wanted.map(|scope| scope.map(str::to_owned)));
    let logged: Vec<_> = logged(&app).await.into_iter().filter_map(|c| c.needs_scope).collect();
    assert_eq!(logged.len(), 2, "{logged:?}");

    refuses(203, "/_apis/git");
    let error = app.get("/Demo/_apis/git/repositories").await.expect_err("a sign-in page");
    assert_eq!(error.meta().unwrap()["needsScope"], "vso.code");
}
