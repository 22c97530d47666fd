//! The frame of a page: one look, one set of security headers.

use axum::response::{Html, IntoResponse, Response};
use base::Random;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY};
use http::{HeaderName, StatusCode};
use serde_json::Value;

const STYLE: &str = include_str!("page.css");

/// A page to show.
pub struct Page<'a> {
    /// The heading, also the window's title.
    pub title: &'a str,
    /// HTML below the heading. Text from outside goes through [`escape`].
    pub body: String,
    /// A script to run, if any. Values from outside go through [`script_value`].
    pub script: Option<String>,
    /// The status of the answer.
    pub status: StatusCode,
}

/// Renders a page that runs only its own script, loads nothing, is framed by nobody, is not kept
/// and tells nobody where it was.
pub fn render(random: &Random, page: Page<'_>) -> Response {
    let nonce = random.token();
    let title = escape(page.title);
    let script = page
        .script
        .map(|script| format!("<script nonce=\"{nonce}\">{script}</script>"))
        .unwrap_or_default();
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style nonce=\"{nonce}\">{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{}</main>{script}</body></html>\n",
        page.body
    );
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    let mut response = (page.status, Html(html)).into_response();
    let headers = response.headers_mut();
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Text for HTML, in an element or in an attribute with double quotes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A value for a script: JSON in which nothing ends the script element.
pub fn script_value(value: &Value) -> String {
    value
        .to_string()
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_leave_its_script() {
        let value = script_value(&Value::String("</script><script>alert(1)//".into()));
        assert!(!value.contains('<'), "{value}");
    }

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escape("<a href=\"x\">'&"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
    }
}
