//! Sending the person back to the client with an answer.

use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::entra::error::{EntraError, Trace};
use crate::entra::params::Params;
use crate::html::{escape, page};

/// How the answer travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    /// In the query of the address.
    Query,
    /// Behind its `#`.
    Fragment,
    /// As a form that the browser posts.
    FormPost,
}

/// What posts the form; the page's policy allows this very text and no other.
const SUBMIT: &str = "document.forms[0].submit()";

impl ResponseMode {
    pub(crate) fn parse(text: Option<&str>) -> Result<Self, EntraError> {
        match text {
            None | Some("query") => Ok(Self::Query),
            Some("fragment") => Ok(Self::Fragment),
            Some("form_post") => Ok(Self::FormPost),
            Some(other) => {
                let text = format!("'{other}' is not a supported response_mode.");
                Err(EntraError::new("invalid_request", 700_052, text))
            }
        }
    }
}

/// Where the client waits for its answer.
#[derive(Clone, Debug)]
pub(crate) struct ReplyTo {
    pub(crate) redirect_uri: String,
    pub(crate) mode: ResponseMode,
    pub(crate) state: Option<String>,
}

impl ReplyTo {
    /// Sends the answer, the client's state with it.
    pub(crate) fn send(&self, mut answer: Params) -> Response {
        if let Some(state) = &self.state {
            answer = answer.with("state", state);
        }
        let mark = match self.mode {
            ResponseMode::Query if self.redirect_uri.contains('?') => '&',
            ResponseMode::Query => '?',
            ResponseMode::Fragment => '#',
            ResponseMode::FormPost => return self.form(&answer),
        };
        redirect(&format!("{}{mark}{}", self.redirect_uri, answer.encode()))
    }

    /// Sends a failure.
    pub(crate) fn send_error(&self, error: &EntraError, trace: &Trace) -> Response {
        let mut answer = Params::default()
            .with("error", error.error)
            .with("error_description", &error.description(trace))
            .with("error_uri", &error.uri());
        if let Some(suberror) = error.suberror {
            answer = answer.with("error_subcode", suberror);
        }
        self.send(answer)
    }

    fn form(&self, answer: &Params) -> Response {
        let body = format!(
            "<form method=\"post\" action=\"{}\">{}<p>You are being sent back.</p>\
             <button>Continue</button></form><script>{SUBMIT}</script>",
            escape(&self.redirect_uri),
            hidden_inputs(answer)
        );
        let mut response = page(StatusCode::OK, "Working...", &body);
        let hash = STANDARD.encode(Sha256::digest(SUBMIT));
        let policy = format!(
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; base-uri \
             'none'; frame-ancestors 'none'"
        );
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

/// Sends the browser to an address with a GET.
pub(crate) fn redirect(address: &str) -> Response {
    let headers = [
        (header::LOCATION, address),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (StatusCode::FOUND, headers).into_response()
}

/// Parameters as fields that a form sends along.
pub(crate) fn hidden_inputs(params: &Params) -> String {
    let inputs = params.iter().map(|(name, value)| {
        format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value))
    });
    inputs.collect()
}
