//! The Connect Portal: the page in the SDK's frame, and the same page behind a Setup Link.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::response::{Html, IntoResponse as _, Response};
use base::Error;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use rust_embed::RustEmbed;

use crate::app::App;
use crate::failure::Answer;
use crate::origin;

/// The built portal; `npm run build` makes it.
#[derive(RustEmbed)]
#[folder = "../../packages/portal/dist"]
#[include = "portal.*"]
#[allow_missing = true]
struct PortalFiles;

/// The page in the SDK's frame. Pages of every project's allowed origins may frame it; it shows
/// nothing before one of its own project has spoken to it.
pub async fn frame(State(app): State<App>) -> Answer<Response> {
    let lists = store::projects::list_allowed_origins(&mut *app.store().read().await?).await?;
    let ancestors: BTreeSet<String> =
        lists.into_iter().flatten().filter(|origin| is_source(origin)).collect();
    let ancestors: Vec<String> = ancestors.into_iter().collect();
    let ancestors = if ancestors.is_empty() { "'none'".to_owned() } else { ancestors.join(" ") };
    page(&app, "frame", &ancestors)
}

/// The page behind a Setup Link, framed by nobody.
pub async fn setup(State(app): State<App>) -> Answer<Response> {
    page(&app, "setup", "'none'")
}

/// The portal's script.
pub async fn script() -> Answer {
    file("portal.js", "text/javascript; charset=utf-8")
}

/// The portal's style.
pub async fn style() -> Answer {
    file("portal.css", "text/css; charset=utf-8")
}

fn file(name: &str, content_type: &'static str) -> Answer {
    let file = PortalFiles::get(name).ok_or_else(|| {
        Error::not_found(
            "portal_not_built",
            "This Gangway was built without its portal: run `npm run build`, then build again.",
        )
    })?;
    let headers = [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "public, max-age=300")];
    Ok((headers, file.data.into_owned()).into_response())
}

/// Whether a policy can name it: it knows no IPv6 addresses. `:*` for any port is a policy's own word.
fn is_source(entry: &str) -> bool {
    let origin = entry.strip_suffix(":*").unwrap_or(entry);
    origin::is_plain(origin) && !origin.contains('[')
}

/// No `Cross-Origin-Opener-Policy` and no `X-Frame-Options`: the frame opens the pop-up and hears it.
fn page(app: &App, entry: &str, ancestors: &str) -> Answer<Response> {
    let nonce = app.random().token();
    let html = format!(
        "<!doctype html>\n<html lang=\"en\" data-entry=\"{entry}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Connect</title>\
         <link rel=\"icon\" href=\"data:,\">\
         <link rel=\"stylesheet\" nonce=\"{nonce}\" href=\"/ui/portal.css\"></head>\
         <body><div id=\"portal\"></div>\
         <script nonce=\"{nonce}\" src=\"/ui/portal.js\"></script></body></html>\n"
    );
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; \
         connect-src 'self'; img-src 'self' data: https:; form-action 'none'; base-uri 'none'; \
         frame-ancestors {ancestors}"
    );
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Without its policy the page is not shown.
    let policy = HeaderValue::from_str(&policy).map_err(Error::internal)?;
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}
