//! Live views.

use std::time::Duration;

use axum::body::Body;
use http::{Request, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::app::{TestApp, on_each_engine};

/// Opens a live view.
async fn opens(test: &TestApp, path: &str, last: Option<&str>) -> Body {
    let mut request = Request::get(test.manager().in_project(path))
        .header(header::AUTHORIZATION, format!("Bearer {}", test.api_token));
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let request = request.body(Body::empty()).unwrap();
    let response = test.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    response.into_body()
}

/// What comes next.
async fn hears(body: &mut Body) -> Option<String> {
    let frame = body.frame().await?.unwrap();
    Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
}

/// Id, name and data of each event.
fn events(text: &str) -> Vec<(String, String, Value)> {
    let read = |event: &str| {
        let field = |name: &str| {
            let line = event.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
            line.unwrap_or_default().to_owned()
        };
        (field("id"), field("event"), serde_json::from_str(&field("data")).unwrap())
    };
    text.split_terminator("\n\n").map(read).collect()
}

#[tokio::test]
async fn an_execution_is_watched_from_its_trigger_to_its_end() {
    on_each_engine(async |test: TestApp| {
        let patience = test.deploys_patience().await;
        let id = test.runs(patience, json!({ "minutes": 2 })).await;
        let path = format!("/executions/{id}/live");
        let mut view = opens(&test, &path, None).await;
        let begun = events(&hears(&mut view).await.unwrap());
        assert_eq!(begun[0].0, "0");
        assert_eq!(begun[0].2[0]["event"], "triggered");
        let last = begun.last().unwrap();
        assert_eq!(last.2.as_array().unwrap().last().unwrap()["event"], "step_delayed");

        test.after(120);
        test.settles().await;
        let mut ended = events(&hears(&mut view).await.unwrap());
        assert_eq!(ended[0].0.parse::<usize>().unwrap(), begun.len());
        let (_, name, execution) = ended.pop().unwrap();
        assert_eq!((&*name, &execution["status"]), ("end", &json!("succeeded")));
        assert_eq!(hears(&mut view).await, None);

        let mut again = opens(&test, &path, Some("0")).await;
        let rest = events(&hears(&mut again).await.unwrap());
        assert_eq!(rest[..rest.len() - 1], [&begun[1..], &ended].concat());
        assert_eq!(hears(&mut again).await, None);
    })
    .await;
}

#[tokio::test]
async fn what_another_process_writes_is_seen_within_half_a_second() {
    on_each_engine(async |test: TestApp| {
        let patience = test.deploys_patience().await;
        let mut all = opens(&test, "/executions/live", None).await;
        let other = test.another_process().await;
        let start = test.starts(patience, json!({ "minutes": 2 }));
        let id = other.runner().begin(start).await.unwrap().unwrap();
        let begun = async {
            test.clock.advance(Duration::from_millis(100));
            tokio::task::yield_now().await;
            test.clock.advance(Duration::from_millis(500));
        };
        let (heard, ()) = tokio::join!(hears(&mut all), begun);
        assert_eq!(events(&heard.unwrap())[0].2["id"], json!(id));

        let mut one = opens(&test, &format!("/executions/{id}/live"), None).await;
        hears(&mut one).await.unwrap();
        other.runner().cancel(test.project_id, id, "enough").await.unwrap();
        let later = async { test.clock.advance(Duration::from_millis(500)) };
        let (heard, ()) = tokio::join!(hears(&mut one), later);
        let heard = events(&heard.unwrap());
        assert_eq!(heard.last().unwrap().2["status"], "cancelled");
    })
    .await;
}

#[tokio::test]
async fn a_silent_view_says_that_it_is_alive_and_ends_when_the_server_stops() {
    on_each_engine(async |test: TestApp| {
        let patience = test.deploys_patience().await;
        let id = test.runs(patience, json!({ "minutes": 2 })).await;
        let mut view = opens(&test, &format!("/executions/{id}/live"), None).await;
        hears(&mut view).await.unwrap();
        let later = async { test.clock.advance(Duration::from_secs(15)) };
        let (heard, ()) = tokio::join!(hears(&mut view), later);
        assert_eq!(heard.unwrap(), ": alive\n\n");
        let stops = async { test.app.end_streams() };
        let (heard, ()) = tokio::join!(hears(&mut view), stops);
        assert_eq!(heard, None);
    })
    .await;
}

#[tokio::test]
async fn there_is_a_bound_on_views_and_nothing_to_view_of_others() {
    let test = TestApp::start(store::Engine::Sqlite).await;
    let patience = test.deploys_patience().await;
    let id = test.runs(patience, json!({ "minutes": 2 })).await;
    let path = format!("/executions/{id}/live");
    let mut open = Vec::new();
    for _ in 0..engine::runner::WATCHES_MAX {
        open.push(opens(&test, &path, None).await);
    }
    let refused = test.manager().project_get(&path).await;
    assert_eq!(refused.refused(), "503 too_many_streams");
    drop(open);
    drop(opens(&test, &path, None).await);
    let project = test.project_id;
    let none = test.manager().project_get(&format!("/executions/{project}/live")).await;
    assert_eq!(none.refused(), "404 execution_not_found");
}
