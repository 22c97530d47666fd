//! `adminconsent`: an administrator allows an application for everyone in their tenant.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::HeaderMap;

use crate::World;
use crate::directory::{ClientApp, Person};
use crate::entra::AZURE_DEVOPS;
use crate::entra::account;
use crate::entra::audience::Audience;
use crate::entra::authorize_request::trusted_part;
use crate::entra::consent_page::{ACCEPT, DECISION, admin_consent_page};
use crate::entra::error::{EntraError, Trace};
use crate::entra::params::Params;
use crate::entra::refused::Refused;
use crate::entra::reply::{ReplyTo, ResponseMode};
use crate::entra::scope::Scopes;
use crate::entra::scope_catalog::OPEN_ID_SCOPES;

struct Visit<'w> {
    world: &'w World,
    params: &'w Params,
    audience: Audience,
    app: &'w ClientApp,
    reply_to: ReplyTo,
    scope: String,
    scopes: Scopes,
}

/// `GET`: who is there, and what they are to allow.
pub(crate) async fn show(
    State(world): State<Arc<World>>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let params = Params::parse(&query.unwrap_or_default());
    let trace = Trace::new(&world, &headers, &params);
    Visit::open(&world, &tenant, &params)
        .and_then(|visit| visit.show())
        .unwrap_or_else(|refused| refused.into_response(&world, &trace, &params))
}

/// `POST`: what the administrator decided.
pub(crate) async fn answer(
    State(world): State<Arc<World>>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: String,
) -> Response {
    let params = Params::parse(&query.unwrap_or_default());
    let trace = Trace::new(&world, &headers, &params);
    Visit::open(&world, &tenant, &params)
        .and_then(|visit| visit.decide(&Params::parse(&body)))
        .unwrap_or_else(|refused| refused.into_response(&world, &trace, &params))
}

impl<'w> Visit<'w> {
    fn open(world: &'w World, tenant: &str, params: &'w Params) -> Result<Self, Refused> {
        let (audience, app, redirect_uri) =
            trusted_part(world, tenant, params).map_err(Refused::Untrusted)?;
        let state = params.get("state").map(str::to_owned);
        let reply_to = ReplyTo { redirect_uri, mode: ResponseMode::Query, state };
        let everything = || format!("{AZURE_DEVOPS}/.default");
        let scope = params.get("scope").map_or_else(everything, str::to_owned);
        match Scopes::parse(&scope, app) {
            Ok(scopes) => Ok(Self { world, params, audience, app, reply_to, scope, scopes }),
            Err(error) => Err(Refused::ToClient(reply_to, error)),
        }
    }

    fn show(&self) -> Result<Response, Refused> {
        // An earlier sign-in is not enough here: it is most likely not the administrator's.
        let Some(person) = self.administrator()? else {
            return Ok(account::picker(self.world, self.params, self.params.get("login_hint")));
        };
        let scopes = self.scopes.to_consent(self.app);
        let page = admin_consent_page(self.world, self.params, self.app, person, &scopes);
        Ok(account::remember(page, person))
    }

    fn decide(&self, form: &Params) -> Result<Response, Refused> {
        let Some(person) = self.administrator()? else {
            return Ok(account::picker(self.world, self.params, None));
        };
        if form.get(DECISION) != Some(ACCEPT) {
            let declined = EntraError::consent_declined();
            return Err(Refused::ToClient(self.reply_to.clone(), declined));
        }
        let mut scopes = self.scopes.to_consent(self.app);
        // Signing in and staying signed in come with whatever else is allowed.
        scopes.extend(OPEN_ID_SCOPES.map(|(name, _)| name.to_owned()));
        self.world.entra.write().consent(person.tenant_id, &self.app.client_id, &scopes);
        let answer = Params::default()
            .with("admin_consent", "True")
            .with("tenant", &person.tenant_id.to_string())
            .with("scope", &self.scope);
        Ok(self.reply_to.send(answer))
    }

    /// The chosen person, if they are an administrator of a tenant this endpoint is for.
    fn administrator(&self) -> Result<Option<&'w Arc<Person>>, Refused> {
        let chosen = account::chosen(self.world, self.params).map_err(Refused::Account)?;
        let Some(person) = chosen else { return Ok(None) };
        self.audience.admit(person).map_err(Refused::Account)?;
        if person.administrator {
            return Ok(Some(person));
        }
        let text = format!(
            "{} can't be granted permissions for the organization: the signed-in user '{}' is not \
             an administrator.",
            self.app.name, person.upn
        );
        Err(Refused::Account(EntraError::new("access_denied", 90_093, text)))
    }
}
