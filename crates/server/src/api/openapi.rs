//! The OpenAPI 3.1 document of the management API. `docs/openapi.json` is its checked-in copy.

use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};

use super::{
    actions, app_events, connected_users, connectors, credentials, environment_secrets,
    event_deliveries, event_destinations, events, executions, integrations, live, new_credentials,
    portal, projects, requests, setup_links, signing_keys, user_workflows, workflow_tests,
    workflow_versions, workflows,
};
use crate::task_history;

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
        portal::get_portal,
        portal::set_portal,
        setup_links::create_setup_link,
        setup_links::list_setup_links,
        setup_links::revoke_setup_link,
        signing_keys::list_signing_keys,
        signing_keys::create_signing_key,
        signing_keys::revoke_signing_key,
        environment_secrets::list_environment_secrets,
        environment_secrets::set_environment_secret,
        environment_secrets::delete_environment_secret,
        connectors::list_connectors,
        actions::list_actions,
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
        executions::list_executions,
        executions::get_execution,
        executions::cancel_execution,
        executions::replay_execution,
        workflows::list_workflows,
        workflows::create_workflow,
        workflows::get_workflow,
        workflows::update_workflow,
        workflows::delete_workflow,
        workflows::validate_workflow,
        workflow_versions::deploy_workflow,
        workflow_tests::test_workflow,
        workflow_versions::undeploy_workflow,
        workflow_versions::list_workflow_versions,
        workflow_versions::get_workflow_version,
        workflow_versions::restore_workflow_version,
        user_workflows::list_user_workflows,
        user_workflows::update_user_workflow,
        event_destinations::list_event_destinations,
        event_destinations::create_event_destination,
        event_destinations::get_event_destination,
        event_destinations::update_event_destination,
        event_destinations::delete_event_destination,
        event_destinations::renew_event_destination_secret,
        event_deliveries::test_event_destination,
        event_deliveries::list_event_deliveries,
        event_deliveries::get_event_delivery,
        event_deliveries::retry_event_delivery,
        live::watch_execution,
        live::watch_executions,
        task_history::list::list_workflow_executions,
        task_history::detail::get_workflow_execution,
        task_history::detail::get_step_execution,
        task_history::detail::replay_workflow_execution,
        app_events::send_app_event,
        app_events::send_request,
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
