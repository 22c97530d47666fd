use sandbox::faults::{Fault, FaultAnswer};
use store::credentials::Status;

use crate::app::App;

/// The next calls to a path answer with a sign-in page and a success.
fn sign_in_page(app: &App, path: &str, times: u32) {
    app.world().faults.order(Fault {
        times,
        path_contains: Some(path.to_owned()),
        answer: Some(FaultAnswer {
            status: 203,
            headers: [("content-type".to_owned(), "text/html; charset=utf-8".to_owned())].into(),
            body: "<title>Azure DevOps Services | Sign In</title>".to_owned(),
        }),
        ..Fault::default()
    });
}

#[tokio::test]
async fn a_sign_in_page_for_a_working_account_fails_that_call_only() {
    let app = App::start().await;
    let id = app.connected("ann").await;
    sign_in_page(&app, "/_apis/projects", 1);
    let error = app.get("/projects?api-version=5.0").await.expect_err("a page, not an answer");
    assert_eq!(error.code(), "sign_in_page", "{error:?}");
    assert_eq!(error.meta().unwrap()["provider"]["status"], 203);
    assert_eq!(app.credential(id).await.status, Status::Valid);
    assert_eq!(app.get("/projects?api-version=5.0").await.unwrap().0, 200);
}

#[tokio::test]
async fn a_sign_in_page_for_everything_makes_the_credential_invalid() {
    let app = App::start().await;
    let id = app.connected("ann").await;
    sign_in_page(&app, "/_apis/", 2);
    let error = app.get("/projects?api-version=5.0").await.expect_err("refused");
    assert_eq!(error.code(), "credential_invalid", "{error:?}");
    assert_eq!(app.credential(id).await.status, Status::Invalid);
}

#[tokio::test]
async fn a_call_that_the_account_may_not_make_is_answered_as_the_provider_answers() {
    let app = App::start().await;
    let id = app.connected("ann").await;
    app.world().faults.order(Fault {
        times: 5,
        path_contains: Some("/_apis/projects".to_owned()),
        answer: Some(FaultAnswer { status: 401, ..FaultAnswer::default() }),
        ..Fault::default()
    });
    assert_eq!(app.get("/projects?api-version=5.0").await.unwrap().0, 401);
    assert_eq!(app.credential(id).await.status, Status::Valid);
}

#[tokio::test]
async fn a_wait_that_the_provider_asks_for_is_kept_even_when_it_stands_on_a_success() {
    let app = App::start().await;
    app.connected("ann").await;
    for (status, code) in [(200, "rate_limited"), (429, "rate_limited")] {
        app.world().faults.order(Fault {
            path_contains: Some("/_apis/projects".to_owned()),
            answer: Some(FaultAnswer {
                status,
                headers: [("retry-after".to_owned(), "30".to_owned())].into(),
                body: "{}".to_owned(),
            }),
            ..Fault::default()
        });
        assert_eq!(app.get("/projects?api-version=5.0").await.unwrap().0, status);
        let error = app.get("/projects?api-version=5.0").await.expect_err("too early");
        assert_eq!(error.code(), code);
        assert_eq!(error.meta().unwrap()["retryAfterSeconds"], 30);
        app.after(30);
        assert_eq!(app.get("/projects?api-version=5.0").await.unwrap().0, 200);
    }
}
