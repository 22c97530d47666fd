//! Calls of providers that say that there is something to read.

use axum::extract::{Path, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::triggers::Called;
use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};

use crate::app::App;
use crate::failure::Answer;

/// `POST /triggers/hooks/{hook_id}`: answers at once. The body is not looked at: the reader asks the
/// provider itself. 410 makes the provider stop calling.
pub async fn receive(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer<StatusCode> {
    let Ok(id) = id.parse() else { return Ok(StatusCode::GONE) };
    let called = app.triggers().called(id, password(&headers).as_deref()).await;
    Ok(match called? {
        Called::Woken => StatusCode::OK,
        Called::Unproven => StatusCode::UNAUTHORIZED,
        Called::Gone => StatusCode::GONE,
    })
}

fn password(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    let text = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(encoded.trim()))?;
    let text = String::from_utf8(text.ok()?).ok()?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}
