use base::ProjectId;
use bytes::Bytes;
use connect::FileValue;
use connect::outbound::body;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use serde_json::{Value, json};

use crate::far_side::{Answer, FarSide};
use crate::stage::{FILE_BYTES_MAX, Stage, failure, on_each_engine, output, secret};

/// Bytes that are no text, different at every place.
fn bytes(length: u32) -> Vec<u8> {
    (0..length)
        .flat_map(|number| (number.wrapping_mul(2_654_435_761)).to_be_bytes())
        .take(length as usize)
        .collect()
}

async fn keeps(stage: &Stage, bytes: Vec<u8>) -> FileValue {
    let owner = (stage.execution.project_id, stage.execution.id);
    let kept = stage.world.connect.store_file(owner, ("a b.bin", "image/png"), body::full(bytes));
    kept.await.unwrap()
}

#[tokio::test]
async fn bytes_and_long_texts_of_an_answer_become_files_that_the_next_request_sends() {
    on_each_engine(async |stage| {
        let picture = bytes(700_000);
        let sent = picture.clone();
        let far_side = FarSide::start(move |seen| {
            Some(match seen.target.as_str() {
                "/picture" => Answer::new(200, "image/png", sent.clone())
                    .with("Content-Disposition", "attachment; filename=\"a b.png\""),
                "/long" => Answer::json(200, &format!("\"{}\"", "x".repeat(1024 * 1024))),
                _ => Answer::json(200, "{}"),
            })
        })
        .await;
        let read = output(stage.requests(json!({ "url": far_side.url("/picture") })).await);
        let file = &read["response"]["body"];
        assert_eq!((&file["name"], &file["mimeType"]), (&json!("a b.png"), &json!("image/png")));
        assert_eq!(file["size"], 700_000);
        let long = output(stage.requests(json!({ "url": far_side.url("/long") })).await);
        assert_eq!(long["response"]["body"]["size"], 1024 * 1024 + 2);
        let send = async |body: Value| {
            let step = json!({ "method": "POST", "url": far_side.url("/"), "body": body });
            output(stage.requests(step).await);
            far_side.seen().pop().unwrap()
        };
        let raw = send(json!({ "type": "raw", "content": file })).await;
        assert_eq!(raw.header("content-type"), Some("image/png"));
        assert!(raw.body == picture, "what was received is sent, byte for byte");
        let content = json!({ "file": file, "note": "x" });
        let form = send(json!({ "type": "multipart", "content": content })).await;
        let text = form.text();
        assert!(
            text.contains("name=\"file\"; filename=\"a b.png\"\r\nContent-Type: image/png\r\n")
        );
        assert!(form.body.windows(picture.len()).any(|part| part == picture));
    })
    .await;
}

#[tokio::test]
async fn a_file_is_found_by_its_project_and_by_who_has_seen_it_alone() {
    on_each_engine(async |stage| {
        let file = keeps(&stage, bytes(10)).await;
        let (connect, project) = (&stage.world.connect, stage.execution.project_id);
        assert_eq!(connect.read_small_file(project, &file).await.unwrap(), bytes(10));
        let stranger = ProjectId::new(&stage.world.clock, &stage.world.random);
        let guessed = FileValue { sha256: "0".repeat(64), ..file.clone() };
        for (project, value) in [(stranger, &file), (project, &guessed)] {
            let error = connect.read_small_file(project, value).await.expect_err("hidden");
            assert_eq!(error.code(), "file_not_found");
        }
        let step = json!({
            "method": "POST",
            "url": "http://127.0.0.1:1/",
            "body": { "type": "raw", "content": guessed },
        });
        let (error, is_passing) = failure(stage.requests(step).await);
        assert_eq!((error.code.as_str(), is_passing), ("file_not_found", false));
    })
    .await;
}

#[tokio::test]
async fn no_byte_of_a_file_lies_in_plain_in_the_store() {
    on_each_engine(async |stage| {
        let canary = b"canary-7f3a-of-the-files".repeat(20_000);
        let file = keeps(&stage, canary).await;
        let mut conn = stage.world.store.read().await.unwrap();
        let project = stage.execution.project_id;
        for number in 0..2 {
            let chunk = store::files::chunk(&mut conn, project, file.id, number).await.unwrap();
            let chunk = chunk.unwrap();
            assert!(!chunk.windows(6).any(|part| part == b"canary"), "chunk {number}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_kept_and_a_guest_gets_small_ones_only() {
    let stage = Stage::start().await;
    let connect = &stage.world.connect;
    let (project, execution) = (stage.execution.project_id, stage.execution.id);
    let large = keeps(&stage, vec![1; 1024 * 1024 + 1]).await;
    let error = connect.read_small_file(project, &large).await.expect_err("large");
    assert_eq!(error.code(), "file_too_large");
    let most = usize::try_from(FILE_BYTES_MAX).unwrap();
    keeps(&stage, vec![1; most]).await;
    let parts = [most, 1].map(|length| Ok(Frame::data(Bytes::from(vec![1; length]))));
    let streamed = StreamBody::new(futures_util::stream::iter(parts)).boxed_unsync();
    for too_large in [body::full(vec![1; most + 1]), streamed] {
        let error = connect.store_file((project, execution), ("a", "b"), too_large).await;
        assert_eq!(error.expect_err("too large").code(), "file_too_large");
    }
}

#[tokio::test]
async fn what_a_project_keeps_opens_after_its_data_key_was_replaced() {
    on_each_engine(async |stage| {
        let (connect, project_id) = (&stage.world.connect, stage.execution.project_id);
        let file = keeps(&stage, bytes(700_000)).await;
        let value = base::Secret::new("a value".to_owned());
        connect.set_environment_secret(project_id, "TOKEN", value).await.unwrap();
        let (_, reading) = connect.open_file(project_id, &file).await.unwrap();
        let rotation = connect.rotate_data_key(project_id).await.unwrap();
        assert!(rotation.resealed >= 4, "three chunks and a secret: {rotation:?}");
        assert_eq!((rotation.projects, rotation.waiting), (1, 0));
        // Also for whoever had begun before.
        assert!(reading.collect().await.unwrap().to_bytes() == bytes(700_000));
        let (_, again) = connect.open_file(project_id, &file).await.unwrap();
        assert!(again.collect().await.unwrap().to_bytes() == bytes(700_000));
        let far_side = FarSide::start(|_| Some(Answer::json(200, "{}"))).await;
        let headers = json!({ "x-token": secret("TOKEN") });
        output(stage.requests(json!({ "url": far_side.url("/"), "headers": headers })).await);
        assert_eq!(far_side.seen().pop().unwrap().header("x-token"), Some("a value"));
    })
    .await;
}
