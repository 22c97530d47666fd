//! An answer, read whole.

use axum::response::Response;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;

#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("the body arrives").to_bytes().to_vec();
        Self { status: parts.status, headers: parts.headers, body }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// The answer's JSON, which must be a success.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.text());
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// Status, code and sentence of a refusal: "404 project_not_found: There is …".
    #[track_caller]
    pub fn refusal(&self) -> String {
        assert!(!self.status.is_success(), "{} {}", self.status, self.text());
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16(), "the envelope repeats the status");
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        format!("{} {}: {}", self.status.as_u16(), text("code"), text("message"))
    }

    /// Status and code of a refusal: "404 project_not_found".
    #[track_caller]
    pub fn refused(&self) -> String {
        self.refusal().split(':').next().unwrap_or_default().to_owned()
    }
}
