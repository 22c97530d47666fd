//! How much a person may use: told, then asked to slow down, then refused.

use std::time::Duration;

use http::StatusCode;

use crate::app::App;

const PROJECTS: &str = "/_apis/projects";

#[tokio::test]
async fn a_person_who_uses_little_hears_nothing() {
    let app = App::start().await;
    let answer = app.ann_gets(PROJECTS).await;
    assert_eq!(answer.header("x-ratelimit-limit"), "");
    assert_eq!(answer.header("retry-after"), "");
}

#[tokio::test]
async fn usage_is_told_then_a_wait_is_asked_for_on_success_then_calls_are_blocked() {
    let app = App::start().await;
    app.world().devops.read().budgets.set_limit(2_000);
    let costly = "/Storefront/_apis/wit/workitemtypes/Bug/fields?$expand=all";
    let told = app.ann_gets(costly).await;
    assert_eq!(told.status, StatusCode::OK);
    assert_eq!(told.header("x-ratelimit-resource"), "Concurrency");
    assert_eq!(told.header("x-ratelimit-limit"), "2");
    assert_eq!(told.header("x-ratelimit-remaining"), "0");
    assert_eq!(told.header("retry-after"), "");

    let slow = app.ann_gets(costly).await;
    assert_eq!(slow.status, StatusCode::OK);
    assert_eq!(slow.header("retry-after"), "4");
    assert_eq!(slow.header("x-ratelimit-delay"), "3.600");

    app.ann_gets(costly).await.ok();
    app.ann_gets(costly).await.ok();
    let blocked = app.ann_gets(PROJECTS).await;
    assert!(blocked.refusal().starts_with(
        "429 RequestBlockedException: TF400733: The request has been canceled: Request was blocked \
         due to exceeding usage of resource Concurrency in namespace "
    ));
    assert_eq!(blocked.header("retry-after"), "300");

    let ben = app.get("/acme/_apis/projects").pat("ben", "acme").send().await;
    assert_eq!(ben.status, StatusCode::OK, "others are not affected");
    app.clock.advance(Duration::from_secs(300));
    assert_eq!(app.ann_gets(PROJECTS).await.status, StatusCode::OK);
}
