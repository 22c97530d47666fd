//! Every route in one table, grouped by who calls it.

mod operations;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, delete, get, patch, post, put};
use base::{Error, ErrorKind};
use http::Uri;

use crate::api::{
    actions, app_events, connected_users, connectors, credentials, environment_secrets, events,
    executions, integrations, new_credentials, projects, requests, signing_keys, user_workflows,
    workflow_tests, workflow_versions, workflows,
};
use crate::app::App;
use crate::failure::Failure;
use crate::{health, http as edge, pages, sdk, triggers};

/// Who may call a route, and how they prove it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Anybody: the answer says nothing that is not public.
    Public,
    /// A browser on its way through the connect pop-up; what it may do hangs on one-time values.
    Browser,
    /// An end user, by a user token.
    EndUser,
    /// The host developer's programs, by an API token.
    Manager,
    /// The operator's monitoring, by the token of the settings.
    Operator,
}

/// One row of the table.
pub struct Route {
    /// Who may call it.
    pub owner: Owner,
    /// Its path pattern.
    pub path: &'static str,
    handlers: MethodRouter<App>,
    /// Whether bodies stream, so that a call may take long.
    streams: bool,
}

fn route(owner: Owner, path: &'static str, handlers: MethodRouter<App>) -> Route {
    Route { owner, path, handlers, streams: false }
}

fn proxy(path: &'static str) -> Route {
    Route { streams: true, ..route(Owner::EndUser, path, any(sdk::proxy::call)) }
}

/// The table. There is no other way to add a route, so each has an owner.
pub fn table() -> Vec<Route> {
    [
        public(),
        browser(),
        end_user(),
        manager(),
        manager_of_users(),
        manager_of_workflows(),
        manager_of_executions(),
        operations::routes(),
        starts(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn public() -> Vec<Route> {
    use Owner::Public;
    vec![
        route(Public, "/", get(pages::home::show)),
        route(Public, "/healthz", get(health::alive)),
        route(Public, "/readyz", get(health::ready)),
        route(Public, "/sdk.js", get(pages::assets::sdk_script)),
        route(Public, "/ui/scripts/sdk.js", get(pages::assets::sdk_script)),
        route(Public, "/ui", get(pages::portal::frame)),
        route(Public, "/ui/portal.js", get(pages::portal::script)),
        route(Public, "/ui/portal.css", get(pages::portal::style)),
        route(Public, "/setup", get(pages::portal::setup)),
        route(Public, "/integrations/{file}", get(pages::assets::integration_file)),
    ]
}

fn browser() -> Vec<Route> {
    use Owner::Browser;
    vec![
        route(Browser, "/projects/{project_id}/sdk/actions/oauth-nonce", get(pages::nonce::show)),
        route(Browser, "/projects/{project_id}/sdk/actions/build-oauth", get(pages::direct::show)),
        route(Browser, "/oauth", get(pages::callback::finish)),
        route(Browser, "/oauth/account", post(pages::callback::choose)),
    ]
}

fn end_user() -> Vec<Route> {
    use Owner::EndUser;
    vec![
        route(EndUser, "/projects/{project_id}/sdk/me", get(sdk::me::show).patch(sdk::me::update)),
        route(EndUser, "/sdk/projects/{project_id}", get(sdk::me::project)),
        route(EndUser, "/projects/{project_id}/sdk/portal", get(sdk::portal::show)),
        route(EndUser, "/projects/{project_id}/sdk/metadata", get(sdk::integrations::metadata)),
        route(EndUser, "/projects/{project_id}/sdk/integrations", get(sdk::integrations::list)),
        route(
            EndUser,
            "/projects/{project_id}/sdk/integrations/{integration_id}",
            delete(sdk::credentials::uninstall),
        ),
        route(
            EndUser,
            "/v2/projects/{project_id}/sdk/actions/oauth-nonce",
            post(sdk::oauth::issue_ticket),
        ),
        route(EndUser, "/v2/projects/{project_id}/sdk/actions/build-oauth", get(sdk::oauth::build)),
        route(
            EndUser,
            "/projects/{project_id}/sdk/actions/session-id/{key}",
            get(sdk::oauth::session).delete(sdk::oauth::end_session),
        ),
        route(EndUser, "/projects/{project_id}/sdk/actions", post(sdk::actions::ask)),
        route(
            EndUser,
            "/projects/{project_id}/sdk/credentials",
            get(sdk::credentials::list).post(sdk::credentials::create),
        ),
        route(
            EndUser,
            "/projects/{project_id}/sdk/credentials/{credential_id}",
            get(sdk::credentials::show).patch(sdk::credentials::update),
        ),
        route(
            EndUser,
            "/projects/{project_id}/sdk/credentials/{credential_id}/complete-setup",
            post(sdk::credentials::complete_setup),
        ),
        route(
            EndUser,
            "/projects/{project_id}/sdk/credentials/{credential_id}/configurations",
            post(sdk::configurations::create)
                .patch(sdk::configurations::update)
                .delete(sdk::configurations::destroy),
        ),
        route(
            EndUser,
            "/projects/{project_id}/sdk/workflows/{workflow_id}",
            post(sdk::workflows::enable).delete(sdk::workflows::disable),
        ),
        proxy("/projects/{project_id}/sdk/proxy/{slug}"),
        proxy("/projects/{project_id}/sdk/proxy/{slug}/"),
        proxy("/projects/{project_id}/sdk/proxy/{slug}/{*path}"),
    ]
}

fn manager() -> Vec<Route> {
    use Owner::Manager;
    vec![
        route(
            Manager,
            "/api/v1/projects",
            get(projects::list_projects).post(projects::create_project),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}",
            get(projects::get_project)
                .patch(projects::update_project)
                .delete(projects::delete_project),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/signing-keys",
            get(signing_keys::list_signing_keys).post(signing_keys::create_signing_key),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/signing-keys/{signing_key_id}",
            delete(signing_keys::revoke_signing_key),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/environment-secrets",
            get(environment_secrets::list_environment_secrets),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/environment-secrets/{key}",
            put(environment_secrets::set_environment_secret)
                .delete(environment_secrets::delete_environment_secret),
        ),
        route(Manager, "/api/v1/connectors", get(connectors::list_connectors)),
        route(Manager, "/api/v1/connectors/{slug}/actions", get(actions::list_actions)),
        route(
            Manager,
            "/api/v1/projects/{project_id}/integrations",
            get(integrations::list_integrations).post(integrations::create_integration),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/integrations/{integration_id}",
            get(integrations::get_integration)
                .patch(integrations::update_integration)
                .delete(integrations::delete_integration),
        ),
    ]
}

/// What the host developer's program sees of its users and does for them.
fn manager_of_users() -> Vec<Route> {
    use Owner::Manager;
    vec![
        route(
            Manager,
            "/api/v1/projects/{project_id}/connected-users",
            get(connected_users::list_connected_users).post(connected_users::create_connected_user),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/connected-users/{connected_user_id}",
            get(connected_users::get_connected_user)
                .patch(connected_users::update_connected_user)
                .delete(connected_users::delete_connected_user),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/credentials",
            get(credentials::list_credentials),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/credentials/{credential_id}",
            get(credentials::get_credential).delete(credentials::delete_credential),
        ),
        route(Manager, "/api/v1/projects/{project_id}/requests", get(requests::list_requests)),
        route(
            Manager,
            "/api/v1/projects/{project_id}/request-counts",
            get(requests::list_request_counts),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/connected-users/{connected_user_id}/credentials",
            post(new_credentials::create_credential),
        ),
        route(Manager, "/api/v1/projects/{project_id}/events", get(events::list_events)),
    ]
}

/// What the host developer's program sees of what ran.
fn manager_of_executions() -> Vec<Route> {
    use Owner::Manager;
    vec![
        route(
            Manager,
            "/api/v1/projects/{project_id}/executions",
            get(executions::list_executions),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/executions/{execution_id}",
            get(executions::get_execution),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/executions/{execution_id}/cancel",
            post(executions::cancel_execution),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/executions/{execution_id}/replay",
            post(executions::replay_execution),
        ),
    ]
}

/// What the host developer builds, and for whom it is on.
fn manager_of_workflows() -> Vec<Route> {
    use Owner::Manager;
    vec![
        route(
            Manager,
            "/api/v1/projects/{project_id}/workflows",
            get(workflows::list_workflows).post(workflows::create_workflow),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/workflows/validate",
            post(workflows::validate_workflow),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/workflows/{workflow_id}",
            get(workflows::get_workflow)
                .patch(workflows::update_workflow)
                .delete(workflows::delete_workflow),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/workflows/{workflow_id}/deploy",
            post(workflow_versions::deploy_workflow),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/workflows/{workflow_id}/test",
            post(workflow_tests::test_workflow),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/workflows/{workflow_id}/undeploy",
            post(workflow_versions::undeploy_workflow),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/workflows/{workflow_id}/versions",
            get(workflow_versions::list_workflow_versions),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/workflows/{workflow_id}/versions/{version_id}",
            get(workflow_versions::get_workflow_version),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/workflows/{workflow_id}/versions/{version_id}/restore",
            post(workflow_versions::restore_workflow_version),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/connected-users/{connected_user_id}/workflows",
            get(user_workflows::list_user_workflows),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/connected-users/{connected_user_id}/workflows/{workflow_id}",
            patch(user_workflows::update_user_workflow),
        ),
    ]
}

/// What starts workflows. A request waits for its answer longer than other calls may take.
fn starts() -> Vec<Route> {
    use Owner::{EndUser, Manager, Public};
    let event = || post(sdk::triggers::send_event);
    let waits = |route: Route| Route { streams: true, ..route };
    vec![
        route(Public, "/triggers/hooks/{hook_id}", post(triggers::hook::receive)),
        route(
            Public,
            "/triggers/connect/{project_id}/{integration_id}/custom-triggers/{workflow_id}",
            post(triggers::webhook::receive),
        ),
        route(EndUser, "/projects/{project_id}/sdk/events/trigger", event()),
        route(EndUser, "/v2/projects/{project_id}/sdk/events/trigger", event()),
        waits(route(
            EndUser,
            "/projects/{project_id}/sdk/triggers/{workflow_id}",
            post(sdk::triggers::start_workflow),
        )),
        route(
            Manager,
            "/api/v1/projects/{project_id}/app-events",
            post(app_events::send_app_event),
        ),
        waits(route(
            Manager,
            "/api/v1/projects/{project_id}/workflows/{workflow_id}/requests",
            post(app_events::send_request),
        )),
    ]
}

/// The router of the whole server.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for Route { path, handlers, streams, .. } in table() {
        let deadline = from_fn_with_state(app.clone(), edge::deadline::apply);
        router = router.route(path, if streams { handlers } else { handlers.layer(deadline) });
    }
    router
        .fallback(no_such_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), edge::apply))
        .with_state(app)
}

async fn no_such_route(uri: Uri) -> Response {
    let message = format!("There is nothing at {}: check the path.", uri.path());
    Failure(Error::not_found("route_not_found", message)).into_response()
}

async fn wrong_method(uri: Uri) -> Response {
    let message = format!("{} does not take this method.", uri.path());
    Failure(Error::new(ErrorKind::Invalid, "method_not_allowed", message)).into_response()
}
