//! The forms in which functions are written, and what a look at a source finds.

use engine::guest::{FunctionErrorKind, Problem};
use serde_json::json;

use crate::actors::Host;

#[tokio::test]
async fn a_module_exports_an_async_function_that_gets_the_parameters() {
    let host = Host::new();
    let source = "export default async function (params) {
        const doubled = await Promise.resolve(params.number * 2);
        return { doubled, text: params.text.toUpperCase() };
    }";
    let returned = host.calls(source, json!({ "number": 21, "text": "straße" })).await.unwrap();
    assert_eq!(returned.output, json!({ "doubled": 42, "text": "STRASSE" }));
}

#[tokio::test]
async fn the_classic_form_is_a_function_of_parameters_and_libraries() {
    let host = Host::new();
    for source in [
        "function(parameters, libraries) { return parameters.n + 1; }",
        "// adds one\nasync function (parameters, libraries) { return parameters.n + 1 } // done",
        "(parameters) => parameters.n + 1",
        "async ({ n }) => { return n + 1 };\n",
        "function add(parameters) { return parameters.n + 1 }",
    ] {
        let returned = host.calls(source, json!({ "n": 1 })).await.expect(source);
        assert_eq!(returned.output, json!(2), "{source}");
    }
}

#[tokio::test]
async fn the_classic_form_may_be_as_careless_as_old_scripts_are() {
    let host = Host::new();
    assert_eq!(host.output("function () { total = 010; return total }").await, json!(8));
}

#[tokio::test]
async fn a_module_may_have_functions_and_constants_beside_the_one_it_exports() {
    let host = Host::new();
    let source = "function add(a, b) { return a + b }\n\
                  const ONE = await Promise.resolve(1);\n\
                  export default (params) => add(params.n, ONE);";
    assert_eq!(host.calls(source, json!({ "n": 1 })).await.unwrap().output, json!(2));
}

#[tokio::test]
async fn a_source_without_a_function_is_told_how_to_write_one() {
    let host = Host::new();
    let (kind, message) = host.failure("export const x = 1").await;
    assert_eq!(kind, FunctionErrorKind::NotAFunction);
    assert_eq!(
        message,
        "The source has no default export. Write `export default async function (params) { … }` \
         or `function (parameters, libraries) { … }`."
    );
    let (kind, message) = host.failure("({ a: 1 })").await;
    assert_eq!(kind, FunctionErrorKind::NotAFunction);
    assert!(message.starts_with("The source is no function but object."), "{message}");
}

#[tokio::test]
async fn a_look_at_a_source_finds_the_place_of_its_first_mistake() {
    let host = Host::new();
    let look = async |source: &str| host.pool.check(host.project_id, source.into()).await.unwrap();
    let problem = |message: &str, line, column| {
        Some(Problem { message: message.to_owned(), line: Some(line), column: Some(column) })
    };
    assert_eq!(look("export default async function (params) { return params }").await, None);
    assert_eq!(look("function (parameters, libraries) { return 1 }").await, None);
    assert_eq!(
        look("export default function () {\n  return 1 +;\n}").await,
        problem("SyntaxError: unexpected token in expression: ';'", 2, 13)
    );
    assert_eq!(
        look("function () { return 1 + ; }").await,
        problem("SyntaxError: unexpected token in expression: ';'", 1, 26)
    );
    assert_eq!(
        look("import { x } from \"express\";\nexport default () => x").await.unwrap().message,
        "ReferenceError: There is no library \"express\". A function can import lodash, date-fns \
         and uuid."
    );
    assert!(look("import { nosuch } from \"uuid\";\nexport default () => 1").await.is_some());
    assert!(look("export default () => 1; undefinedName();").await.is_some());
    assert!(look("").await.is_some());
    assert!(look("function () { return '\0' }").await.is_some());
}

#[tokio::test]
async fn a_look_at_a_source_does_not_call_the_function() {
    let host = Host::new();
    let source = "export default () => { for (;;) {} }";
    assert_eq!(host.pool.check(host.project_id, source.into()).await.unwrap(), None);
}
