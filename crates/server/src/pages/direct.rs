//! The connect pop-up of the vendor's SDKs up to 2.1.1: it opens here, with the user token in the
//! address, and is sent to the provider at once.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use base::{Error, Result};
use http::header::{CACHE_CONTROL, HeaderValue, REFERRER_POLICY};
use serde::Deserialize;

use super::nonce::{mark, refused};
use crate::app::App;
use crate::auth::end_user::authenticate;
use crate::sdk::oauth::{BuildQuery, asked_integration, begin};

/// What the newer SDKs send in a header.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenQuery {
    user_token: Option<String>,
}

/// Marks the browser as the one that connects, begins an attempt and leads to the provider.
pub async fn show(
    State(app): State<App>,
    Path(project_id): Path<String>,
    Query(token): Query<TokenQuery>,
    Query(query): Query<BuildQuery>,
) -> Response {
    match prepare(&app, &project_id, token, query).await {
        Ok((nonce, address)) => {
            let mut response = Redirect::to(&address).into_response();
            let headers = response.headers_mut();
            // This page's own address holds the user token.
            headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            mark(&app, &mut response, &nonce);
            response
        }
        Err(error) => refused(&app, &error),
    }
}

/// The cookie's value and the provider's address.
async fn prepare(
    app: &App,
    project_id: &str,
    token: TokenQuery,
    query: BuildQuery,
) -> Result<(String, String)> {
    let token = token
        .user_token
        .ok_or_else(|| Error::invalid("invalid_query", "\"userToken\" is missing."))?;
    let user = authenticate(app, project_id, &token).await?;
    let origin = query.origin().to_owned();
    let integration = asked_integration(&user.project, &query)?.clone();
    let address = begin(app, &user, query).await?;
    let nonce = app.connect().issue_nonce(&integration, user.id(), &origin).await?;
    Ok((nonce, address))
}
