//! Guests that were taken over by their function and say what they want: the host loses the call
//! and nothing else.

use std::time::Duration;

use engine::guest::FunctionErrorKind;
use serde_json::json;

use crate::actors::Host;

const READY: &str = r#"{"isolated":{"landlock":"full","seccomp":true}}"#;

/// A script that gets ready, reads a job, and does as told.
fn guest(ready: &str, then: &str) -> String {
    // The frames that it reads are the limits and a job.
    let read = "head -c $(head -c 4 | od -An -tu4) > /dev/null";
    format!("{read}; printf '{}'; {read}; {then}", frame(ready))
}

fn host(then: &str) -> Host {
    Host::of_scripts(&guest(READY, then), |_| {})
}

/// A frame for `printf`.
fn frame(text: &str) -> String {
    let length = u32::try_from(text.len()).unwrap().to_le_bytes();
    let length: String = length.iter().map(|byte| format!("\\{byte:03o}")).collect();
    format!("{length}{}", text.replace('\\', "\\\\").replace('%', "%%"))
}

fn answer(text: &str) -> String {
    format!("printf '{}'; sleep 60", frame(text))
}

#[tokio::test]
async fn an_answer_that_is_not_as_agreed_fails_its_call() {
    for then in [
        "exit 0",
        "exit 3",
        "kill -SEGV $$",
        "printf 'garbage garbage'; sleep 60",
        r"printf '\377\377\377\377'; sleep 60",
        r"printf '\012\000\000\000{}'",
        &answer("[]"),
        &answer(r#"{"outcome":{"returned":1}}"#),
        &answer(r#"{"outcome":{"checked":null},"log":[],"log_truncated":false,"is_last":false}"#),
    ] {
        let (kind, message) = host(then).failure("() => 1").await;
        assert_eq!(kind, FunctionErrorKind::Crashed, "{then}: {message}");
    }
}

#[tokio::test]
async fn an_output_above_its_limit_is_refused_by_the_host_too() {
    let output = "x".repeat(2000);
    let then = answer(&format!(
        r#"{{"outcome":{{"returned":"{output}"}},"log":[],"log_truncated":false,"is_last":false}}"#
    ));
    let host = Host::of_scripts(&guest(READY, &then), |settings| {
        settings.limits.output_bytes_max = 1000;
    });
    assert_eq!(host.failure("() => 1").await.0, FunctionErrorKind::OutputTooLarge);
}

#[tokio::test]
async fn a_guest_that_never_answers_is_ended_when_its_time_is_over() {
    let host = host("echo has read >> $0; sleep 1000");
    let time_passes = async {
        while host.births().len() < 2 {
            tokio::task::yield_now().await;
        }
        host.clock.advance(Duration::from_secs(30));
    };
    let (ended, ()) = tokio::join!(host.calls("() => 1", json!({})), time_passes);
    let error = ended.unwrap_err();
    assert_eq!(error.kind, FunctionErrorKind::TimedOut);
    assert_eq!(error.message, "The function did not end within 30 s.");
}

#[tokio::test]
async fn where_the_kernel_locks_nothing_in_functions_are_refused_unless_the_settings_allow_them() {
    let ready = r#"{"isolated":{"landlock":"none","seccomp":false}}"#;
    let then =
        answer(r#"{"outcome":{"returned":1},"log":[],"log_truncated":false,"is_last":false}"#);
    let script = guest(ready, &then);
    let (kind, message) = Host::of_scripts(&script, |_| {}).failure("() => 1").await;
    assert_eq!(kind, FunctionErrorKind::NotIsolated);
    let trusting = Host::of_scripts(&script, |settings| settings.require_isolation = false);
    assert_eq!(trusting.output("() => 1").await, json!(1));
    assert!(message.contains("functions.require_isolation"), "{message}");
}

#[tokio::test]
async fn a_guest_that_cannot_lock_itself_in_says_why() {
    let script = guest(r#"{"failed":"there is no /proc"}"#, "exit 1");
    let (kind, message) = Host::of_scripts(&script, |_| {}).failure("() => 1").await;
    assert_eq!(kind, FunctionErrorKind::Unavailable);
    let expected = "Gangway cannot start the process for functions: there is no /proc.";
    assert_eq!(message, expected);
}
