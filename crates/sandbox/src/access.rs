//! Who is calling Azure DevOps: reads the `Authorization` header, and nothing else decides.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use uuid::Uuid;

use crate::World;
use crate::directory::Person;
use crate::entra::tokens::{self, TokenError};

/// Who calls, and what the credential allows.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person, or the service principal of an application that acts for itself.
    pub person: Arc<Person>,
    /// The tenant the token was issued for; for a personal access token the person's own.
    pub tenant: Uuid,
    /// What a delegated token allows ("vso.work_write"); `None` is everything: a personal access
    /// token with full access, a token with `user_impersonation`, or an application that acts for
    /// itself.
    pub scopes: Option<Vec<String>>,
    /// The one organization a personal access token opens.
    pub organization: Option<String>,
}

/// Why a credential is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no credential, or in a form that nobody could read.
    Missing,
    /// Nobody has such a personal access token.
    UnknownPat,
    /// The personal access token was good once.
    ExpiredPat,
    /// A personal access token was sent as a bearer token.
    PatAsBearer,
    /// The access token was good once.
    ExpiredBearer,
    /// The access token is not ours, is broken, or is meant for another service.
    UnknownBearer,
}

/// Reads the credential of a request.
pub fn authenticate(world: &World, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let header = headers.get(AUTHORIZATION).ok_or(Refusal::Missing)?;
    let text = header.to_str().map_err(|_| Refusal::Missing)?;
    let (scheme, credential) = text.trim().split_once(' ').ok_or(Refusal::Missing)?;
    let credential = credential.trim();
    if scheme.eq_ignore_ascii_case("basic") {
        basic(world, credential)
    } else if scheme.eq_ignore_ascii_case("bearer") {
        bearer(world, credential)
    } else {
        Err(Refusal::Missing)
    }
}

/// Any user name will do; the password is a personal access token or, as Git sends it, an access
/// token.
fn basic(world: &World, credential: &str) -> Result<Caller, Refusal> {
    let decoded = STANDARD.decode(credential).map_err(|_| Refusal::UnknownPat)?;
    let text = String::from_utf8(decoded).map_err(|_| Refusal::UnknownPat)?;
    let (_user, password) = text.split_once(':').ok_or(Refusal::UnknownPat)?;
    if password.is_empty() {
        return Err(Refusal::Missing);
    }
    if password.split('.').count() == 3 {
        return bearer(world, password);
    }
    let (person, pat) = world.directory.pat(password).ok_or(Refusal::UnknownPat)?;
    if pat.expired {
        return Err(Refusal::ExpiredPat);
    }
    Ok(Caller {
        person: Arc::clone(person),
        tenant: person.tenant_id,
        scopes: None,
        organization: Some(pat.organization.clone()),
    })
}

fn bearer(world: &World, token: &str) -> Result<Caller, Refusal> {
    if world.directory.pat(token).is_some() {
        return Err(Refusal::PatAsBearer);
    }
    let claims = tokens::verify_access_token(world, token).map_err(|error| match error {
        TokenError::Expired => Refusal::ExpiredBearer,
        TokenError::Unknown => Refusal::UnknownBearer,
    })?;
    let person = world.directory.subject(claims.oid).ok_or(Refusal::UnknownBearer)?;
    let scopes = claims.scp.map(|scopes| scopes.split(' ').map(str::to_owned).collect::<Vec<_>>());
    // This one permission is all of them.
    let scopes = scopes.filter(|scopes| !scopes.iter().any(|scope| scope == "user_impersonation"));
    Ok(Caller { person: Arc::clone(person), tenant: claims.tid, scopes, organization: None })
}
