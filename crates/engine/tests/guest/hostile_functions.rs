//! Functions that mean harm: each is an error of its own step, and the next call is well.

use std::time::Duration;

use engine::guest::FunctionErrorKind;
use serde_json::json;

use crate::actors::Host;

/// A host whose functions have 200 ms.
fn impatient() -> Host {
    Host::with(|settings| settings.limits.cpu_time_max = Duration::from_millis(200))
}

/// The function fails in this way, and a neighbour does not notice.
async fn fails(host: &Host, source: &str, expected: FunctionErrorKind) -> String {
    let neighbour = "() => 'well'";
    let (failure, before) = tokio::join!(host.failure(source), host.output(neighbour));
    let (kind, message) = failure;
    assert_eq!(kind, expected, "{source}: {message}");
    assert_eq!((before, host.output(neighbour).await), (json!("well"), json!("well")));
    message
}

#[tokio::test]
async fn an_endless_loop_ends_with_its_time() {
    let host = impatient();
    for source in [
        "() => { for (;;) {} }",
        "async () => { for (;;) await null }",
        "() => { for (;;) { try { for (;;) {} } catch {} finally { continue } } }",
        "() => { const again = () => Promise.resolve().then(again); return again() }",
        "() => /(a+)+$/.test('a'.repeat(100) + 'b')",
        "() => ({ toJSON() { for (;;) {} } })",
        "() => { console.log({ toJSON() { for (;;) {} } }); return 1 }",
        "() => { throw { toJSON() { for (;;) {} } } }",
        "() => ({ get then() { for (;;) {} } })",
        "for (;;) {} export default () => 1",
        "export default await (async () => { for (;;) await null })()",
        "() => new Promise(() => {}).finally(0, eval('for (;;) {}'))",
    ] {
        let message = fails(&host, source, FunctionErrorKind::TimedOut).await;
        assert_eq!(message, "The function used more than its 0.2 s of processor time.");
    }
}

#[tokio::test]
async fn a_loop_that_the_interpreter_cannot_stop_ends_with_its_guest() {
    let host = impatient();
    let source = "() => Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)";
    host.output("() => 'started'").await;
    let call = host.calls(source, json!({}));
    tokio::pin!(call);
    let error = loop {
        tokio::select! {
            biased;
            ended = &mut call => break ended.unwrap_err(),
            () = tokio::task::yield_now() => host.clock.advance(Duration::from_secs(1)),
        }
    };
    assert_eq!(error.kind, FunctionErrorKind::TimedOut, "{}", error.message);
    assert_eq!(error.message, "The function did not end within 30 s.");
    assert_eq!(host.output("() => 'well'").await, json!("well"));
}

#[tokio::test]
async fn a_memory_bomb_ends_at_its_limit() {
    let host = Host::new();
    for source in [
        "() => { const all = []; for (;;) all.push(new Array(1000).fill(7)) }",
        "() => new ArrayBuffer(1 << 30)",
        "() => { const all = []; for (;;) { try { all.push(new Uint8Array(1 << 20)) } catch { \
         all.push({}) } } }",
        "async () => { const all = []; for (;;) { all.push(new Map([[all, all]])); await 0 } }",
        "() => { const all = {}; for (let i = 0; ; i++) all['key' + i] = i }",
    ] {
        fails(&host, source, FunctionErrorKind::OutOfMemory).await;
    }
}

#[tokio::test]
async fn deep_recursion_is_an_error_that_the_function_can_catch() {
    let host = Host::new();
    let message = "RangeError: Maximum call stack size exceeded";
    for source in [
        "function f() { return f() }",
        "() => { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return JSON.stringify(a) }",
        "() => JSON.parse('['.repeat(1e6))",
        "() => eval('('.repeat(1e6))",
        "() => { const f = () => [1].map(f); f() }",
    ] {
        let (kind, told) = host.failure(source).await;
        assert_eq!(kind, FunctionErrorKind::Threw, "{source}: {told}");
    }
    let source = "() => { const f = () => f(); try { f() } catch (error) { return `${error}` } }";
    assert_eq!(host.output(source).await, json!(message));
    let source = "(n) => { const down = (n) => n ? down(n - 1) + 1 : 0; return down(n) }";
    assert_eq!(host.calls(source, json!(5000)).await.unwrap().output, json!(5000));
}

#[tokio::test]
async fn huge_output_is_refused_and_huge_console_text_is_cut() {
    let host = Host::new();
    let too_large = FunctionErrorKind::OutputTooLarge;
    fails(&host, "() => 'x'.repeat(1e7)", too_large).await;
    fails(&host, "() => Array(1e6).fill('x')", too_large).await;
    let source = "() => { console.log('x'.repeat(5e7)); return 1 }";
    assert!(host.calls(source, json!({})).await.unwrap().log_truncated);
    let source = "() => { throw new Error('x'.repeat(1e7)) }";
    let message = fails(&host, source, FunctionErrorKind::Threw).await;
    assert!(message.len() < 10_000);
}

#[tokio::test]
async fn there_is_nothing_of_the_machine_to_reach_for() {
    let host = Host::new();
    let source = "() => ['process', 'require', 'fetch', 'XMLHttpRequest', 'WebSocket', 'Deno', \
                  'Bun', 'std', 'os', 'bjson', 'scriptArgs', 'print', 'load', 'Worker', \
                  'setTimeout', 'setInterval', 'navigator'] \
                  .filter((name) => name in globalThis)";
    assert_eq!(host.output(source).await, json!([]));
    for module in ["fs", "node:fs", "std", "os", "/etc/passwd", "./function.js", "http://x/y.js"] {
        let source = format!("async () => await import('{module}')");
        let (kind, message) = host.failure(&source).await;
        assert_eq!(kind, FunctionErrorKind::Threw);
        assert!(message.contains("There is no library"), "{message}");
    }
}

#[tokio::test]
async fn tricks_with_prototypes_end_with_the_call() {
    let host = Host::new();
    let source = "() => {
        Object.prototype.polluted = 'yes';
        Object.prototype.toJSON = function () { return 'forged' };
        Array.prototype.map = () => 'broken';
        JSON.stringify = () => '\"forged\"';
        Promise.prototype.then = () => { throw new Error('broken') };
        String.prototype.toString = () => 'broken';
        globalThis.console.log = null;
        Math.random = () => 4;
        globalThis.kept = 'kept';
        return { a: 1 };
    }";
    assert_eq!(host.output(source).await, json!("forged"));
    let source = "async () => [typeof kept, ({}).polluted === undefined, [1].map((n) => n + 1), \
                  await Promise.resolve(1), JSON.stringify({}), Math.random() < 1, `${'x'}`]";
    assert_eq!(host.output(source).await, json!(["undefined", true, [2], 1, "{}", true, "x"]));
}

#[tokio::test]
async fn the_parts_of_the_host_that_a_function_can_touch_do_not_break() {
    let host = Host::new();
    for source in [
        "(p, libraries) => { libraries.constructor.constructor('return this')(); return 1 }",
        "() => { console.log.call(null, ...Array(1e4)); return 1 }",
        "() => { try { crypto.getRandomValues({ length: -1 }) } catch { return 1 } }",
        "() => { try { crypto.getRandomValues(new Uint8Array(70000)) } catch { return 1 } }",
        "() => { const a = new Uint8Array(8); structuredClone: a.buffer.transfer(); \
         try { crypto.getRandomValues(a) } catch {} return 1 }",
        "() => { Object.freeze(Math); delete globalThis.JSON; return 1 }",
        "() => { new console.log; }",
        "() => { throw new Proxy(new Error('x'), { get() { throw 1 } }) }",
        "() => { const e = new Error('x'); Object.defineProperty(e, 'stack', \
         { get() { throw 1 } }); throw e }",
        "() => { Error.prepareStackTrace = () => { throw 1 }; null.x }",
        "() => { throw null }",
        "() => { throw Symbol('x') }",
        "() => Promise.reject()",
        "() => { let text = 'x'; for (;;) text += text + Math.random() }",
        "() => new SharedArrayBuffer(1 << 30)",
        "() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
    ] {
        // Whatever it is, it is the function's own result or error.
        if let Err(error) = host.calls(source, json!({})).await {
            assert_ne!(error.kind, FunctionErrorKind::Crashed, "{source}: {}", error.message);
        }
    }
}
