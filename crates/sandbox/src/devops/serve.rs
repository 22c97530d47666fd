//! The way of a call from the wire to its handler and back: route, credential, version, scope,
//! budget, handler, headers.

use std::sync::Arc;

use axum::body::{self, Body};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use uuid::{Builder, Uuid};

use super::attachments;
use super::call::{Answer, Call, Path, Query};
use super::discovery;
use super::gate;
use super::hooks;
use super::identity;
use super::problem::Problem;
use super::routes::{self, Handler};
use super::state::{Organization, identity_id};
use super::version;
use crate::World;
use crate::access::Caller;
use crate::directory;
use crate::site::{Origin, Site};

/// The longest JSON body that is read: a long text of a million characters fits.
pub const JSON_BODY_LIMIT_BYTES: usize = 8 * 1024 * 1024;

const JSON: &str = "application/json";
const JSON_PATCH: &str = "application/json-patch+json";

/// Answers every call to Azure DevOps.
pub async fn serve(State(world): State<Arc<World>>, request: Request) -> Response {
    let activity = Builder::from_random_bytes(world.random.bytes()).into_uuid();
    let Some(origin) = request.extensions().get::<Origin>().cloned() else {
        return Problem::no_route(request.uri().path()).into_response();
    };
    let segments = decoded_segments(request.uri().path());
    let named = has_organization(origin.site, &segments);
    let organization =
        if named { segments.first().cloned().unwrap_or_default() } else { String::new() };
    let rest = if named { &segments[segments.len().min(1)..] } else { &segments[..] };
    let tenant = world.directory.organization(&organization).map(|one| one.tenant_id);

    let mut response = match answer(&world, &origin, &organization, rest, request).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    };
    if response.status() == StatusCode::UNAUTHORIZED {
        gate::challenge(&origin, tenant, response.headers_mut());
    }
    finish(&mut response, activity, tenant);
    response
}

/// The segments of a path, decoded; repeated slashes count as one.
fn decoded_segments(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect()
}

/// Whether the first segment names an organization; on this machine it does unless it is one of
/// the service's own words.
fn has_organization(site: Site, segments: &[String]) -> bool {
    match site {
        Site::AppVssps => false,
        Site::Any => segments.first().is_some_and(|first| !first.starts_with('_')),
        _ => !segments.is_empty(),
    }
}

async fn answer(
    world: &World,
    origin: &Origin,
    name: &str,
    rest: &[String],
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let organization = match name {
        "" => None,
        name => {
            let found = world.directory.organization(name);
            Some(found.ok_or_else(|| Problem::no_organization(name))?)
        }
    };
    if rest.last().is_some_and(|last| last.eq_ignore_ascii_case("_signin")) {
        return Ok(gate::sign_in_page(StatusCode::OK));
    }
    if !rest.iter().any(|segment| segment.eq_ignore_ascii_case("_apis")) {
        return Err(Problem::no_route(parts.uri.path()));
    }
    let caller = match gate::admit(world, origin, organization, &parts) {
        Ok(caller) => caller,
        Err(refusal) => return Ok(*refusal),
    };
    let visit = Visit { world, origin, organization, caller: &caller, rest, parts: &parts };
    let mut response = visit.answer(body).await.unwrap_or_else(IntoResponse::into_response);
    let person = &caller.person;
    let id = organization.map_or(person.object_id, |one| identity_id(one.id, person.object_id));
    let user = format!("{id}:{}", identity::unique_name(person));
    if let Ok(user) = HeaderValue::try_from(user) {
        response.headers_mut().insert(HeaderName::from_static("x-vss-userdata"), user);
    }
    Ok(response)
}

/// A call whose caller is known and admitted.
struct Visit<'a> {
    world: &'a World,
    origin: &'a Origin,
    organization: Option<&'a directory::Organization>,
    caller: &'a Caller,
    rest: &'a [String],
    parts: &'a Parts,
}

impl Visit<'_> {
    async fn answer(&self, body: Body) -> Result<Response, Problem> {
        let Self { world, origin, organization, caller, rest, parts } = *self;
        let method = &parts.method;
        if *method == Method::OPTIONS {
            let listed = discovery::locations(origin.site, organization.is_some(), rest);
            return Ok(json_response(Answer::list(listed), None, method));
        }
        let (location, parameters) = routes::find(rest, origin.site, organization.is_some())
            .ok_or_else(|| Problem::no_route(parts.uri.path()))?;
        let operation = location
            .operations
            .iter()
            .find(|one| one.method == method_served(method))
            .ok_or_else(|| Problem::no_method(method))?;
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let asked = query.get("api-version");
        let version = version::negotiate(method, asked, &parts.headers, location.offered)?;
        gate::check_scope(caller, organization, operation.scopes)?;
        let now = world.clock.now();
        let budgets = Arc::clone(&world.devops.read().budgets);
        let standing = budgets.charge(caller.person.object_id, operation.cost_milli, now);
        let name = organization.map(|one| one.name.clone()).unwrap_or_default();
        let path = Path { organization: name, parameters };
        let (directory, headers, random) = (&world.directory, &parts.headers, &world.random);
        let hooks = world.hook_settings();
        let call = Call {
            directory,
            caller,
            origin,
            path,
            query,
            version,
            headers,
            now,
            method,
            random,
            hooks,
        };
        let answered = if standing.blocked {
            Err(Problem::blocked(organization.map_or(Uuid::nil(), |one| one.id)))
        } else {
            respond(world, &call, operation.handler, body).await
        };
        let mut response = answered.unwrap_or_else(IntoResponse::into_response);
        standing.write(response.headers_mut());
        Ok(response)
    }
}

/// A HEAD is answered as a GET without its body.
fn method_served(method: &Method) -> &str {
    if method == Method::HEAD { "GET" } else { method.as_str() }
}

async fn respond(
    world: &World,
    call: &Call<'_>,
    handler: Handler,
    body: Body,
) -> Result<Response, Problem> {
    let answer = match handler {
        Handler::Global(read) => read(call, &world.devops.read()),
        Handler::Read(read) => {
            read(call, organization_of(call, &world.devops.read().organizations)?)
        }
        Handler::Ask(ask) => {
            let body = json_body(call, body, &[JSON]).await?;
            ask(call, organization_of(call, &world.devops.read().organizations)?, &body)
        }
        Handler::Write(write) => {
            let body = json_body(call, body, &[JSON]).await?;
            with_organization(world, call, |organization| write(call, organization, &body))
        }
        Handler::Patch(patch) => {
            let body = json_body(call, body, &[JSON, JSON_PATCH]).await?;
            with_organization(world, call, |organization| patch(call, organization, &body))
        }
        Handler::Remove(remove) => {
            with_organization(world, call, |organization| remove(call, organization))
        }
        Handler::Upload => attachments::upload(world, call, body).await,
        Handler::Append => attachments::append(world, call, body).await,
        Handler::Download => return attachments::download(world, call).await,
    };
    answer.map(|answer| json_response(answer, Some(call.version), call.method))
}

/// The state of the organization that the call names.
pub fn organization_of<'o>(
    call: &Call<'_>,
    organizations: &'o [Organization],
) -> Result<&'o Organization, Problem> {
    let name = &call.path.organization;
    organizations.iter().find(|one| one.name == *name).ok_or_else(|| Problem::no_organization(name))
}

/// Changes the state of the organization that the call names.
pub fn with_organization<T>(
    world: &World,
    call: &Call<'_>,
    change: impl FnOnce(&mut Organization) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let mut devops = world.devops.write();
    let name = &call.path.organization;
    let organization = devops
        .organizations
        .iter_mut()
        .find(|one| one.name == *name)
        .ok_or_else(|| Problem::no_organization(name))?;
    let changed = change(organization);
    let told = hooks::raise::raise(call, organization);
    let tested = organization.hooks.next_due().is_some();
    drop(devops);
    if told || tested {
        world.hooks_due.notify_one();
    }
    changed
}

async fn json_body(call: &Call<'_>, body: Body, accepted: &[&str]) -> Result<Value, Problem> {
    let content_type = call.content_type();
    if !accepted.contains(&content_type.as_str()) {
        let method = call.method;
        return Err(Problem::request(
            "VssRequestContentTypeNotSupportedException",
            format!(
                "The request indicated a Content-Type of \"{content_type}\" for method type \"{method}\" which is not supported. Valid content types for this method are: {}.",
                accepted.join(", ")
            ),
        ));
    }
    let bytes = body::to_bytes(body, JSON_BODY_LIMIT_BYTES).await.map_err(|_| {
        Problem::invalid(format!("The body is longer than {JSON_BODY_LIMIT_BYTES} bytes."))
            .with_status(StatusCode::PAYLOAD_TOO_LARGE)
    })?;
    serde_json::from_slice(&bytes).map_err(|error| {
        if accepted.contains(&JSON_PATCH) {
            Problem::no_patch_document()
        } else {
            Problem::invalid(format!("The body of the request is not valid JSON: {error}"))
        }
    })
}

fn json_response(answer: Answer, version: Option<version::Version>, method: &Method) -> Response {
    let Some(body) = answer.body else { return answer.status.into_response() };
    let body = if method == Method::HEAD { String::new() } else { body.to_string() };
    let mut response = (answer.status, body).into_response();
    let content_type = match version {
        Some(version) => format!("application/json; charset=utf-8; api-version={version}"),
        None => "application/json; charset=utf-8".to_owned(),
    };
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::try_from(content_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if let Some(Ok(token)) = answer.continuation.map(HeaderValue::try_from) {
        headers.insert(HeaderName::from_static("x-ms-continuationtoken"), token);
    }
    response
}

/// The headers that every answer carries.
fn finish(response: &mut Response, activity: Uuid, tenant: Option<Uuid>) {
    let headers = response.headers_mut();
    let mut put = |name, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    put("activityid", activity.to_string());
    put("x-tfs-session", activity.to_string());
    put("x-vss-e2eid", activity.to_string());
    put("x-tfs-processid", PROCESS_ID.to_string());
    if let Some(tenant) = tenant {
        put("x-vss-resourcetenant", tenant.to_string());
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
}

/// What the service calls the process that answers.
const PROCESS_ID: Uuid = Uuid::from_u128(0x5a4db0c5_0000_4000_8000_00000000d0d0);
