//! The routes by which people and programs see what runs and hear what happens.

use axum::routing::{MethodRouter, delete, get, post};

use super::{Owner, Route, route};
use crate::api::{event_deliveries, event_destinations as destinations, live, portal, setup_links};
use crate::app::App;
use crate::metrics;
use crate::task_history::{detail, list};

/// This part of the table.
pub(super) fn routes() -> Vec<Route> {
    [monitoring(), portal(), live_views(), event_destinations(), task_history()]
        .into_iter()
        .flatten()
        .collect()
}

fn stream(path: &'static str, handlers: MethodRouter<App>) -> Route {
    Route { streams: true, ..route(Owner::Manager, path, handlers) }
}

fn monitoring() -> Vec<Route> {
    vec![route(Owner::Operator, "/metrics", get(metrics::show))]
}

/// How the Connect Portal looks, and the links to it.
fn portal() -> Vec<Route> {
    use Owner::Manager;
    vec![
        route(
            Manager,
            "/api/v1/projects/{project_id}/portal",
            get(portal::get_portal).put(portal::set_portal),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/setup-links",
            get(setup_links::list_setup_links).post(setup_links::create_setup_link),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/setup-links/{setup_link_id}",
            delete(setup_links::revoke_setup_link),
        ),
    ]
}

/// What happens, while it happens.
fn live_views() -> Vec<Route> {
    vec![
        stream("/api/v1/projects/{project_id}/executions/live", get(live::watch_executions)),
        stream(
            "/api/v1/projects/{project_id}/executions/{execution_id}/live",
            get(live::watch_execution),
        ),
    ]
}

/// What ran, as clients of the vendor's Task History API ask for it.
fn task_history() -> Vec<Route> {
    use Owner::Manager;
    vec![
        route(
            Manager,
            "/projects/{project_id}/task-history/workflow-executions",
            get(list::list_workflow_executions),
        ),
        route(
            Manager,
            "/projects/{project_id}/task-history/workflow-executions/{execution_id}",
            get(detail::get_workflow_execution),
        ),
        route(
            Manager,
            "/projects/{project_id}/task-history/workflow-executions/{execution_id}/step-executions/{step_execution_id}",
            get(detail::get_step_execution),
        ),
        route(
            Manager,
            "/projects/{project_id}/task-history/workflow-executions/{execution_id}/replay",
            post(detail::replay_workflow_execution),
        ),
    ]
}

/// Where the host developer's own programs are told what happens.
fn event_destinations() -> Vec<Route> {
    use Owner::Manager;
    vec![
        route(
            Manager,
            "/api/v1/projects/{project_id}/event-destinations",
            get(destinations::list_event_destinations).post(destinations::create_event_destination),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/event-destinations/{destination_id}",
            get(destinations::get_event_destination)
                .patch(destinations::update_event_destination)
                .delete(destinations::delete_event_destination),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/event-destinations/{destination_id}/secret",
            post(destinations::renew_event_destination_secret),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/event-destinations/{destination_id}/test",
            post(event_deliveries::test_event_destination),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/event-destinations/{destination_id}/deliveries",
            get(event_deliveries::list_event_deliveries),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/event-destinations/{destination_id}/deliveries/{event_id}",
            get(event_deliveries::get_event_delivery),
        ),
        route(
            Manager,
            "/api/v1/projects/{project_id}/event-destinations/{destination_id}/deliveries/{event_id}/retry",
            post(event_deliveries::retry_event_delivery),
        ),
    ]
}
