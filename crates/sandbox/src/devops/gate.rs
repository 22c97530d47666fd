//! Who is let in, and what those get who are not: a sign-in page with a status of success, a
//! redirect to it, or a 401 for callers who ask for that.

use axum::response::{Html, IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use super::problem::Problem;
use super::scope;
use super::state::identity_id;
use crate::World;
use crate::access::{self, Caller, Refusal};
use crate::directory::Organization;
use crate::site::{Origin, Site};

const ANONYMOUS: &str =
    "TF400813: Resource not available for anonymous access. Client authentication required.";

/// Lets a caller in, or says what they get instead.
pub fn admit(
    world: &World,
    origin: &Origin,
    organization: Option<&Organization>,
    parts: &Parts,
) -> Result<Caller, Box<Response>> {
    let tenant = organization.map(|one| one.tenant_id);
    let caller = access::authenticate(world, &parts.headers)
        .map_err(|refusal| Box::new(refused(refusal, origin, tenant, parts)))?;
    let Some(organization) = organization else {
        // Profile and accounts across organizations are for tokens of Entra ID alone.
        return if caller.organization.is_none() {
            Ok(caller)
        } else {
            Err(Box::new(Problem::unauthenticated(ANONYMOUS).into_response()))
        };
    };
    let other_pat = caller
        .organization
        .as_ref()
        .is_some_and(|bound| !bound.eq_ignore_ascii_case(&organization.name));
    if other_pat {
        return Err(Box::new(refused(Refusal::UnknownPat, origin, tenant, parts)));
    }
    let admitted = caller.person.may_use(&organization.name)
        && (caller.organization.is_some() || caller.tenant == organization.tenant_id);
    if admitted {
        Ok(caller)
    } else {
        let id = identity_id(organization.id, caller.person.object_id);
        Err(Box::new(Problem::unauthorized(id).into_response()))
    }
}

/// Whether the token may do this; a personal access token here always may.
pub fn check_scope(
    caller: &Caller,
    organization: Option<&Organization>,
    enough: &[&str],
) -> Result<(), Problem> {
    let allowed = caller.scopes.as_ref().is_none_or(|granted| scope::allows(granted, enough));
    if allowed {
        return Ok(());
    }
    let account = caller.person.object_id;
    let id = organization.map_or(account, |one| identity_id(one.id, account));
    Err(Problem::unauthorized(id))
}

fn refused(refusal: Refusal, origin: &Origin, tenant: Option<Uuid>, parts: &Parts) -> Response {
    let suppressed = parts
        .headers
        .get("x-tfs-fedauthredirect")
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"suppress"));
    let mut response = match refusal {
        Refusal::ExpiredPat => Problem::unauthenticated(
            "Access Denied: The Personal Access Token used has expired.",
        )
        .into_response(),
        Refusal::ExpiredBearer => Problem::unauthenticated(
            "VS30063: You are not authorized to access this resource: the access token has expired.",
        )
        .into_response(),
        _ if suppressed => Problem::unauthenticated(ANONYMOUS).into_response(),
        Refusal::Missing => redirect(origin, parts),
        Refusal::UnknownPat | Refusal::PatAsBearer | Refusal::UnknownBearer => {
            sign_in_page(StatusCode::NON_AUTHORITATIVE_INFORMATION)
        }
    };
    challenge(origin, tenant, response.headers_mut());
    response
}

/// Sends a browser to sign in, and everybody else astray.
fn redirect(origin: &Origin, parts: &Parts) -> Response {
    let back = format!("{}://{}{}", origin.scheme, origin.authority, parts.uri);
    let location = format!(
        "{}/_signin?realm={}&reply_to={}&redirect=1",
        origin.base_of(Site::AppVssps),
        utf8_percent_encode(origin.authority.host(), NON_ALPHANUMERIC),
        utf8_percent_encode(&back, NON_ALPHANUMERIC),
    );
    let mut response = StatusCode::FOUND.into_response();
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// The page that stands where data was asked for.
pub fn sign_in_page(status: StatusCode) -> Response {
    let page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Azure DevOps Services | Sign In</title></head>\n<body><h1>Sign in to Azure DevOps Services</h1><p>This is the sandbox. A program that reads this as data has sent a credential that is not accepted.</p></body>\n</html>\n";
    (status, Html(page)).into_response()
}

/// Says how to sign in and in which tenant.
pub fn challenge(origin: &Origin, tenant: Option<Uuid>, headers: &mut HeaderMap) {
    let tenant = tenant.map_or_else(|| "common".to_owned(), |tenant| tenant.to_string());
    let login = origin.base_of(Site::Login);
    let realm = origin.base_of(Site::DevAzure);
    let value = format!(
        "Bearer authorization_uri={login}/{tenant}, Basic realm=\"{realm}/\", TFS-Federated"
    );
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(HeaderName::from_static("www-authenticate"), value);
    }
}
