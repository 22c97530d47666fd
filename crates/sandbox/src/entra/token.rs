//! `token`: codes, refresh tokens and applications' own credentials become access tokens.

use std::sync::Arc;

use axum::extract::{Extension, Path, RawQuery, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::World;
use crate::directory::{ClientApp, Person};
use crate::entra::audience::Audience;
use crate::entra::client::{self, Proof};
use crate::entra::error::{EntraError, Trace};
use crate::entra::ordered_error;
use crate::entra::params::Params;
use crate::entra::scope::Scopes;
use crate::entra::state::{Challenge, Grant, RefreshGrant};
use crate::entra::token_answer::{self, Granted};
use crate::requests::Note;
use crate::site::{Origin, Site};

/// What every code and refresh token begins with.
const GRANT_MARK: &str = "1.";

/// A token request whose client is known.
struct TokenRequest<'w> {
    world: &'w World,
    origin: &'w Origin,
    audience: Audience,
    app: &'w ClientApp,
    proof: Proof,
    form: &'w Params,
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
    fn redeem_code(&self) -> Result<Response, EntraError> {
        let code = self.required("code")?;
        let redirect_uri = self.required("redirect_uri")?;
        let now = self.world.clock.now();
        let (grant, nonce) = {
            let mut state = self.world.entra.write();
            let found = state.codes.get_mut(code).ok_or_else(|| unknown_grant(code))?;
            if found.grant.client_id != self.app.client_id {
                return Err(unknown_grant(GRANT_MARK));
            }
            if found.redeemed {
                let text = "OAuth2 Authorization code was already redeemed, please retry with a \
                            new valid code or use an existing refresh token.";
                return Err(EntraError::new("invalid_grant", 54_005, text));
            }
            if now >= found.expires {
                let text = "The provided authorization code or refresh token has expired due to \
                            inactivity. Send a new interactive authorization request for this \
                            user and resource.";
                return Err(EntraError::new("invalid_grant", 70_008, text));
            }
            if found.redirect_uri != redirect_uri {
                let text = format!(
                    "The reply address '{redirect_uri}' does not match the reply address '{}' \
                     provided when requesting Authorization code.",
                    found.redirect_uri
                );
                return Err(EntraError::new("invalid_grant", 500_112, text));
            }
            check_verifier(found.challenge.as_ref(), self.form.get("code_verifier"))?;
            self.admit(found.grant.object_id).map_err(|_| {
                let text = "Provided Authorization Code is intended to use against other tenant, \
                            thus rejected.";
                EntraError::new("invalid_grant", 700_005, text)
            })?;
            found.redeemed = true;
            (found.grant.clone(), found.nonce.clone())
        };
        let scopes = self.scopes(&grant)?;
        let family = Builder::from_random_bytes(self.world.random.bytes()).into_uuid();
        self.grant(&grant, &scopes, nonce, family)
    }

    fn redeem_refresh_token(&self) -> Result<Response, EntraError> {
        let token = self.required("refresh_token")?;
        let now = self.world.clock.now();
        let found = {
            let state = self.world.entra.read();
            state.refresh_tokens.get(token).cloned().ok_or_else(|| unknown_grant(token))?
        };
        if found.grant.client_id != self.app.client_id {
            return Err(unknown_grant(GRANT_MARK));
        }
        if found.used && self.world.entra_settings().revoke_on_refresh_token_reuse {
            self.world.entra.write().revoke_family(found.family);
            return Err(revoked());
        }
        if found.revoked {
            return Err(revoked());
        }
        if now >= found.expires {
            let life = found.expires.since(found.issued).as_secs();
            let text = format!(
                "The refresh token has expired due to inactivity. The token was issued on {} and \
                 was inactive for {}.{:02}:{:02}:{:02}.",
                found.issued.to_rfc3339(),
                life / 86_400,
                life / 3_600 % 24,
                life / 60 % 60,
                life % 60
            );
            return Err(EntraError::new("invalid_grant", 700_082, text));
        }
        self.admit(found.grant.object_id)?;
        let scopes = self.scopes(&found.grant)?;
        if let Some(used) = self.world.entra.write().refresh_tokens.get_mut(token) {
            used.used = true;
        }
        self.grant(&found.grant, &scopes, None, found.family)
    }

    /// The application acts for itself: no person, no scopes, no refresh token.
    fn for_the_application(&self, tenant: &str) -> Result<Response, EntraError> {
        if self.proof == Proof::Public {
            let text = "The request body must contain the following parameter: \
                        'client_assertion' or 'client_secret'.";
            return Err(EntraError::new("invalid_client", 7_000_218, text));
        }
        let Audience::Tenant(tenant_id) = self.audience else {
            let text = "No tenant-identifying information found in either the request or implied \
                        by any provided credentials.";
            return Err(EntraError::new("invalid_request", 50_059, text));
        };
        let scope = self.required("scope")?;
        let scopes = Scopes::parse(scope, self.app)?;
        if !scopes.is_default_of_azure_devops() {
            let text = format!(
                "The provided value for scope {scope} is not valid. Client credential flows must \
                 have a scope value with /.default suffixed to the resource identifier \
                 (application ID URI)."
            );
            return Err(EntraError::new("invalid_scope", 1_002_012, text));
        }
        let principals = &self.world.directory.service_principals;
        let principal = principals
            .iter()
            .find(|one| one.upn == self.app.client_id && one.tenant_id == tenant_id);
        let principal = principal.ok_or_else(|| {
            let text = format!(
                "Application with identifier '{}' was not found in the directory '{tenant}'.",
                self.app.client_id
            );
            EntraError::new("unauthorized_client", 700_016, text)
        })?;
        Ok(token_answer::for_application(self.world, self.app, self.proof, principal, &scopes))
    }

    fn grant(
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
        let granted = Granted {
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
    fn scopes(&self, grant: &Grant) -> Result<Scopes, EntraError> {
        let granted = Scopes::parse(&grant.scope, self.app)?;
        let Some(asked) = self.form.get("scope") else { return granted.of_one_resource() };
        let mut scopes = Scopes::parse(asked, self.app)?.of_one_resource()?;
        if granted.has("offline_access") {
            scopes = scopes.with_offline_access();
        }
        let person = self.person(grant.object_id)?;
        let consented = self.world.entra.read().has_consented(
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
    fn admit(&self, object_id: Uuid) -> Result<(), EntraError> {
        self.audience.admit(self.person(object_id)?)
    }

    fn person(&self, object_id: Uuid) -> Result<&Arc<Person>, EntraError> {
        self.world.directory.subject(object_id).ok_or_else(revoked)
    }

    fn required(&self, name: &str) -> Result<&str, EntraError> {
        self.form.get(name).ok_or_else(|| EntraError::missing(name))
    }
}

/// What was never ours is malformed; what has our form but is not known is invalid.
fn unknown_grant(text: &str) -> EntraError {
    if text.starts_with(GRANT_MARK) {
        let text = "Provided grant is invalid or malformed.";
        return EntraError::new("invalid_grant", 70_000, text);
    }
    let text = "Invalid request. Request is malformed or invalid.";
    EntraError::new("invalid_grant", 9_002_313, text)
}

fn revoked() -> EntraError {
    let text = "The provided grant has expired due to it being revoked, a fresh auth token is \
                needed. The user might have changed or reset their password.";
    EntraError::new("invalid_grant", 50_173, text)
}

fn check_verifier(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), EntraError> {
    let proven = match (challenge, verifier) {
        (None, _) => true,
        (Some(_), None) => {
            let text = "The code_verifier is missing although the authorization request carried a \
                        code_challenge for PKCE.";
            return Err(EntraError::new("invalid_grant", 50_148, text));
        }
        (Some(Challenge::Plain(challenge)), Some(verifier)) => challenge == verifier,
        (Some(Challenge::S256(challenge)), Some(verifier)) => {
            *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
        }
    };
    if proven {
        return Ok(());
    }
    let text = "The Code_Verifier does not match the code_challenge supplied in the authorization \
                request.";
    Err(EntraError::new("invalid_grant", 501_481, text))
}
