//! Files: uploaded whole or in chunks, attached, downloaded.

use base::{Clock, Random, Timestamp};
use http::{Method, StatusCode};
use sandbox::Options;
use serde_json::json;

use crate::app::{Answer, App, START_SECS};

const OCTETS: &str = "application/octet-stream";

async fn upload(app: &App, query: &str, content_type: &str, body: Vec<u8>) -> Answer {
    let target = format!("/acme/_apis/wit/attachments?{query}&api-version=7.1");
    app.call(Method::POST, target).pat("ann", "acme").body(content_type, body).send().await
}

fn path_of(url: &serde_json::Value) -> String {
    let url: url::Url = url.as_str().expect("an address").parse().expect("an address");
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

#[tokio::test]
async fn a_file_comes_back_as_it_went() {
    let app = App::start().await;
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|index| (index % 251) as u8).collect();
    let answer = upload(&app, "fileName=Spec 1.bin", OCTETS, bytes.clone()).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let target = path_of(&answer.json()["url"]);
    assert!(target.ends_with("?fileName=Spec%201%2Ebin"), "{target}");
    let back = app.get(format!("{target}&download=true")).pat("ann", "acme").send().await;
    assert_eq!(back.status, StatusCode::OK);
    assert_eq!(back.header("content-type"), OCTETS);
    assert_eq!(back.header("content-length"), bytes.len().to_string());
    assert_eq!(back.header("content-disposition"), "attachment; filename*=UTF-8''Spec%201%2Ebin");
    assert!(back.body == bytes, "the bytes are the same");
}

#[tokio::test]
async fn an_uploaded_file_is_attached_to_an_item_by_its_address() {
    let app = App::start().await;
    let uploaded = upload(&app, "fileName=Spec.txt", OCTETS, b"hello".to_vec()).await.json();
    let task = app.task("With a file").await;
    let value = json!({ "rel": "AttachedFile", "url": uploaded["url"], "attributes": { "comment": "the spec" } });
    let steps = json!([{ "op": "add", "path": "/relations/-", "value": value }]);
    let path = format!("/_apis/wit/workitems/{task}");
    let item = app.ann_patches(Method::PATCH, &path, steps).await.ok();
    assert_eq!(item["rev"], 2);
    let attributes = &item["relations"][0]["attributes"];
    assert_eq!(attributes["name"], "Spec.txt");
    assert_eq!(attributes["resourceSize"], 5);
    assert_eq!(attributes["comment"], "the spec");
}

#[tokio::test]
async fn only_octets_are_taken() {
    let app = App::start().await;
    let answer = upload(&app, "fileName=a.png", "image/png", vec![1]).await;
    assert_eq!(
        answer.refusal(),
        "400 VssRequestContentTypeNotSupportedException: The request indicated a Content-Type of \
         \"image/png\" for method type \"POST\" which is not supported. Valid content types for \
         this method are: application/octet-stream."
    );
}

#[tokio::test]
async fn sixty_megabytes_are_taken_and_no_more() {
    let app = App::start().await;
    let most = sandbox::devops::attachments::MAX_ATTACHMENT_BYTES as usize;
    let answer = upload(&app, "fileName=large", OCTETS, vec![7; most]).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let back = app.get(path_of(&answer.json()["url"])).pat("ann", "acme").send().await;
    assert_eq!(back.body.len(), most);
    let answer = upload(&app, "fileName=larger", OCTETS, vec![7; most + 1]).await;
    assert_eq!(
        answer.refusal(),
        "400 AttachmentSizeExceededException: TF237082: The file you are trying to upload exceeds \
         the supported file upload size."
    );
}

#[tokio::test]
async fn a_file_may_come_in_chunks() {
    let app = App::start().await;
    let announced = upload(&app, "fileName=a.bin&uploadType=chunked", OCTETS, Vec::new()).await;
    let target = path_of(&announced.json()["url"]);
    let chunk = |range: &'static str, bytes: &'static [u8]| {
        let call = app.call(Method::PUT, format!("{target}&api-version=7.1"));
        call.pat("ann", "acme").header("content-range", range).body(OCTETS, bytes).send()
    };
    assert_eq!(chunk("bytes 0-3/6", b"abcd").await.status, StatusCode::CREATED);
    let unfinished = app.get(target.clone()).pat("ann", "acme").send().await;
    assert_eq!(unfinished.status, StatusCode::NOT_FOUND);
    assert_eq!(chunk("bytes 0-1/6", b"ef").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(chunk("some", b"ef").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(chunk("bytes 4-5/6", b"ef").await.status, StatusCode::CREATED);
    let back = app.get(target.clone()).pat("ann", "acme").send().await;
    assert_eq!(back.text(), "abcdef");
}

#[tokio::test]
async fn a_file_that_does_not_exist_is_404() {
    let app = App::start().await;
    let path = "/_apis/wit/attachments/6b2266bf-a155-4582-a475-ca4da68193ef";
    assert_eq!(app.ann_gets(path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.ann_gets("/_apis/wit/attachments/x").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn items_and_files_outlive_the_process_when_there_is_a_data_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options {
        data_file: Some(folder.path().join("sandbox.json")),
        ..Options::in_memory(Clock::test(Timestamp::from_secs(START_SECS)), Random::seeded(7))
    };
    let app = App::with(options.clone()).await;
    let task = app.task("Kept").await;
    let uploaded = upload(&app, "fileName=kept.txt", OCTETS, b"still here".to_vec()).await.json();
    app.stop().await;

    let app = App::with(options).await;
    let item = app.ann_gets(&format!("/_apis/wit/workitems/{task}")).await.ok();
    assert_eq!(item["fields"]["System.Title"], "Kept");
    let back = app.get(path_of(&uploaded["url"])).pat("ann", "acme").send().await;
    assert_eq!(back.text(), "still here");
}
