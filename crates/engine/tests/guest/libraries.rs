//! The libraries that come with functions.

use engine::guest::FunctionErrorKind;
use serde_json::json;

use crate::actors::Host;

#[tokio::test]
async fn a_module_imports_lodash_date_fns_and_uuid() {
    let host = Host::new();
    let source = r#"
        import _ from "lodash";
        import { chunk } from "lodash-es";
        import { addDays, format } from "date-fns";
        import { v4, v7, validate } from "uuid";
        export default (params) => ({
            sum: _.sumBy(params.items, "n"),
            chunks: chunk([1, 2, 3], 2),
            day: format(addDays(new Date(0), 30), "yyyy-MM-dd"),
            ids: [v4(), v7()].map(validate),
        });"#;
    let returned = host.calls(source, json!({ "items": [{ "n": 1 }, { "n": 2 }] })).await.unwrap();
    assert_eq!(
        returned.output,
        json!({
            "sum": 3, "chunks": [[1, 2], [3]], "day": "1970-01-31", "ids": [true, true],
        })
    );
}

#[tokio::test]
async fn the_classic_form_gets_them_by_every_usual_name() {
    let host = Host::new();
    let source = r#"function (parameters, libraries) {
        const { lodash, _, dateFns, uuid } = libraries;
        return [
            lodash === _, lodash === libraries["lodash-es"].default, _.camelCase("work item"),
            dateFns === libraries["date-fns"], dateFns.addDays(new Date(0), 1),
            uuid.validate(uuid.v4()),
        ];
    }"#;
    assert_eq!(
        host.output(source).await,
        json!([true, true, "workItem", true, "1970-01-02T00:00:00.000Z", true])
    );
}

#[tokio::test]
async fn a_library_can_be_imported_when_it_is_needed() {
    let host = Host::new();
    let source = "async () => (await import('lodash')).default.capitalize('ANN')";
    assert_eq!(host.output(source).await, json!("Ann"));
}

#[tokio::test]
async fn a_library_that_is_not_there_is_told_with_those_that_are() {
    let host = Host::new();
    let message = "ReferenceError: There is no library \"fs\". A function can import lodash, \
                   date-fns and uuid.";
    let source = "import fs from \"fs\";\nexport default () => 1";
    assert_eq!(host.failure(source).await, (FunctionErrorKind::Syntax, message.to_owned()));
    let source = "async () => (await import('fs'))";
    assert_eq!(host.failure(source).await, (FunctionErrorKind::Threw, message.to_owned()));
}

#[tokio::test]
async fn chance_differs_between_calls_and_comes_from_the_host() {
    let source = "() => [Math.random(), crypto.randomUUID(), \
                  [...crypto.getRandomValues(new Uint8Array(4))]]";
    let (host, twin) = (Host::new(), Host::new());
    let first = host.output(source).await;
    let second = host.output(source).await;
    assert_ne!(first, second);
    assert_eq!(twin.output(source).await, first);
    let number = first[0].as_f64().unwrap();
    assert!((0.0..1.0).contains(&number));
}
