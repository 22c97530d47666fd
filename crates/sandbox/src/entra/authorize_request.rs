//! Reads an authorization request: what is wrong with it is shown on a page or sent back to the
//! client, by the rule that nobody is ever sent to an address that is not the client's own.

use crate::World;
use crate::directory::ClientApp;
use crate::entra::audience::Audience;
use crate::entra::error::EntraError;
use crate::entra::params::Params;
use crate::entra::refused::Refused;
use crate::entra::reply::{ReplyTo, ResponseMode};
use crate::entra::scope::Scopes;
use crate::entra::state::Challenge;

/// The shortest and the longest code challenge there can be.
const CHALLENGE_LENGTHS: std::ops::RangeInclusive<usize> = 43..=128;

/// A request that can go on to sign-in.
pub(crate) struct AuthorizeRequest<'w> {
    pub(crate) audience: Audience,
    pub(crate) app: &'w ClientApp,
    pub(crate) reply_to: ReplyTo,
    pub(crate) wish: Wish,
}

/// What the client asks for: the part whose failures it is told.
pub(crate) struct Wish {
    /// The parameter as it was sent.
    pub(crate) scope: String,
    pub(crate) scopes: Scopes,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) nonce: Option<String>,
    pub(crate) prompt: Prompt,
    pub(crate) login_hint: Option<String>,
}

/// What the client wants the person to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// What is needed.
    AsNeeded,
    /// Nothing at all.
    None,
    /// Signing in anew.
    Login,
    /// Consent, even if given before.
    Consent,
    /// Which account.
    SelectAccount,
}

impl<'w> AuthorizeRequest<'w> {
    pub(crate) fn read(world: &'w World, tenant: &str, params: &Params) -> Result<Self, Refused> {
        let (audience, app, redirect_uri) =
            trusted_part(world, tenant, params).map_err(Refused::Untrusted)?;
        let state = params.get("state").map(str::to_owned);
        let mut reply_to = ReplyTo { redirect_uri, mode: ResponseMode::Query, state };
        match ResponseMode::parse(params.get("response_mode")) {
            Ok(mode) => reply_to.mode = mode,
            Err(error) => return Err(Refused::ToClient(reply_to, error)),
        }
        match Wish::read(app, params) {
            Ok(wish) => Ok(Self { audience, app, reply_to, wish }),
            Err(error) => Err(Refused::ToClient(reply_to, error)),
        }
    }
}

impl Wish {
    fn read(app: &ClientApp, params: &Params) -> Result<Self, EntraError> {
        match params.get("response_type") {
            Some("code") => {}
            None => return Err(EntraError::missing("response_type")),
            Some(other) => {
                let text = format!("response_type '{other}' is not enabled for the application.");
                return Err(EntraError::new("unsupported_response_type", 700_051, text));
            }
        }
        let scope = params.get("scope").ok_or_else(|| EntraError::missing("scope"))?.to_owned();
        Ok(Self {
            scopes: Scopes::parse(&scope, app)?,
            scope,
            challenge: challenge(params)?,
            nonce: params.get("nonce").map(str::to_owned),
            prompt: prompt(params)?,
            login_hint: params.get("login_hint").map(str::to_owned),
        })
    }
}

/// Tenant, client and its address: what must be right before anyone is sent anywhere.
pub(crate) fn trusted_part<'w>(
    world: &'w World,
    tenant: &str,
    params: &Params,
) -> Result<(Audience, &'w ClientApp, String), EntraError> {
    let audience = Audience::parse(&world.directory, tenant)?;
    let client_id = params.get("client_id").ok_or_else(|| EntraError::missing("client_id"))?;
    let app = registered_app(world, client_id, tenant)?;
    let redirect_uri =
        params.get("redirect_uri").ok_or_else(|| EntraError::missing("redirect_uri"))?;
    if !app.redirects_to(redirect_uri) {
        let text = format!(
            "The redirect URI '{redirect_uri}' specified in the request does not match the \
             redirect URIs configured for the application '{client_id}'. Make sure the redirect \
             URI sent in the request matches one added to your application."
        );
        return Err(EntraError::new("invalid_request", 50_011, text));
    }
    Ok((audience, app, redirect_uri.to_owned()))
}

/// The application of a client id, if it exists and is switched on.
pub(crate) fn registered_app<'w>(
    world: &'w World,
    client_id: &str,
    tenant: &str,
) -> Result<&'w ClientApp, EntraError> {
    let app = world.directory.application(client_id).ok_or_else(|| {
        let text = format!(
            "Application with identifier '{client_id}' was not found in the directory '{tenant}'. \
             This can happen if the application has not been installed by the administrator of \
             the tenant or consented to by any user in the tenant. You may have sent your \
             authentication request to the wrong tenant."
        );
        EntraError::new("unauthorized_client", 700_016, text)
    })?;
    if app.disabled {
        let text = format!("Application '{client_id}'({}) is disabled.", app.name);
        return Err(EntraError::new("unauthorized_client", 7_000_112, text));
    }
    Ok(app)
}

fn challenge(params: &Params) -> Result<Option<Challenge>, EntraError> {
    let Some(challenge) = params.get("code_challenge") else { return Ok(None) };
    if !CHALLENGE_LENGTHS.contains(&challenge.len()) {
        let text = "Invalid size of Code_Challenge parameter.";
        return Err(EntraError::new("invalid_request", 501_491, text));
    }
    match params.get("code_challenge_method") {
        Some("S256") => Ok(Some(Challenge::S256(challenge.to_owned()))),
        None | Some("plain") => Ok(Some(Challenge::Plain(challenge.to_owned()))),
        Some(other) => {
            let text = format!("Unsupported Code_Challenge_Method '{other}'.");
            Err(EntraError::new("invalid_request", 501_501, text))
        }
    }
}

fn prompt(params: &Params) -> Result<Prompt, EntraError> {
    match params.get("prompt") {
        None => Ok(Prompt::AsNeeded),
        Some("none") => Ok(Prompt::None),
        Some("login") => Ok(Prompt::Login),
        Some("consent") => Ok(Prompt::Consent),
        Some("select_account") => Ok(Prompt::SelectAccount),
        Some(other) => {
            let text = format!("Unsupported 'prompt' value '{other}'.");
            Err(EntraError::new("invalid_request", 90_023, text))
        }
    }
}
