//! Bodies stream: their size does not show in the process.

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use http::{Request, header};
use http_body_util::BodyExt as _;

use crate::gangway::Gangway;

const CHUNK_BYTES: usize = 64 * 1024;
/// 60 MB in chunks: the largest attachment of Azure DevOps.
const CHUNKS: usize = 960;
const GROWTH_KIB_MAX: u64 = 10 * 1024;

fn attachment() -> Body {
    let chunks = (0..CHUNKS).map(|n| {
        let byte = u8::try_from(n % 251).unwrap();
        Ok::<_, std::io::Error>(Bytes::from(vec![byte; CHUNK_BYTES]))
    });
    Body::from_stream(stream::iter(chunks))
}

/// Sends the attachment up and reads it back; answers the most memory seen on the way.
async fn up_and_down(gangway: &Gangway, base: &str, token: &str) -> u64 {
    let authorization = format!("Bearer {token}");
    let upload =
        Request::post(format!("{base}/_apis/wit/attachments?fileName=a.bin&api-version=7.1"))
            .header(header::AUTHORIZATION, &authorization)
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(attachment());
    let made = gangway.json(upload.unwrap()).await;
    let mut most = gangway.resident_kib();
    let id = made["id"].as_str().unwrap();
    let download = Request::get(format!("{base}/_apis/wit/attachments/{id}?api-version=7.1"))
        .header(header::AUTHORIZATION, &authorization)
        .body(Body::empty());
    let mut body = gangway.send(download.unwrap()).await.into_body();
    let (mut bytes, mut frames) = (0, 0);
    while let Some(frame) = body.frame().await {
        bytes += frame.unwrap().into_data().map_or(0, |data| data.len());
        frames += 1;
        if frames % 50 == 0 {
            most = most.max(gangway.resident_kib());
        }
    }
    assert_eq!(bytes, CHUNKS * CHUNK_BYTES);
    most
}

#[tokio::test]
async fn an_attachment_of_60_mb_grows_the_process_by_less_than_10() {
    let gangway = Gangway::start().await;
    let (base, token) = gangway.connects().await;
    up_and_down(&gangway, &base, &token).await;
    let before = gangway.resident_kib();
    let most = up_and_down(&gangway, &base, &token).await;
    assert!(most < before + GROWTH_KIB_MAX, "{before} KiB before, {most} KiB at most");
}
