//! How guests come, serve and go.

use std::process::Command;
use std::time::Duration;

use engine::guest::FunctionErrorKind;
use serde_json::json;

use crate::actors::{Host, IDLE_TIME_MAX};

#[tokio::test]
async fn a_guest_stays_warm_for_the_next_call_of_its_project() {
    let host = Host::new();
    for _ in 0..20 {
        host.output("() => 1").await;
    }
    assert_eq!(host.births().len(), 1);
}

#[tokio::test]
async fn a_guest_of_one_project_never_serves_another() {
    let host = Host::with(|settings| settings.guests_max = 1);
    let (ann, bob) = (host.project(), host.project());
    for project_id in [ann, bob, ann, bob] {
        host.calls_for(project_id, "() => 1", json!({})).await.unwrap();
    }
    assert_eq!(host.births().len(), 4);
    host.waits_for_deaths(3).await;
}

#[tokio::test]
async fn a_guest_is_replaced_after_as_many_calls_as_it_may_serve() {
    let host = Host::with(|settings| settings.calls_per_guest_max = 5);
    for _ in 0..11 {
        host.output("() => 1").await;
    }
    assert_eq!(host.births().len(), 3);
}

#[tokio::test]
async fn a_guest_with_nothing_to_do_is_ended_after_a_while() {
    let host = Host::new();
    host.output("() => 1").await;
    // Whether the keeper waits already is not to be seen, so time moves until it has.
    loop {
        host.clock.advance(IDLE_TIME_MAX);
        tokio::select! {
            biased;
            () = host.waits_for_deaths(1) => break,
            () = std::future::ready(()) => tokio::task::yield_now().await,
        }
    }
    assert_eq!(host.output("() => 2").await, json!(2));
    assert_eq!(host.births().len(), 2);
}

#[tokio::test]
async fn many_calls_of_many_projects_share_few_guests() {
    let host = Host::with(|settings| settings.guests_max = 2);
    let projects: Vec<_> = (0..5).map(|_| host.project()).collect();
    let calls = (0..200_usize).map(|number| {
        let (project_id, host) = (projects[number % projects.len()], &host);
        async move {
            let returned = host.calls_for(project_id, "(n) => n * 2", json!(number)).await;
            assert_eq!(returned.unwrap().output, json!(number * 2));
        }
    });
    futures_util::future::join_all(calls).await;
}

#[tokio::test]
async fn a_project_with_many_calls_does_not_keep_another_from_its_first() {
    let host = Host::with(|settings| settings.guests_max = 1);
    let (busy, quiet) = (host.project(), host.project());
    let order = std::cell::RefCell::new(Vec::new());
    let call = async |project_id, name: &'static str| {
        host.calls_for(project_id, "() => 1", json!({})).await.unwrap();
        order.borrow_mut().push(name);
        // The turn of a guest is measured by the clock.
        host.clock.advance(Duration::from_millis(20));
    };
    let many = futures_util::future::join_all((0..50).map(|_| call(busy, "busy")));
    tokio::join!(many, call(quiet, "quiet"));
    let place = order.borrow().iter().position(|name| *name == "quiet").unwrap();
    assert!(place < 10, "{place}");
}

#[tokio::test]
async fn calls_above_the_bound_of_the_line_are_refused_and_may_come_again() {
    let host = Host::with(|settings| {
        settings.guests_max = 1;
        settings.calls_waiting_max = 3;
    });
    let calls = (0..6).map(|_| host.calls("() => 1", json!({})));
    let results = futures_util::future::join_all(calls).await;
    let refused: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 2);
    assert!(refused.iter().all(|error| error.kind == FunctionErrorKind::Busy));
    assert!(refused[0].kind.may_pass());
    assert_eq!(host.output("() => 1").await, json!(1));
}

#[tokio::test]
async fn a_guest_that_is_killed_fails_its_own_call_alone() {
    let host = Host::new();
    host.output("() => 1").await;
    let killed = host.births().remove(0);
    let endless = host.calls("() => { for (;;) {} }", json!({}));
    let neighbour = async {
        assert_eq!(host.output("() => 'well'").await, json!("well"));
        assert!(Command::new("kill").args(["-KILL", &killed]).status().unwrap().success());
    };
    let (failed, ()) = tokio::join!(endless, neighbour);
    let error = failed.unwrap_err();
    assert_eq!(error.kind, FunctionErrorKind::Crashed);
    assert!(error.message.contains("signal: 9 (SIGKILL)"), "{}", error.message);
    assert_eq!(host.output("() => 'well'").await, json!("well"));
}

#[tokio::test]
async fn a_guest_that_died_while_it_was_idle_fails_no_call() {
    let host = Host::new();
    host.output("() => 1").await;
    let killed = host.births().remove(0);
    assert!(Command::new("kill").args(["-KILL", &killed]).status().unwrap().success());
    host.waits_for_deaths(1).await;
    assert_eq!(host.output("() => 2").await, json!(2));
}

#[tokio::test]
async fn a_call_that_is_given_up_spoils_nothing() {
    let host = Host::with(|settings| settings.guests_max = 1);
    host.output("() => 1").await;
    for _ in 0..5 {
        let call = host.calls("() => { let n = 0; while (n < 1e5) n++; return n }", json!({}));
        tokio::select! {
            biased;
            _ = call => panic!("it cannot be done yet"),
            () = tokio::task::yield_now() => {}
        }
    }
    assert_eq!(host.output("() => 'mine'").await, json!("mine"));
    assert_eq!(host.births().len(), 1);
}

#[tokio::test]
async fn a_pool_that_is_closed_ends_its_guests_and_takes_no_calls() {
    let host = Host::new();
    host.output("() => 1").await;
    host.pool.close();
    host.waits_for_deaths(1).await;
    assert_eq!(host.failure("() => 1").await.0, FunctionErrorKind::Unavailable);
}

#[tokio::test]
async fn a_program_that_is_no_guest_is_told() {
    let host = Host::with(|settings| settings.program.file = "/does/not/exist".into());
    let (kind, message) = host.failure("() => 1").await;
    assert_eq!(kind, FunctionErrorKind::Unavailable);
    assert!(message.contains("No such file"), "{message}");
}

#[test]
fn a_pool_outlives_the_runtime_that_its_guests_lived_on() {
    let host = Host::with(|settings| settings.guests_max = 1);
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for number in 0..3 {
        assert_eq!(runtime().block_on(host.output(&format!("() => {number}"))), json!(number));
    }
    // One that ends in the middle of a call.
    runtime().block_on(async {
        let endless = host.calls("() => { for (;;) {} }", json!({}));
        tokio::select! {
            biased;
            _ = endless => panic!("it has no end"),
            () = tokio::task::yield_now() => {}
        }
    });
    assert_eq!(runtime().block_on(host.output("() => 7")), json!(7));
}
