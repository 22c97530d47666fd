//! What comes out of a call: values, errors and where they were thrown.

use engine::guest::FunctionErrorKind;
use serde_json::json;

use crate::actors::Host;

#[tokio::test]
async fn values_go_in_and_out_as_json() {
    let host = Host::new();
    let all = json!({
        "text": "ä\u{0}\u{2028}😀", "null": null, "yes": true, "list": [1, -2.5, []],
        "largest": 9_007_199_254_740_991_i64, "__proto__": { "a": 1 },
    });
    let returned = host.calls("export default (params) => params", all.clone()).await.unwrap();
    assert_eq!(returned.output, all);
}

#[tokio::test]
async fn a_whole_number_above_2_to_the_53_is_rounded_as_javascript_does() {
    let host = Host::new();
    let number = json!(9_007_199_254_740_993_i64);
    let returned = host.calls("export default (n) => n", number).await.unwrap();
    assert_eq!(returned.output, json!(9_007_199_254_740_992_i64));
}

#[tokio::test]
async fn nothing_returned_is_null_and_a_date_is_text() {
    let host = Host::new();
    assert_eq!(host.output("() => {}").await, json!(null));
    assert_eq!(host.output("async () => undefined").await, json!(null));
    assert_eq!(host.output("() => Symbol('x')").await, json!(null));
    assert_eq!(host.output("() => new Date(0)").await, json!("1970-01-01T00:00:00.000Z"));
    assert_eq!(host.output("() => new Date(2026, 0, 1).getTimezoneOffset()").await, json!(0));
}

#[tokio::test]
async fn a_thrown_error_comes_with_its_name_and_the_lines_of_the_source() {
    let host = Host::new();
    let source = "export default async function run(params) {\n  return inner(params);\n}\n\
                  function inner(params) {\n  return params.missing.field;\n}";
    let error = host.calls(source, json!({})).await.unwrap_err();
    assert_eq!(error.kind, FunctionErrorKind::Threw);
    assert_eq!(error.message, "TypeError: cannot read property 'field' of undefined");
    assert_eq!(
        error.stack.unwrap(),
        "    at inner (function.js:5:10)\n    at run (function.js:2:16)"
    );
}

#[tokio::test]
async fn a_rejection_and_a_thrown_value_that_is_no_error_are_told_too() {
    let host = Host::new();
    let threw = |message: &str| (FunctionErrorKind::Threw, message.to_owned());
    assert_eq!(host.failure("() => Promise.reject(new Error('no'))").await, threw("Error: no"));
    assert_eq!(host.failure("() => { throw 'no' }").await, threw("The function threw \"no\"."));
    assert_eq!(
        host.failure("async () => { throw { code: 7 } }").await,
        threw("The function threw {\"code\":7}.")
    );
}

#[tokio::test]
async fn a_promise_that_nothing_settles_is_an_error_at_once() {
    let host = Host::new();
    let (kind, message) = host.failure("() => new Promise(() => {})").await;
    assert_eq!(kind, FunctionErrorKind::NeverSettled);
    assert!(message.contains("There are no timers"), "{message}");
}

#[tokio::test]
async fn an_output_without_a_json_form_is_an_error() {
    let host = Host::new();
    for source in [
        "() => 1n",
        "() => { const a = {}; a.a = a; return a }",
        "() => ({ toJSON() { throw new Error('no') } })",
        "() => { let a = []; for (let i = 0; i < 500; i++) a = [a]; return a }",
        "() => '\\ud800'",
    ] {
        let (kind, message) = host.failure(source).await;
        assert_eq!(kind, FunctionErrorKind::OutputInvalid, "{source}: {message}");
    }
}

#[tokio::test]
async fn what_is_larger_than_its_limit_is_refused_and_the_limit_named() {
    let host = Host::with(|settings| {
        settings.limits.source_bytes_max = 100;
        settings.limits.parameters_bytes_max = 100;
        settings.limits.output_bytes_max = 100;
    });
    let error = host.calls(&"a".repeat(101), json!({})).await.unwrap_err();
    assert_eq!(error.kind, FunctionErrorKind::InputTooLarge);
    assert_eq!(error.message, "The source of a function may have 100 bytes; here are 101.");
    let error = host.calls("(p) => p", json!("a".repeat(99))).await.unwrap_err();
    assert_eq!(error.message, "The parameters of a function may have 100 bytes; here are 101.");
    assert_eq!(
        host.failure("() => 'a'.repeat(99)").await,
        (
            FunctionErrorKind::OutputTooLarge,
            "The output is 101 bytes of JSON; a function may return 100.".to_owned()
        )
    );
    assert_eq!(host.output("() => 'a'.repeat(98)").await, json!("a".repeat(98)));
}

#[tokio::test]
async fn the_largest_parameters_output_and_log_pass_together() {
    let host = Host::new();
    let text = "\u{1}".repeat(170_000);
    let source = "(text) => { console.log(text); console.log(text + text); return text }";
    let returned = host.calls(source, json!(text)).await.unwrap();
    assert_eq!(returned.output, json!(text));
    assert_eq!(returned.log.len(), 2);
}
