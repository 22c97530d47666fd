//! Cross-origin rules: pages of a project's allowed origins may call that project's routes.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::ProjectId;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::app::App;

const METHODS: HeaderValue =
    HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS");
const EVERY_HEADER: HeaderValue = HeaderValue::from_static("*");
const MAX_AGE_SECONDS: HeaderValue = HeaderValue::from_static("600");

/// Answers preflights and marks the answers that an allowed page may read. A preflight is an
/// `OPTIONS` with `Origin` and `Access-Control-Request-Method`; any other `OPTIONS` belongs to the
/// route.
pub async fn apply(app: &App, request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(ORIGIN).cloned() else {
        return next.run(request).await;
    };
    let allowed = is_allowed(app, request.uri().path(), &origin).await;
    let preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        answer_preflight(request.headers(), allowed)
    } else {
        next.run(request).await
    };
    response.headers_mut().append(VARY, HeaderValue::from_static("origin"));
    if allowed {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.headers_mut().insert(ACCESS_CONTROL_EXPOSE_HEADERS, EVERY_HEADER);
    }
    response
}

fn answer_preflight(asked: &HeaderMap, allowed: bool) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if allowed {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
        if let Some(names) = asked.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
        }
    }
    response
}

async fn is_allowed(app: &App, path: &str, origin: &HeaderValue) -> bool {
    let (Some(project_id), Ok(origin)) = (project_of(path), origin.to_str()) else {
        return false;
    };
    match app.projects().get(project_id).await {
        Ok(project) => project.allows_origin(origin),
        Err(_) => false,
    }
}

/// The project named by a path such as `/projects/{id}/sdk/me` or `/v2/projects/{id}/…`.
fn project_of(path: &str) -> Option<ProjectId> {
    let path = path.strip_prefix("/v2").unwrap_or(path);
    path.strip_prefix("/projects/")?.split('/').next()?.parse().ok()
}
