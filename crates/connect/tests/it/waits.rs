//! A provider asks for fewer calls: every process heeds it.

use std::time::Duration;

use base::Error;
use connect::outbound::body;
use connect::{Connect, RateLimit};
use http::Method;
use sandbox::faults::{Fault, FaultAnswer};
use store::rate_limit_waits;

use crate::app::{App, call, until};

async fn status(app: &App, connect: &Connect) -> Result<u16, Error> {
    let held = connect.load(app.project_id, app.user_id, "azuredevops", None).await?;
    let answer = connect.proxy(&held, call(Method::GET, "/projects", body::empty())).await?;
    Ok(answer.status().as_u16())
}

/// The next call is answered with a wish to wait.
fn asks_to_wait(app: &App, status: u16, seconds: u64) {
    app.world().faults.order(Fault {
        path_contains: Some("/_apis/projects".to_owned()),
        answer: Some(FaultAnswer {
            status,
            headers: [("retry-after".to_owned(), seconds.to_string())].into(),
            body: "{}".to_owned(),
        }),
        ..Fault::default()
    });
}

/// What the worker of each process does all the time.
async fn hears(app: &App, connect: &Connect, heard: &mut i64) {
    let mut conn = app.store.read().await.unwrap();
    for change in store::changes::after(&mut conn, *heard).await.unwrap() {
        *heard = change.number;
        connect.forget(&change);
    }
}

#[tokio::test]
async fn a_wait_that_one_process_is_asked_for_holds_for_the_others_and_for_those_yet_to_start() {
    let app = App::start().await;
    app.connected("ann").await;
    let (here, there) = (app.connect.clone(), app.another_process());
    for asked in [200, 429] {
        assert_eq!(status(&app, &there).await.unwrap(), 200);
        let mut heard = {
            let mut conn = app.store.read().await.unwrap();
            store::changes::latest(&mut conn).await.unwrap()
        };
        asks_to_wait(&app, asked, 30);
        assert_eq!(status(&app, &here).await.unwrap(), asked);
        here.write_notes(false).await.unwrap();
        hears(&app, &there, &mut heard).await;
        let sent = app.world().requests.list().len();
        for process in [&here, &there, &app.another_process()] {
            let error = status(&app, process).await.expect_err("not now");
            assert_eq!(error.code(), "rate_limited");
            assert_eq!(error.meta().unwrap()["retryAfterSeconds"], 30);
        }
        assert_eq!(app.world().requests.list().len(), sent, "nothing left for the provider");
        app.after(30);
    }
}

#[tokio::test]
async fn calls_that_may_wait_go_on_in_the_order_in_which_they_came() {
    let app = App::with(|config| {
        config.outbound.rate_limit = RateLimit::Wait(Duration::from_secs(60));
    })
    .await;
    app.connected("ann").await;
    asks_to_wait(&app, 200, 30);
    app.get("/projects").await.unwrap();
    let (told, mut done) = tokio::sync::mpsc::unbounded_channel();
    for number in 0..5_u32 {
        let (connect, held, told) = (app.connect.clone(), app.held().await, told.clone());
        tokio::spawn(async move {
            let path = format!("/projects?n={number}");
            let answer = connect.proxy(&held, call(Method::GET, &path, body::empty())).await;
            told.send(answer.map(|answer| answer.status().as_u16())).unwrap();
        });
        // The test's runtime has one thread: each call gets to its wait before the next begins.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }
    assert!(done.try_recv().is_err(), "nobody went before the time");
    app.world().requests.take();
    app.after(30);
    for _ in 0..5 {
        assert_eq!(done.recv().await.unwrap().unwrap(), 200);
    }
    let sent: Vec<String> = app.world().requests.take().into_iter().map(|r| r.target).collect();
    let wanted: Vec<String> = (0..5).map(|n| format!("/acme/_apis/projects?n={n}")).collect();
    assert_eq!(sorted(&sent), wanted);
}

fn sorted(targets: &[String]) -> Vec<String> {
    let mut sorted = targets.to_vec();
    sorted.sort();
    sorted
}

/// Sends a body while the provider asks to wait before it takes the call; time then goes on.
async fn sent_too_early(app: &App, size: usize, asked: u64, passes: u64) -> Result<u16, Error> {
    asks_to_wait(app, 429, asked);
    let sent = app.call(call(Method::POST, "/projects", body::full(vec![b'x'; size])));
    let told = async || {
        app.connect.write_notes(false).await.unwrap();
        let mut conn = app.store.read().await.unwrap();
        let waits = rate_limit_waits::list_of_user(&mut conn, app.project_id, app.user_id).await;
        waits.unwrap().iter().any(|wait| wait.until > app.clock.now())
    };
    let time = async {
        until(told).await;
        app.after(passes);
    };
    tokio::join!(sent, time).0.map(|answer| answer.status().as_u16())
}

#[tokio::test]
async fn a_call_that_came_too_early_waits_and_is_sent_once_more_when_its_body_was_kept() {
    let app = App::with(|config| {
        config.outbound.rate_limit = RateLimit::Wait(Duration::from_secs(60));
    })
    .await;
    app.connected("ann").await;
    assert_ne!(sent_too_early(&app, 100, 30, 30).await.unwrap(), 429);
    app.after(30);
    assert_eq!(sent_too_early(&app, 64 * 1024 + 1, 30, 30).await.unwrap(), 429);
    app.after(30);
    asks_to_wait(&app, 429, 10);
    assert_eq!(sent_too_early(&app, 100, 10, 10).await.unwrap(), 429, "once, not for ever");
}

#[tokio::test]
async fn a_wait_longer_than_the_longest_is_an_early_refusal() {
    let app = App::with(|config| {
        config.outbound.rate_limit = RateLimit::Wait(Duration::from_secs(10));
    })
    .await;
    app.connected("ann").await;
    asks_to_wait(&app, 429, 30);
    assert_eq!(app.get("/projects").await.unwrap().0, 429);
    let error = app.get("/projects").await.expect_err("too long");
    assert_eq!(error.code(), "rate_limited");
    app.after(21);
    let connect = app.connect.clone();
    let held = app.held().await;
    let waiting = tokio::spawn(async move {
        connect.proxy(&held, call(Method::GET, "/projects", body::empty())).await
    });
    tokio::task::yield_now().await;
    app.after(9);
    assert_eq!(waiting.await.unwrap().unwrap().status(), 200);
}
