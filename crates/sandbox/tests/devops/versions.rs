//! Which version of the API a call asks for.

use http::{Method, StatusCode};
use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn the_version_may_be_in_the_query_or_in_accept_and_is_echoed() {
    let app = App::start().await;
    let echoed = |answer: &crate::app::Answer| answer.header("content-type").to_owned();
    for (version, accept) in
        [("7.1", false), ("5.0", false), ("7.1-preview.3", true), ("7.2-preview", true)]
    {
        let call = if accept {
            let accept = format!("application/json;api-version={version}");
            app.get("/acme/_apis/wit/workitems/1").header("accept", &accept)
        } else {
            app.get(format!("/acme/_apis/wit/workitems/1?api-version={version}"))
        };
        let answer = call.pat("ann", "acme").send().await;
        assert_eq!(answer.status, StatusCode::OK, "{version}: {}", answer.text());
        assert_eq!(
            echoed(&answer),
            format!("application/json; charset=utf-8; api-version={version}")
        );
    }
    let answer = app.ann_gets("/_apis/projects").await;
    assert_eq!(echoed(&answer), "application/json; charset=utf-8; api-version=7.1");
}

#[tokio::test]
async fn a_write_without_a_version_is_refused() {
    let app = App::start().await;
    let steps = json!([{ "op": "add", "path": "/fields/System.Title", "value": "x" }]);
    let call = app.call(Method::POST, "/acme/Storefront/_apis/wit/workitems/$Task");
    let answer = call.pat("ann", "acme").patch(&steps).send().await;
    assert_eq!(
        answer.refusal(),
        "400 VssVersionNotSpecifiedException: No api-version was supplied for the \"POST\" \
         request. The version must be supplied either as part of the Accept header (e.g. \
         \"application/json; api-version=1.0\") or as a query parameter (e.g. \
         \"?api-version=1.0\")."
    );
}

#[tokio::test]
async fn versions_that_do_not_exist_are_refused_each_with_its_own_exception() {
    let app = App::start().await;
    for (path, version, refusal) in [
        (
            "/_apis/projects",
            "8.0",
            "400 VssVersionOutOfRangeException: The requested REST API version of 8.0 is out of \
             range for this server. The latest REST API version this server supports is 7.2.",
        ),
        (
            "/_apis/wit/workitems/1",
            "7.2-preview.4",
            "400 VssVersionOutOfRangeException: The requested REST API version of 7.2-preview.4 \
             is out of range for this server. The latest REST API version this server supports is \
             7.2.",
        ),
        (
            "/_apis/teams",
            "7.1",
            "400 VssInvalidPreviewVersionException: The requested version \"7.1\" of the resource \
             is under preview. The -preview flag must be supplied in the api-version for such \
             requests. For example: \"7.1-preview\"",
        ),
    ] {
        let answer = app.ann_gets(&format!("{path}?api-version={version}")).await;
        assert_eq!(answer.refusal(), refusal);
    }
    for (version, exception) in [
        ("new", "VssInvalidApiResourceVersionException"),
        ("0.9", "VssVersionNotSupportedException"),
    ] {
        let answer = app.ann_gets(&format!("/_apis/projects?api-version={version}")).await;
        assert_eq!(answer.json()["typeKey"], exception);
    }
}

#[tokio::test]
async fn doubled_slashes_and_the_case_of_names_do_not_matter() {
    let app = App::start().await;
    for path in [
        "/_apis/WIT/WorkItems/1",
        "//Storefront//_apis/wit/workitems/1",
        "/storefront/_apis//wit/workItems/1",
    ] {
        assert_eq!(app.ann_gets(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_served_is_404_in_the_services_own_shape() {
    let app = App::start().await;
    for path in
        ["/_apis/git/repositories", "/_apis", "/Storefront", "/_apis/wit/workitems/1/nothing"]
    {
        let answer = app.ann_gets(path).await;
        assert_eq!(
            answer.refusal(),
            format!(
                "404 HttpException: The controller for path '/acme{path}' was not found or does \
                 not implement IController."
            )
        );
    }
    let call = app.call(Method::PUT, "/acme/_apis/projects?api-version=7.1").pat("ann", "acme");
    assert_eq!(call.send().await.status, StatusCode::METHOD_NOT_ALLOWED);
}
