//! The first page of the connect pop-up: it marks this browser as the one that connects.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use base::{Error, Result};
use http::StatusCode;
use http::header::{HeaderValue, SET_COOKIE};
use serde::Deserialize;
use serde_json::json;

use super::page::{Page, escape, render, script_value};
use crate::app::App;
use crate::auth::end_user::authenticate;
use crate::failure::status_of;
use crate::projects::require_active;
use crate::sdk::oauth::require_origin;

/// The cookie that marks the browser.
pub const COOKIE: &str = "gangway_connect";

/// Who connects what for which page: by a user token, as the vendor's SDK sends it, or by a
/// one-time ticket.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NonceQuery {
    integration_id: Option<String>,
    origin_for_post_message: Option<String>,
    user_token: Option<String>,
    ticket: Option<String>,
}

/// Sets the cookie and tells the opener that it may send the pop-up on.
pub async fn show(
    State(app): State<App>,
    Path(project_id): Path<String>,
    Query(query): Query<NonceQuery>,
) -> Response {
    match issue(&app, &project_id, &query).await {
        Ok((nonce, origin)) => loaded(&app, &nonce, &origin),
        Err(error) => refused(&app, &error),
    }
}

/// Says why connecting does not begin.
pub fn refused(app: &App, error: &Error) -> Response {
    let body = format!("<p class=\"bad\" role=\"alert\">{}</p>", escape(error.message()));
    let status = status_of(error);
    render(app.random(), Page { title: "This cannot be connected", body, script: None, status })
}

/// The cookie's value and the opener's origin.
async fn issue(app: &App, project_id: &str, query: &NonceQuery) -> Result<(String, String)> {
    if let Some(ticket) = &query.ticket {
        return app.connect().redeem_ticket(ticket).await;
    }
    let missing = |what: &str| Error::invalid("invalid_query", format!("\"{what}\" is missing."));
    let token = query.user_token.as_deref().ok_or_else(|| missing("userToken"))?;
    let integration_id = query.integration_id.as_deref().ok_or_else(|| missing("integrationId"))?;
    let origin =
        query.origin_for_post_message.as_deref().ok_or_else(|| missing("originForPostMessage"))?;
    let user = authenticate(app, project_id, token).await?;
    let integration = user.project.integration(integration_id.parse()?)?;
    require_active(integration)?;
    require_origin(app, &user.project, origin)?;
    let nonce = app.connect().issue_nonce(integration, user.id(), origin).await?;
    Ok((nonce, origin.to_owned()))
}

fn loaded(app: &App, nonce: &str, origin: &str) -> Response {
    let script = format!(
        "if (window.opener) window.opener.postMessage({}, {});",
        json!({ "type": "oauth-nonce-loaded" }),
        script_value(&json!(origin))
    );
    let body = "<p class=\"soft\" role=\"status\">One moment, the sign-in page comes next.</p>";
    let page = Page {
        title: "Connecting",
        body: body.to_owned(),
        script: Some(script),
        status: StatusCode::OK,
    };
    let mut response = render(app.random(), page);
    mark(app, &mut response, nonce);
    response
}

/// Sets the cookie that marks this browser.
pub fn mark(app: &App, response: &mut Response, nonce: &str) {
    let secure = if app.public_url().starts_with("https://") { "; Secure" } else { "" };
    let age_secs = app.connect().nonce_lifetime().as_secs();
    let cookie = format!(
        "{COOKIE}={nonce}; Path=/oauth; Max-Age={age_secs}; HttpOnly; SameSite=Lax{secure}"
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
}
