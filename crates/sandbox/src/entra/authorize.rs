//! `authorize`: sign-in, consent, and back to the client with a code.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::HeaderMap;

use crate::World;
use crate::directory::{Person, PersonKind, Tenant};
use crate::entra::account;
use crate::entra::authorize_request::{AuthorizeRequest, Prompt};
use crate::entra::consent_page::{
    ACCEPT, DECISION, FOR_EVERYONE, consent_page, need_approval_page,
};
use crate::entra::error::{EntraError, Trace};
use crate::entra::params::Params;
use crate::entra::refused::Refused;
use crate::entra::state::{CodeGrant, Grant};

/// How long a code can be redeemed.
const CODE_LIFE: Duration = Duration::from_secs(600);

/// One visit to the endpoint.
struct Visit<'w> {
    world: &'w World,
    params: &'w Params,
    request: AuthorizeRequest<'w>,
}

/// `GET`: the page that is due, or the answer to the client.
pub(crate) async fn show(
    State(world): State<Arc<World>>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let params = Params::parse(&query.unwrap_or_default());
    let trace = Trace::new(&world, &headers, &params);
    Visit::open(&world, &tenant, &params)
        .and_then(|visit| visit.show(&headers))
        .unwrap_or_else(|refused| refused.into_response(&world, &trace, &params))
}

/// `POST`: what the person decided on the consent page. The address is that of the page.
pub(crate) async fn answer_consent(
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
        let request = AuthorizeRequest::read(world, tenant, params)?;
        Ok(Self { world, params, request })
    }

    fn show(&self, headers: &HeaderMap) -> Result<Response, Refused> {
        let wish = &self.request.wish;
        let chosen = account::chosen(self.world, self.params).map_err(Refused::Account)?;
        let remembered = || {
            let ask_anyway = matches!(wish.prompt, Prompt::Login | Prompt::SelectAccount);
            account::remembered(self.world, headers).filter(|_| !ask_anyway).filter(|person| {
                let hint = wish.login_hint.as_deref();
                hint.is_none_or(|hint| hint.eq_ignore_ascii_case(&person.upn))
            })
        };
        match chosen.or_else(remembered) {
            Some(person) => Ok(account::remember(self.signed_in(person)?, person)),
            None if wish.prompt == Prompt::None => Err(self.to_client(EntraError::new(
                "login_required",
                50_058,
                "A silent sign-in request was sent but no user is signed in.",
            ))),
            None => Ok(account::picker(self.world, self.params, wish.login_hint.as_deref())),
        }
    }

    /// Someone is there: may they be here, and have they consented?
    fn signed_in(&self, person: &Person) -> Result<Response, Refused> {
        self.admit(person)?;
        let AuthorizeRequest { app, wish, .. } = &self.request;
        let scopes = wish.scopes.to_consent(app);
        let consented = self.has_consented(person, &scopes);
        if consented && wish.prompt != Prompt::Consent {
            return Ok(self.send_code(person));
        }
        if wish.prompt == Prompt::None {
            let refused = EntraError::no_consent(&app.client_id, &app.name);
            return Err(self.to_client(EntraError { error: "interaction_required", ..refused }));
        }
        Ok(match self.tenant_that_forbids_consent(person) {
            Some(tenant) if !consented => {
                need_approval_page(self.world, self.params, app, person, tenant)
            }
            _ => consent_page(self.world, self.params, app, person, &scopes),
        })
    }

    fn decide(&self, form: &Params) -> Result<Response, Refused> {
        let chosen = account::chosen(self.world, self.params).map_err(Refused::Account)?;
        let Some(person) = chosen else {
            return Ok(account::picker(self.world, self.params, None));
        };
        self.admit(person)?;
        let AuthorizeRequest { app, wish, .. } = &self.request;
        let scopes = wish.scopes.to_consent(app);
        let consented = self.has_consented(person, &scopes);
        if self.tenant_that_forbids_consent(person).is_some() && !consented {
            let text = format!(
                "{} needs permission to access resources in your organization that only an admin \
                 can grant.",
                app.name
            );
            return Err(self.to_client(EntraError::new("access_denied", 90_094, text)));
        }
        if form.get(DECISION) != Some(ACCEPT) {
            return Err(self.to_client(EntraError::consent_declined()));
        }
        let for_everyone = person.administrator && form.get(FOR_EVERYONE).is_some();
        let by = if for_everyone { person.tenant_id } else { person.object_id };
        self.world.entra.write().consent(by, &app.client_id, &scopes);
        Ok(self.send_code(person))
    }

    /// The account must fit the endpoint, and personal accounts do not fit Azure DevOps.
    fn admit(&self, person: &Person) -> Result<(), Refused> {
        let AuthorizeRequest { audience, wish, .. } = &self.request;
        audience.admit(person).map_err(Refused::Account)?;
        if person.kind == PersonKind::Personal && wish.scopes.asks_for_azure_devops() {
            let text = format!(
                "The provided value for the input parameter 'scope' is not valid. The scope '{}' \
                 does not exist for personal accounts.",
                wish.scope
            );
            return Err(self.to_client(EntraError::new("invalid_scope", 70_011, text)));
        }
        Ok(())
    }

    fn has_consented(&self, person: &Person, scopes: &[String]) -> bool {
        let client_id = &self.request.app.client_id;
        self.world.entra.read().has_consented(person.object_id, person.tenant_id, client_id, scopes)
    }

    fn tenant_that_forbids_consent(&self, person: &Person) -> Option<&'w Tenant> {
        let tenant = self.world.directory.tenant(&person.tenant_id.to_string())?;
        (tenant.admin_consent_required && !person.administrator).then_some(tenant)
    }

    fn send_code(&self, person: &Person) -> Response {
        let AuthorizeRequest { app, wish, reply_to, .. } = &self.request;
        let now = self.world.clock.now();
        let code = format!("1.{}", self.world.random.token());
        let grant = CodeGrant {
            grant: Grant {
                client_id: app.client_id.clone(),
                object_id: person.object_id,
                scope: wish.scope.clone(),
            },
            redirect_uri: reply_to.redirect_uri.clone(),
            challenge: wish.challenge.clone(),
            nonce: wish.nonce.clone(),
            expires: now + CODE_LIFE,
            redeemed: false,
        };
        self.world.entra.write().add_code(code.clone(), grant, now);
        let session = self.world.random.token();
        reply_to.send(Params::default().with("code", &code).with("session_state", &session))
    }

    fn to_client(&self, error: EntraError) -> Refused {
        Refused::ToClient(self.request.reply_to.clone(), error)
    }
}
