//! Microsoft Entra ID: sign-in, consent and tokens.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::World;

mod account;
mod admin_consent;
mod application_grant;
mod audience;
mod authorize;
mod authorize_request;
mod client;
mod code_grant;
mod consent_page;
mod discovery;
mod error;
mod logout;
mod ordered_error;
mod params;
mod refresh_grant;
mod refused;
mod reply;
mod scope;
mod scope_catalog;
pub mod settings;
pub mod state;
mod token;
mod token_answer;
pub mod tokens;

pub use settings::EntraSettings;
pub use state::EntraState;

/// The id of Azure DevOps as a resource; access tokens are issued for it.
pub const AZURE_DEVOPS: &str = "499b84ac-1321-427f-aa17-267ca6975798";
/// The same resource as an address.
pub const AZURE_DEVOPS_URI: &str = "https://app.vssps.visualstudio.com";

/// The largest form that is read.
const MAX_FORM_BYTES: usize = 64 * 1024;
/// What the second segment of every address of Entra ID is.
const SECOND_SEGMENTS: [&str; 4] = ["adminconsent", "discovery", "oauth2", "v2.0"];

/// Whether a path is Entra's, where one origin serves everything.
pub(crate) fn owns(path: &str) -> bool {
    path.split('/').nth(2).is_some_and(|second| SECOND_SEGMENTS.contains(&second))
}

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/common/discovery/instance", get(discovery::instance))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(discovery::configuration))
        .route("/{tenant}/discovery/v2.0/keys", get(discovery::keys))
        .route(
            "/{tenant}/oauth2/v2.0/authorize",
            get(authorize::show).post(authorize::answer_consent),
        )
        .route("/{tenant}/oauth2/v2.0/token", post(token::token).fallback(token::not_a_post))
        .route("/{tenant}/oauth2/v2.0/logout", get(logout::logout))
        .route("/{tenant}/v2.0/adminconsent", get(admin_consent::show).post(admin_consent::answer))
        .route("/{tenant}/adminconsent", get(admin_consent::show).post(admin_consent::answer))
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
}
