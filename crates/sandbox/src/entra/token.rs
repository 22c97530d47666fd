//! `token`: codes, refresh tokens and applications' own credentials become access tokens.

use std::sync::Arc;

use axum::extract::{Extension, Path, RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use uuid::Uuid;

use crate::World;
use crate::directory::{ClientApp, Person};
use crate::entra::audience::Audience;
use crate::entra::client::{self, Proof};
use crate::entra::error::{EntraError, Trace};
use crate::entra::ordered_error;
use crate::entra::params::Params;
use crate::entra::scope::Scopes;
use crate::entra::state::{EntraState, Grant, RefreshGrant};
use crate::entra::token_answer::{self, Granted};
use crate::requests::Note;
use crate::site::{Origin, Site};

/// What every code and refresh token begins with.
pub(super) const GRANT_MARK: &str = "1.";

/// A token request whose client is known.
pub(super) struct TokenRequest<'w> {
    pub(super) world: &'w World,
    pub(super) origin: &'w Origin,
    pub(super) audience: Audience,
    pub(super) app: &'w ClientApp,
    pub(super) proof: Proof,
    pub(super) form: &'w Params,
}

/// The endpoint. Parameters it does not know are ignored.
pub(crate) async fn token(
    State(world): State<Arc<World>>,
    Extension(origin): Extension<Origin>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: String,
) -> Response {
    let trace = Trace::new(&world, &headers, &Params::parse(&query.unwrap_or_default()));
    let form = Params::parse(&body);
    let answer = answer(&world, &origin, &tenant, &headers, &form);
    let mut response = answer.unwrap_or_else(|error| error.into_answer(&trace));
    let grant_type = form.get("grant_type").unwrap_or("none");
    response.extensions_mut().insert(Note(format!("grant_type={grant_type}")));
    response
}

/// Every other method.
pub(crate) async fn not_a_post(State(world): State<Arc<World>>, headers: HeaderMap) -> Response {
    let text = "The endpoint only accepts POST requests.";
    let error = EntraError::new("invalid_request", 900_561, text);
    error.into_answer(&Trace::new(&world, &headers, &Params::default()))
}

fn answer(
    world: &World,
    origin: &Origin,
    tenant: &str,
    headers: &HeaderMap,
    form: &Params,
) -> Result<Response, EntraError> {
    let grant_type = form.get("grant_type").ok_or_else(|| EntraError::missing("grant_type"))?;
    let audience = Audience::parse(&world.directory, tenant)?;
    let endpoint = format!("{}/{tenant}/oauth2/v2.0/token", origin.base_of(Site::Login));
    if let Some(code) = world.entra_settings().token_error {
        return Err(ordered_error::of(code));
    }
    let (app, proof) = client::authenticate(world, tenant, headers, form, &endpoint)?;
    let request = TokenRequest { world, origin, audience, app, proof, form };
    match grant_type {
        "authorization_code" => request.redeem_code(),
        "refresh_token" => request.redeem_refresh_token(),
        "client_credentials" => request.for_the_application(tenant),
        other => {
            let text = format!("The app requested an unsupported grant type '{other}'.");
            Err(EntraError::new("unsupported_grant_type", 70_003, text))
        }
    }
}

impl TokenRequest<'_> {
    pub(super) fn grant(
        &self,
        grant: &Grant,
        scopes: &Scopes,
        nonce: Option<String>,
        family: Uuid,
    ) -> Result<Response, EntraError> {
        let person = self.person(grant.object_id)?;
        let refresh_token =
            scopes.has("offline_access").then(|| self.new_refresh_token(grant, family));
        let issuer = format!("{}/{}/v2.0", self.origin.base_of(Site::Login), person.tenant_id);
        let tenant_id = match self.audience {
            Audience::Tenant(id) => id,
            _ => person.tenant_id,
        };
        let granted = Granted {
            tenant_id,
            app: self.app,
            proof: self.proof,
            person,
            scopes,
            nonce,
            refresh_token,
            issuer,
            client_info: self.form.get("client_info") == Some("1"),
        };
        Ok(token_answer::for_person(self.world, granted))
    }

    fn new_refresh_token(&self, grant: &Grant, family: Uuid) -> String {
        let token =
            format!("{GRANT_MARK}{}{}", self.world.random.token(), self.world.random.token());
        let now = self.world.clock.now();
        let expires = now + self.world.entra_settings().refresh_token_life();
        let grant = RefreshGrant {
            grant: grant.clone(),
            family,
            issued: now,
            expires,
            used: false,
            revoked: false,
        };
        self.world.entra.write().add_refresh_token(token.clone(), grant, now);
        token
    }

    /// The scopes of this answer: those asked for now, or those of the grant. The person must have
    /// consented to every one.
    pub(super) fn scopes(&self, state: &EntraState, grant: &Grant) -> Result<Scopes, EntraError> {
        let granted = Scopes::parse(&grant.scope, self.app)?;
        let Some(asked) = self.form.get("scope") else { return granted.of_one_resource() };
        let mut scopes = Scopes::parse(asked, self.app)?.of_one_resource()?;
        if granted.has("offline_access") {
            scopes = scopes.with_offline_access();
        }
        let person = self.person(grant.object_id)?;
        let consented = state.has_consented(
            person.object_id,
            person.tenant_id,
            &self.app.client_id,
            &scopes.to_consent(self.app),
        );
        if consented {
            return Ok(scopes);
        }
        Err(EntraError::no_consent(&self.app.client_id, &self.app.name))
    }

    /// A grant is redeemed where its person may sign in.
    pub(super) fn admit(&self, object_id: Uuid) -> Result<(), EntraError> {
        self.audience.admit(self.person(object_id)?)
    }

    fn person(&self, object_id: Uuid) -> Result<&Arc<Person>, EntraError> {
        self.world.directory.subject(object_id).ok_or_else(revoked)
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, EntraError> {
        self.form.get(name).ok_or_else(|| EntraError::missing(name))
    }
}

/// What was never ours is malformed; what has our form but is not known is invalid.
pub(super) fn unknown_grant(text: &str) -> EntraError {
    if text.starts_with(GRANT_MARK) {
        let text = "Provided grant is invalid or malformed.";
        return EntraError::new("invalid_grant", 70_000, text);
    }
    let text = "Invalid request. Request is malformed or invalid.";
    EntraError::new("invalid_grant", 9_002_313, text)
}

pub(super) fn revoked() -> EntraError {
    let text = "The provided grant has expired due to it being revoked, a fresh auth token is \
                needed. The user might have changed or reset their password.";
    EntraError::new("invalid_grant", 50_173, text)
}
