//! Who may read what is counted.

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::app::App;
use crate::auth::bearer;
use crate::failure::Failure;

/// The operator's monitoring, by the token of the settings. Without one in the settings, nobody.
pub struct Monitoring;

impl FromRequestParts<App> for Monitoring {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let token = bearer::token(&parts.headers)?;
        let expected = app.config().metrics.token_hash.as_deref();
        if expected.is_some_and(|hash| connect::same_text(hash, &connect::hash_token(&token))) {
            return Ok(Self);
        }
        let message =
            "The token is not that of metrics.token in Gangway's settings, or there is none.";
        Err(bearer::unauthenticated("metrics_token_unknown", message).into())
    }
}
