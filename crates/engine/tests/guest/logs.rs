//! What a function writes to the console.

use engine::guest::{FunctionErrorKind, Level, LogLine};
use serde_json::json;

use crate::actors::Host;

#[tokio::test]
async fn the_console_writes_values_as_people_read_them() {
    let host = Host::new();
    let source = "() => {
        console.log('plain', 1, { a: [true, null] }, undefined, 12n);
        console.info([1, 'two']);
        console.warn(new TypeError('careful').message);
        console.error(() => 1);
        console.debug();
    }";
    let log = host.calls(source, json!({})).await.unwrap().log;
    let line = |level, text: &str| LogLine { level, text: text.to_owned() };
    assert_eq!(
        log,
        [
            line(Level::Info, r#"plain 1 {"a":[true,null]} undefined 12n"#),
            line(Level::Info, r#"[1,"two"]"#),
            line(Level::Warn, "careful"),
            line(Level::Error, "[function]"),
            line(Level::Debug, ""),
        ]
    );
}

#[tokio::test]
async fn an_error_in_the_console_shows_its_stack() {
    let host = Host::new();
    let source = "function run() {\n  console.error(new Error('no'));\n}";
    let log = host.calls(source, json!({})).await.unwrap().log;
    assert_eq!(log[0].text, "Error: no\n    at run (function.js:2:21)");
}

#[tokio::test]
async fn what_was_written_before_an_error_is_kept() {
    let host = Host::new();
    let source = "() => { console.log('before'); throw new Error('no') }";
    let error = host.calls(source, json!({})).await.unwrap_err();
    assert_eq!(error.kind, FunctionErrorKind::Threw);
    assert_eq!(error.log[0].text, "before");
}

#[tokio::test]
async fn a_log_above_its_limit_is_cut_and_says_so_and_the_call_succeeds() {
    let host = Host::new();
    let source =
        "() => { for (let i = 0; i < 100000; i++) console.log('x'.repeat(1000)); return 7 }";
    let returned = host.calls(source, json!({})).await.unwrap();
    assert_eq!(returned.output, json!(7));
    assert!(returned.log_truncated);
    let bytes: usize = returned.log.iter().map(|line| line.text.len()).sum();
    assert!((900_000..1_048_576).contains(&bytes), "{bytes}");
    let last = returned.log.last().unwrap();
    assert_eq!(last.text, "The rest is left out: a log holds 1048576 bytes.");
}

#[tokio::test]
async fn a_value_that_cannot_be_shown_does_not_fail_the_call() {
    let host = Host::new();
    let source = "() => {
        const circle = {}; circle.circle = circle;
        console.log(circle, Symbol('s'), '\\ud800', { toJSON() { throw 1 } });
        return 7;
    }";
    let returned = host.calls(source, json!({})).await.unwrap();
    assert_eq!(returned.output, json!(7));
    assert_eq!(returned.log.len(), 1);
}
