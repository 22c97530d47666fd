//! Files attached to work items: taken and sent in a stream, kept on disk.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use uuid::{Builder, Uuid};

use super::call::{Answer, Answered, Call};
use super::files::Files;
use super::problem::Problem;
use super::serve::{organization_of, with_organization};
use super::state::Attachment;
use crate::World;

/// The largest file that is taken.
pub const MAX_ATTACHMENT_BYTES: u64 = 60 * 1024 * 1024;
/// How much of a file is in memory at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// `POST …/_apis/wit/attachments?fileName=`: the whole file, or with `uploadType=chunked` the
/// announcement of one.
pub async fn upload(world: &World, call: &Call<'_>, body: Body) -> Answered {
    check_content_type(call)?;
    check_project(world, call)?;
    let id = Builder::from_random_bytes(call.random.bytes()).into_uuid();
    let file_name = call.query.get("fileName").unwrap_or("attachment").to_owned();
    let chunked =
        call.query.get("uploadType").is_some_and(|one| one.eq_ignore_ascii_case("chunked"));
    let files = files(world);
    let (file, partial) = files.begin().map_err(|error| Problem::broken(&error))?;
    let size = receive(body, File::from_std(file), 0).await?;
    let path = files.path(id).map_err(|error| Problem::broken(&error))?;
    partial.persist(path).map_err(|error| Problem::broken(&error.error))?;
    let (size, expected) = if chunked { (0, Some(MAX_ATTACHMENT_BYTES)) } else { (size, None) };
    with_organization(world, call, |organization| {
        let created = call.now;
        let attachment = Attachment { file_name: file_name.clone(), size, expected, created };
        organization.attachments.insert(id, attachment);
        Ok(())
    })?;
    Ok(reference(call, id, &file_name, StatusCode::CREATED))
}

/// `PUT …/_apis/wit/attachments/{id}` with `Content-Range: bytes 0-99/500`: the next piece.
pub async fn append(world: &World, call: &Call<'_>, body: Body) -> Answered {
    check_content_type(call)?;
    let id = id(call)?;
    let (start, end, total) = content_range(call)?;
    let (file_name, size) = read(world, call, id, |one| (one.file_name.clone(), one.size))?;
    let files = files(world);
    let path = files.path(id).map_err(|error| Problem::broken(&error))?;
    if start != size || end < start || total > MAX_ATTACHMENT_BYTES || end >= total {
        return Err(Problem::tracking(
            "AttachmentChunkException",
            format!("The next chunk has to start at byte {size} and to stay below {total} bytes."),
        ));
    }
    let file = OpenOptions::new().append(true).open(&path).await;
    let file = file.map_err(|error| Problem::broken(&error))?;
    let size = receive(body, file, size).await?;
    with_organization(world, call, |organization| {
        let attachment = organization.attachments.get_mut(&id).ok_or_else(|| missing(id))?;
        attachment.size = size;
        attachment.expected = (size < total).then_some(total);
        Ok(())
    })?;
    Ok(reference(call, id, &file_name, StatusCode::CREATED))
}

/// `GET …/_apis/wit/attachments/{id}?fileName=&download=true`.
pub async fn download(world: &World, call: &Call<'_>) -> Result<Response, Problem> {
    check_project(world, call)?;
    let id = id(call)?;
    let (stored_name, size, unfinished) =
        read(world, call, id, |one| (one.file_name.clone(), one.size, one.expected.is_some()))?;
    if unfinished {
        return Err(missing(id));
    }
    let path = files(world).path(id).map_err(|error| Problem::broken(&error))?;
    let file = File::open(path).await.map_err(|error| Problem::broken(&error))?;
    let mut response = Body::new(StreamBody::new(pieces(file))).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    let octets = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, octets);
    let name =
        utf8_percent_encode(call.query.get("fileName").unwrap_or(&stored_name), NON_ALPHANUMERIC);
    let how = if call.query.is_true("download") { "attachment" } else { "inline" };
    if let Ok(value) = HeaderValue::try_from(format!("{how}; filename*=UTF-8''{name}")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// The file in pieces, each read when the one before has gone.
fn pieces(file: File) -> impl futures_util::Stream<Item = Result<Frame<Bytes>, io::Error>> + Send {
    futures_util::stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE_BYTES];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok((read > 0).then(|| (Frame::data(Bytes::from(piece)), file)))
    })
}

/// Writes a body behind the bytes that are there, and gives the size of the file.
async fn receive(mut body: Body, mut file: File, mut size: u64) -> Result<u64, Problem> {
    while let Some(frame) = body.frame().await {
        let frame = frame
            .map_err(|error| Problem::invalid(format!("The body could not be read: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        size += u64::try_from(data.len()).unwrap_or(u64::MAX);
        if size > MAX_ATTACHMENT_BYTES {
            return Err(Problem::tracking(
                "AttachmentSizeExceededException",
                "TF237082: The file you are trying to upload exceeds the supported file upload size.",
            ));
        }
        file.write_all(&data).await.map_err(|error| Problem::broken(&error))?;
    }
    file.flush().await.map_err(|error| Problem::broken(&error))?;
    Ok(size)
}

fn files(world: &World) -> Arc<Files> {
    Arc::clone(&world.devops.read().files)
}

fn read<T>(
    world: &World,
    call: &Call<'_>,
    id: Uuid,
    look: impl FnOnce(&Attachment) -> T,
) -> Result<T, Problem> {
    let devops = world.devops.read();
    let organization = organization_of(call, &devops.organizations)?;
    organization.attachments.get(&id).map(look).ok_or_else(|| missing(id))
}

fn check_project(world: &World, call: &Call<'_>) -> Result<(), Problem> {
    let devops = world.devops.read();
    call.project_if_named(organization_of(call, &devops.organizations)?)?;
    Ok(())
}

/// A file is octets, whatever is in it.
fn check_content_type(call: &Call<'_>) -> Result<(), Problem> {
    let content_type = call.content_type();
    if content_type == "application/octet-stream" {
        return Ok(());
    }
    Err(Problem::request(
        "VssRequestContentTypeNotSupportedException",
        format!(
            "The request indicated a Content-Type of \"{content_type}\" for method type \"{}\" which is not supported. Valid content types for this method are: application/octet-stream.",
            call.method
        ),
    ))
}

fn id(call: &Call<'_>) -> Result<Uuid, Problem> {
    let text = call.path.get("id").unwrap_or_default();
    Uuid::try_parse(text)
        .map_err(|_| Problem::invalid(format!("'{text}' is not the id of an attachment.")))
}

fn missing(id: Uuid) -> Problem {
    Problem::tracking(
        "AttachmentNotFoundException",
        format!("VS403333: The attachment {id} does not exist, or you may not read it."),
    )
    .with_status(StatusCode::NOT_FOUND)
}

/// `bytes 0-99/500` as first, last and total.
fn content_range(call: &Call<'_>) -> Result<(u64, u64, u64), Problem> {
    let header = call.headers.get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let parts = header.and_then(|text| {
        let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
        let (start, end) = range.split_once('-')?;
        Some((start.parse().ok()?, end.parse().ok()?, total.parse().ok()?))
    });
    parts.ok_or_else(|| {
        Problem::invalid("A chunk needs a header such as Content-Range: bytes 0-99/500.")
    })
}

fn reference(call: &Call<'_>, id: Uuid, file_name: &str, status: StatusCode) -> Answer {
    let name = utf8_percent_encode(file_name, NON_ALPHANUMERIC);
    let url = format!("{}/_apis/wit/attachments/{id}?fileName={name}", call.base());
    Answer { status, ..Answer::one(json!({ "id": id, "url": url })) }
}
