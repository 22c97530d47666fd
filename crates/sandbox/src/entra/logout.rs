//! `logout`: the browser forgets who was signed in.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::StatusCode;

use crate::World;
use crate::entra::account::{forget, sign_in_page};
use crate::entra::params::Params;
use crate::entra::reply::redirect;

/// Goes on to the address the client named, if an application is registered with it.
pub(crate) async fn logout(State(world): State<Arc<World>>, RawQuery(query): RawQuery) -> Response {
    let params = Params::parse(&query.unwrap_or_default());
    let known = params
        .get("post_logout_redirect_uri")
        .filter(|address| world.directory.applications.iter().any(|app| app.redirects_to(address)));
    let response = match (known, params.get("state")) {
        (Some(address), Some(state)) => {
            redirect(&format!("{address}?{}", Params::default().with("state", state).encode()))
        }
        (Some(address), None) => redirect(address),
        (None, _) => {
            let body = "<p class=\"badge\">Sandbox of Microsoft sign-in</p>\
                        <h1>You signed out of your account</h1>\
                        <p>It’s a good idea to close all browser windows.</p>";
            sign_in_page(&world, StatusCode::OK, "Sign out", body)
        }
    };
    forget(response)
}
