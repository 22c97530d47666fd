//! Requests to this server, by the class of their route and of their answer. All places are made at
//! the start, so that counting a request is one atomic addition.

use axum::http::{StatusCode, Uri};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// The classes of routes.
const ROUTES: [&str; 5] = ["proxy", "sdk", "api", "health", "pages"];
/// The classes of answers.
const STATUSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

type Labels = [(&'static str, &'static str); 2];

/// The counts.
pub struct Requests {
    family: Family<Labels, Counter>,
    places: [[Counter; STATUSES.len()]; ROUTES.len()],
}

impl Default for Requests {
    fn default() -> Self {
        let family = Family::<Labels, Counter>::default();
        let place = |route, status| {
            let labels = [("route", route), ("status", status)];
            family.get_or_create(&labels).clone()
        };
        let places = ROUTES.map(|route| STATUSES.map(|status| place(route, status)));
        Self { family, places }
    }
}

impl Requests {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Requests answered, by the class of route and of status";
        registry.register("requests", help, self.family.clone());
    }

    /// The class of the route that an address leads to.
    pub fn class(uri: &Uri) -> usize {
        let path = uri.path();
        if path.contains("/sdk/proxy/") {
            0
        } else if path.starts_with("/sdk/") || path.contains("/sdk/") {
            1
        } else if path.starts_with("/api/") || path.contains("/task-history/") {
            2
        } else if matches!(path, "/healthz" | "/readyz" | "/metrics") {
            3
        } else {
            4
        }
    }

    /// Counts an answer.
    pub fn count(&self, class: usize, status: StatusCode) {
        let status = usize::from(status.as_u16() / 100).clamp(1, STATUSES.len()) - 1;
        self.places[class][status].inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_of_one_class() {
        let class = |path: &'static str| ROUTES[Requests::class(&Uri::from_static(path))];
        assert_eq!(class("/projects/1/sdk/proxy/azuredevops/projects"), "proxy");
        assert_eq!(class("/projects/1/sdk/me"), "sdk");
        assert_eq!(class("/v2/projects/1/sdk/actions/build-oauth"), "sdk");
        assert_eq!(class("/api/v1/projects"), "api");
        assert_eq!(class("/projects/1/task-history/workflow-executions"), "api");
        assert_eq!(class("/healthz"), "health");
        assert_eq!(class("/oauth"), "pages");
    }
}
