//! The front page.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::page::{Page, escape, render};
use crate::app::App;

/// Says what answers here.
pub async fn show(State(app): State<App>) -> Response {
    let version = escape(env!("CARGO_PKG_VERSION"));
    let body = format!(
        "<p>This is Gangway {version}: it connects the accounts of your users in other products to \
         yours.</p><p>Your pages talk to it through the SDK, your servers through its API. \
         <a href=\"/healthz\">Is it alive?</a> <a href=\"/readyz\">Is it ready?</a></p>"
    );
    let page = Page { title: "Gangway is running", body, script: None, status: StatusCode::OK };
    render(app.random(), page)
}
