//! What came back from a composed request, read within bounds.

use std::time::Duration;

use base::{Error, ErrorKind, ExecutionId, ProjectId, Result};
use http::Response;
use http::header::{CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use http_body_util::BodyExt as _;
use serde_json::{Map, Value};

use super::veil::Veil;
use crate::Connect;
use crate::files::FileValue;
use crate::outbound::fetch::BROKE_OFF;
use crate::outbound::{Body, budget, keep::Kept};

/// The largest JSON or text that stands in a value; more becomes a file.
pub const INLINE_BYTES_MAX: usize = 1024 * 1024;
/// How deep JSON may nest to stand in a value; deeper, it stays text.
const INLINE_DEPTH_MAX: usize = 100;

/// An answer, and what keeps secrets out of what is told of it.
pub struct Answered {
    pub(super) response: Response<Body>,
    pub(super) veil: Veil,
    /// Who answered, for sentences.
    pub(super) far_side: String,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// There is none.
    Nothing,
    /// JSON, as its type says.
    Json(Value),
    /// Text.
    Text(String),
    /// Other bytes, or more than [`INLINE_BYTES_MAX`].
    File(FileValue),
}

impl Answered {
    /// The status.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// The status with its name, and who answered, for sentences.
    pub fn who_and_what(&self) -> (&str, String) {
        (&self.far_side, self.response.status().to_string())
    }

    /// The headers by their lower-case names. Several values of one are joined by commas.
    pub fn headers(&self) -> Map<String, Value> {
        let headers = self.response.headers();
        let text = |name| {
            let values = headers.get_all(name).iter();
            let texts: Vec<_> =
                values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
            Value::String(texts.join(", "))
        };
        headers.keys().map(|name| (name.as_str().to_owned(), text(name))).collect()
    }

    /// What hides what was sent as a secret.
    pub fn veil(&self) -> &Veil {
        &self.veil
    }

    /// How long the far side asks to wait before the next call.
    pub fn retry_after(&self, connect: &Connect) -> Option<Duration> {
        let asked = self.response.headers().get(RETRY_AFTER)?.to_str().ok()?;
        budget::parse(asked.trim(), connect.0.clock.now())
    }

    /// The beginning of the body as text, telling no secret.
    pub async fn excerpt(mut self, bytes_max: usize) -> String {
        let mut read = Vec::new();
        // More than is told, so that a secret is not cut where it could not be recognised.
        while read.len() < 2 * bytes_max {
            match self.response.body_mut().frame().await {
                Some(Ok(frame)) => {
                    read.extend_from_slice(frame.data_ref().map_or(&[], |data| &data[..]));
                }
                // Broken off: what came is better than nothing.
                Some(Err(_)) | None => break,
            }
        }
        read.truncate(2 * bytes_max);
        // U+0000 cannot be stored everywhere.
        let text = String::from_utf8_lossy(&read).replace('\0', "\u{fffd}");
        let mut text = self.veil.hide(&text);
        text.truncate(text.floor_char_boundary(bytes_max));
        text
    }

    /// The body. What does not stand in a value becomes a file of the execution.
    ///
    /// # Errors
    /// When it breaks off, or is longer than a file may be.
    pub async fn read(self, connect: &Connect, owner: (ProjectId, ExecutionId)) -> Result<Content> {
        let (head, body) = self.response.into_parts();
        let header = |name| {
            let value = head.headers.get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let kind = header(CONTENT_TYPE).unwrap_or_default();
        let form = match head.headers.contains_key(CONTENT_ENCODING) {
            true => Form::Bytes,
            false => Form::of(&kind),
        };
        let bytes = match form {
            Form::Bytes => body,
            Form::Json | Form::Text => {
                let (clock, idle) = (&connect.0.clock, connect.0.network.limits.idle_timeout);
                let kept = Kept::read(body, INLINE_BYTES_MAX, clock, idle).await;
                match kept.map_err(|cause| broke_off(&self.far_side).with_source(cause))? {
                    Kept::Whole(bytes) => match form.content(&bytes) {
                        Some(content) => return Ok(content),
                        None => crate::outbound::body::full(bytes),
                    },
                    Kept::Streaming(body) => body,
                }
            }
        };
        let name = header(CONTENT_DISPOSITION).and_then(|text| file_name(&text));
        let name = name.unwrap_or_else(|| "response".to_owned());
        let kind = if kind.is_empty() { "application/octet-stream".to_owned() } else { kind };
        let file = connect.store_file(owner, (&name, &kind), bytes).await?;
        Ok(if file.size == 0 { Content::Nothing } else { Content::File(file) })
    }
}

fn broke_off(far_side: &str) -> Error {
    let message = format!("{far_side} broke off its answer. Try again in a moment.");
    Error::new(ErrorKind::Provider, BROKE_OFF, message)
}

/// How a body is read.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Json,
    Text,
    Bytes,
}

impl Form {
    /// By the type that the answer says it has. One that says none is text if it can be.
    fn of(kind: &str) -> Self {
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_text = kind.is_empty()
            || kind.starts_with("text/")
            || kind.ends_with("xml")
            || kind.ends_with("yaml")
            || kind.ends_with("javascript")
            || kind == "application/x-www-form-urlencoded";
        if kind.ends_with("/json") || kind.ends_with("+json") {
            Self::Json
        } else if is_text {
            Self::Text
        } else {
            Self::Bytes
        }
    }

    /// The content that bytes are, if they can stand in a value.
    fn content(self, bytes: &[u8]) -> Option<Content> {
        if bytes.is_empty() {
            return Some(Content::Nothing);
        }
        if self == Self::Json
            && let Ok(value) = serde_json::from_slice(bytes)
            && is_shallow(&value, INLINE_DEPTH_MAX)
        {
            return Some(Content::Json(value));
        }
        std::str::from_utf8(bytes).ok().map(|text| Content::Text(text.to_owned()))
    }
}

fn is_shallow(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(items) => depth > 0 && items.iter().all(|item| is_shallow(item, depth - 1)),
        Value::Object(fields) => {
            depth > 0 && fields.values().all(|field| is_shallow(field, depth - 1))
        }
        _ => true,
    }
}

/// The name in a `content-disposition` (RFC 6266), without any path before it.
fn file_name(disposition: &str) -> Option<String> {
    let parameter = |wanted: &str| {
        disposition.split(';').skip(1).find_map(|part| {
            let (name, value) = part.split_once('=')?;
            let value = value.trim().trim_matches('"');
            (name.trim().eq_ignore_ascii_case(wanted) && !value.is_empty()).then_some(value)
        })
    };
    let extended = parameter("filename*").and_then(|value| {
        let encoded = value.rsplit_once('\'')?.1;
        percent_encoding::percent_decode_str(encoded).decode_utf8().ok()
    });
    let name = extended.map(std::borrow::Cow::into_owned);
    let name = name.or_else(|| parameter("filename").map(str::to_owned))?;
    let name = name.rsplit(['/', '\\']).next()?.replace(|c: char| c.is_control(), "");
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_is_read_as_that_text_as_text_and_what_is_neither_not_at_all() {
        let json = Form::of("application/json; charset=utf-8");
        assert_eq!(
            json.content(b"[9007199254740993]"),
            Some(Content::Json(json!([9007199254740993_i64])))
        );
        assert_eq!(json.content(b"[1"), Some(Content::Text("[1".to_owned())));
        assert_eq!(json.content(b""), Some(Content::Nothing));
        assert_eq!(Form::of("application/problem+json"), Form::Json);
        assert_eq!(Form::of("").content(b"a"), Some(Content::Text("a".to_owned())));
        assert_eq!(Form::of("text/csv").content(&[255]), None);
        assert_eq!(Form::of("application/pdf"), Form::Bytes);
    }

    #[test]
    fn json_that_nests_too_deep_for_a_journal_stays_text() {
        let deep = format!("{}{}", "[".repeat(101), "]".repeat(101));
        assert_eq!(Form::Json.content(deep.as_bytes()), Some(Content::Text(deep.clone())));
        let fits = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert!(matches!(Form::Json.content(fits.as_bytes()), Some(Content::Json(_))));
    }

    #[test]
    fn a_files_name_is_the_last_part_of_what_the_answer_says() {
        let name = |text| file_name(text);
        assert_eq!(name("attachment; filename=\"a b.pdf\""), Some("a b.pdf".to_owned()));
        assert_eq!(
            name("attachment; filename=x; filename*=UTF-8''%C3%A4.txt"),
            Some("ä.txt".to_owned())
        );
        assert_eq!(name("attachment; filename=../../etc/passwd"), Some("passwd".to_owned()));
        assert_eq!(name("inline"), None);
    }
}
