//! What happens to every request before a handler sees it: host, path, faults, log.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::uri::{Authority, PathAndQuery, Uri};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use hyper::body::Incoming;
use tower::ServiceExt as _;

use crate::faults::{Fault, FaultAnswer};
use crate::requests::{Note, SeenRequest, without_secrets};
use crate::site::{Origin, Site};
use crate::{World, control, devops, entra, landing};

/// Headers the request log shows.
static SHOWN_HEADERS: [HeaderName; 5] = [
    header::ACCEPT,
    header::CONTENT_TYPE,
    header::ORIGIN,
    header::USER_AGENT,
    HeaderName::from_static("x-tfs-fedauthredirect"),
];

/// The routers behind the front.
#[derive(Clone)]
pub(crate) struct Front {
    world: Arc<World>,
    entra: Router,
    devops: Router,
    local: Router,
}

impl Front {
    pub(crate) fn new(world: Arc<World>) -> Self {
        let local = landing::router().merge(control::router());
        Self {
            entra: entra::router().with_state(Arc::clone(&world)),
            devops: devops::router().with_state(Arc::clone(&world)),
            local: local.with_state(Arc::clone(&world)),
            world,
        }
    }

    /// Answers one request; an error closes the connection without an answer.
    pub(crate) async fn answer(
        &self,
        scheme: &'static str,
        request: Request<Incoming>,
    ) -> io::Result<Response> {
        let host = host_of(&request);
        let target = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
        let mut seen = SeenRequest {
            at: self.world.clock.now(),
            method: request.method().to_string(),
            host: host.clone().unwrap_or_default(),
            target: without_secrets(target),
            authorization: authorization_scheme(request.headers()),
            headers: shown_headers(request.headers()),
            note: None,
            status: None,
        };
        // Looking at the sandbox is not part of what it emulates.
        if target.starts_with(control::PREFIX) {
            return Ok(self.dispatch(scheme, host, request).await);
        }
        let answer = self.faulty(scheme, host, request).await;
        if let Ok(response) = &answer {
            seen.status = Some(response.status().as_u16());
            seen.note = response.extensions().get::<Note>().map(|note| note.0.clone());
        }
        self.world.requests.add(seen);
        answer
    }

    /// The answer, unless a fault is ordered for this call.
    async fn faulty(
        &self,
        scheme: &'static str,
        host: Option<String>,
        request: Request<Incoming>,
    ) -> io::Result<Response> {
        let target = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
        let name = host.as_deref().map_or("", without_port);
        let Some(fault) = self.world.faults.next(request.method().as_str(), name, target) else {
            return Ok(self.dispatch(scheme, host, request).await);
        };
        let Fault { delay_ms, answer, drop_connection, carried_out, .. } = fault;
        let (mut real, mut request) = (None, Some(request));
        if carried_out && let Some(request) = request.take() {
            real = Some(self.dispatch(scheme, host.clone(), request).await);
        }
        if delay_ms > 0 {
            let clock = &self.world.clock;
            clock.sleep_until(clock.now() + Duration::from_millis(delay_ms)).await;
        }
        if drop_connection {
            return Err(io::Error::other("the connection is dropped, as ordered"));
        }
        match (answer, real, request) {
            (Some(answer), ..) => Ok(ordered_answer(answer)),
            (None, Some(real), _) => Ok(real),
            (None, None, Some(request)) => Ok(self.dispatch(scheme, host, request).await),
            (None, None, None) => Err(io::Error::other("the request was used up")),
        }
    }

    /// Hands the request to whoever serves its host and path.
    async fn dispatch(
        &self,
        scheme: &'static str,
        host: Option<String>,
        mut request: Request<Incoming>,
    ) -> Response {
        let authority = host.and_then(|host| host.parse::<Authority>().ok());
        let Some(authority) = authority else {
            return sentence(StatusCode::BAD_REQUEST, "The request names no host.");
        };
        let Some((site, organization)) = Site::of_host(authority.host()) else {
            let text = format!(
                "The sandbox stands for Microsoft's hosts and for localhost, not for \"{}\". Check \
                 the address you call.",
                authority.host()
            );
            return sentence(StatusCode::MISDIRECTED_REQUEST, text);
        };
        if let Some(uri) = tidy_uri(request.uri(), organization.as_deref()) {
            *request.uri_mut() = uri;
        }
        let router = match site {
            Site::Login => &self.entra,
            Site::Any => self.by_path(request.uri().path()),
            _ => &self.devops,
        };
        request.extensions_mut().insert(Origin { site, scheme, authority });
        let answer: Result<Response, Infallible> =
            router.clone().oneshot(request.map(Body::new)).await;
        match answer {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    /// On this machine one origin serves everything, and the path tells whose it is.
    fn by_path(&self, path: &str) -> &Router {
        if path == "/" || path.starts_with(control::PREFIX) {
            &self.local
        } else if entra::owns(path) {
            &self.entra
        } else {
            &self.devops
        }
    }
}

/// Host and port: HTTP/2 has them in the address, HTTP/1.1 in a header.
fn host_of(request: &Request<Incoming>) -> Option<String> {
    let in_address = request.uri().authority().map(Authority::as_str);
    let in_header = || request.headers().get(header::HOST)?.to_str().ok();
    in_address.or_else(in_header).map(str::to_owned)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Collapses repeated slashes, which real clients send, and puts the organization of an older
/// host in front; `None` when nothing changes.
fn tidy_uri(uri: &Uri, organization: Option<&str>) -> Option<Uri> {
    let path = uri.path();
    if organization.is_none() && !path.contains("//") {
        return None;
    }
    let mut tidy = String::with_capacity(path.len());
    if let Some(organization) = organization {
        tidy.push('/');
        tidy.push_str(organization);
    }
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        tidy.push('/');
        tidy.push_str(segment);
    }
    if tidy.is_empty() {
        tidy.push('/');
    }
    if let Some(query) = uri.query() {
        tidy.push('?');
        tidy.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(tidy.parse().ok()?);
    Uri::from_parts(parts).ok()
}

fn authorization_scheme(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().unwrap_or_default();
    Some(value.split(' ').next().unwrap_or_default().to_owned())
}

fn shown_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = SHOWN_HEADERS.iter().filter_map(|name| {
        let value = headers.get(name)?.to_str().ok()?;
        Some((name.to_string(), value.to_owned()))
    });
    shown.collect()
}

fn sentence(status: StatusCode, text: impl Into<String>) -> Response {
    (status, text.into()).into_response()
}

fn ordered_answer(ordered: FaultAnswer) -> Response {
    let mut response = Response::new(Body::from(ordered.body));
    *response.status_mut() =
        StatusCode::from_u16(ordered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in ordered.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_slashes_collapse_and_an_older_host_gives_the_path_its_organization() {
        let uri = Uri::from_static("//acme/Demo//_apis/wit/wiql?$top=2&x=//");
        let tidy = tidy_uri(&uri, None).expect("there is something to collapse");
        assert_eq!(tidy, "/acme/Demo/_apis/wit/wiql?$top=2&x=//");
        let tidy = tidy_uri(&Uri::from_static("/_apis/projects"), Some("acme"));
        assert_eq!(tidy.expect("the organization is put in front"), "/acme/_apis/projects");
        assert_eq!(tidy_uri(&Uri::from_static("/acme/_apis"), None), None);
    }
}
