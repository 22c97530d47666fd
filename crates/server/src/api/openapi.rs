//! The OpenAPI 3.1 document of the management API. `docs/openapi.json` is its checked-in copy.

use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};

use super::{
    connected_users, connectors, credentials, events, integrations, new_credentials, projects,
    requests, signing_keys,
};

/// What every error answer looks like.
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// A sentence: what failed, whose fault it is, what to do.
    pub message: String,
    /// Stable, for programs.
    pub code: String,
    /// The HTTP status again.
    pub status: u16,
    /// More facts, such as the provider's own status and text.
    pub meta: Option<Value>,
}

/// The document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Gangway management API",
        description = "Set up projects and look at what is connected. Every call carries an API \
                       token: `Authorization: Bearer gw_…`, made with `gangway api-token create`.",
        contact(name = "Gangway"),
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    modifiers(&ApiTokenScheme),
    security(("api_token" = [])),
    paths(
        projects::create_project,
        projects::list_projects,
        projects::get_project,
        projects::update_project,
        projects::delete_project,
        signing_keys::list_signing_keys,
        signing_keys::create_signing_key,
        signing_keys::revoke_signing_key,
        connectors::list_connectors,
        integrations::list_integrations,
        integrations::create_integration,
        integrations::get_integration,
        integrations::update_integration,
        integrations::delete_integration,
        connected_users::list_connected_users,
        connected_users::create_connected_user,
        connected_users::get_connected_user,
        connected_users::update_connected_user,
        connected_users::delete_connected_user,
        credentials::list_credentials,
        credentials::get_credential,
        credentials::delete_credential,
        new_credentials::create_credential,
        requests::list_requests,
        requests::list_request_counts,
        events::list_events,
    )
)]
struct Document;

struct ApiTokenScheme;

impl Modify for ApiTokenScheme {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        openapi
            .components
            .get_or_insert_default()
            .add_security_scheme("api_token", SecurityScheme::Http(scheme));
    }
}

/// The document as it is checked in: pretty JSON with a final newline.
pub fn document() -> String {
    let json = Document::openapi().to_pretty_json().expect("the document is plain data");
    json + "\n"
}
