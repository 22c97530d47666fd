//! What both streams share: waiting, the form of an event, and how an answer streams.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use base::{Error, ErrorKind, Result, Timestamp};
use engine::runner::{Topic, Watch};
use futures_util::stream::{Stream, StreamExt as _};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::app::App;

/// How often a stream looks for what other processes wrote.
pub const LOOK_PAUSE: Duration = Duration::from_millis(500);
/// How long a stream may be silent before it says that it is alive.
const SILENCE_MAX: Duration = Duration::from_secs(15);
/// How long a stream lives; its reader comes back with the id of the last event.
const LIFETIME: Duration = Duration::from_secs(3_600);

/// The stand of one stream.
pub struct Line {
    pub app: App,
    watch: Watch,
    until: Timestamp,
    spoken_at: Timestamp,
}

impl Line {
    /// Begins a stream, if there are not too many.
    pub fn open(app: &App, topic: Topic) -> Result<Self> {
        let watch = app.runner().watch(topic).ok_or_else(|| {
            let message = "Too many live views are open here; close one, or try again later.";
            Error::new(ErrorKind::Unavailable, "too_many_streams", message)
                .with_meta(serde_json::json!({ "retryAfterSeconds": 10 }))
        })?;
        let now = app.clock().now();
        Ok(Self { app: app.clone(), watch, until: now + LIFETIME, spoken_at: now })
    }

    /// Waits until there may be something new. False when the stream has to end.
    pub async fn wait(&self) -> bool {
        let clock = self.app.clock();
        tokio::select! {
            () = self.watch.told() => {}
            () = clock.sleep_until(clock.now() + LOOK_PAUSE) => {}
            () = self.app.streams_ended() => return false,
        }
        clock.now() < self.until
    }

    /// What is sent: the events, or else a sign of life when it is time for one.
    pub fn speak(&mut self, events: String) -> Option<String> {
        let now = self.app.clock().now();
        if events.is_empty() && now.since(self.spoken_at) < SILENCE_MAX {
            return None;
        }
        self.spoken_at = now;
        Some(if events.is_empty() { ": alive\n\n".to_owned() } else { events })
    }
}

/// Adds an event whose data is JSON on one line.
pub fn add(events: &mut String, id: Option<i64>, name: &str, json: &str) {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    let written = write!(events, "{id}event: {name}\ndata: {json}\n\n");
    written.expect("a string takes all that is written");
}

/// The id of the last event that the reader has seen.
pub fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let read = value.to_str().ok().and_then(|text| text.parse().ok());
    let wrong = || Error::invalid("invalid_event_id", "Pass the id of an event as it came.");
    read.map(Some).ok_or_else(wrong)
}

/// An answer that streams events.
pub fn answer(events: impl Stream<Item = String> + Send + 'static) -> Response {
    let chunks = events.map(|text| Ok::<_, Infallible>(Bytes::from(text)));
    let mut response = Response::new(Body::from_stream(chunks));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Reverse proxies that gather answers leave this one alone.
    let name = HeaderName::from_static("x-accel-buffering");
    headers.insert(name, HeaderValue::from_static("no"));
    response
}
