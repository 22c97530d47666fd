//! What goes wrong at Entra ID, in the form it tells it: an OAuth error, a number and a sentence.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::json;
use uuid::{Builder, Uuid};

use crate::World;
use crate::entra::params::Params;

/// What a client must pass on at the next sign-in to satisfy the policy that stopped it.
const POLICY_CLAIMS: &str = r#"{"access_token":{"capolids":{"essential":true,"values":["5a4db0c5-0000-4000-8000-0000000000ca"]}}}"#;

/// One failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntraError {
    /// The OAuth error: "invalid_grant".
    pub(crate) error: &'static str,
    /// The service's own number, told as `AADSTSnnnnn`.
    pub(crate) code: u32,
    /// The sentence.
    pub(crate) text: String,
    /// What kind of it, where the service says so.
    pub(crate) suberror: Option<&'static str>,
}

impl EntraError {
    pub(crate) fn new(error: &'static str, code: u32, text: impl Into<String>) -> Self {
        Self { error, code, text: text.into(), suberror: None }
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        let text = format!("The request body must contain the following parameter: '{parameter}'.");
        Self::new("invalid_request", 900_144, text)
    }

    pub(crate) fn no_consent(client_id: &str, app_name: &str) -> Self {
        let text = format!(
            "The user or administrator has not consented to use the application with ID \
             '{client_id}' named '{app_name}'. Send an interactive authorization request for this \
             user and resource."
        );
        let suberror = Some("consent_required");
        Self { suberror, ..Self::new("invalid_grant", 65_001, text) }
    }

    pub(crate) fn consent_declined() -> Self {
        let text = "User declined to consent to access the app.";
        Self { suberror: Some("cancel"), ..Self::new("access_denied", 65_004, text) }
    }

    /// The sentence with number and trace, as `error_description` carries it.
    pub(crate) fn description(&self, trace: &Trace) -> String {
        format!(
            "AADSTS{}: {} Trace ID: {} Correlation ID: {} Timestamp: {}",
            self.code, self.text, trace.trace_id, trace.correlation_id, trace.timestamp
        )
    }

    /// The answer of the token endpoint.
    pub(crate) fn into_answer(self, trace: &Trace) -> Response {
        let status = match self.error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        };
        let mut body = json!({
            "error": self.error,
            "error_description": self.description(trace),
            "error_codes": [self.code],
            "timestamp": trace.timestamp,
            "trace_id": trace.trace_id,
            "correlation_id": trace.correlation_id,
            "error_uri": self.uri(),
        });
        if let Some(suberror) = self.suberror {
            body["suberror"] = suberror.into();
        }
        if self.error == "interaction_required" {
            body["claims"] = POLICY_CLAIMS.into();
        }
        (status, NO_STORE, Json(body)).into_response()
    }

    /// Where the service explains the number.
    pub(crate) fn uri(&self) -> String {
        format!("https://login.microsoftonline.com/error?code={}", self.code)
    }
}

/// Answers with tokens in them, or why there are none, are never cached.
pub(crate) const NO_STORE: [(header::HeaderName, &str); 2] =
    [(header::CACHE_CONTROL, "no-store, no-cache"), (header::PRAGMA, "no-cache")];

/// The ids by which support would find this request.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    pub(crate) trace_id: Uuid,
    pub(crate) correlation_id: Uuid,
    /// `2019-10-31 12:37:32Z`
    pub(crate) timestamp: String,
}

impl Trace {
    /// The correlation id is the client's own if it sent one.
    pub(crate) fn new(world: &World, headers: &HeaderMap, query: &Params) -> Self {
        let random = || Builder::from_random_bytes(world.random.bytes()).into_uuid();
        let header = headers.get("client-request-id").and_then(|value| value.to_str().ok());
        let sent = header.or_else(|| query.get("client-request-id"));
        let now = world.clock.now().to_rfc3339();
        Self {
            trace_id: random(),
            correlation_id: sent.and_then(|id| Uuid::try_parse(id).ok()).unwrap_or_else(random),
            timestamp: format!("{} {}Z", &now[..10], &now[11..19]),
        }
    }
}
