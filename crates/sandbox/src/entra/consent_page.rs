//! The pages on which a person allows an application what it asks for, or cannot.

use axum::response::Response;
use http::StatusCode;

use crate::World;
use crate::directory::{ClientApp, Person, Tenant};
use crate::entra::account::{CHOSEN, TYPED, sign_in_page};
use crate::entra::params::Params;
use crate::entra::scope::in_words;
use crate::html::escape;

/// The field with the answer, and its two values.
pub(crate) const DECISION: &str = "decision";
pub(crate) const ACCEPT: &str = "accept";
pub(crate) const CANCEL: &str = "cancel";
/// The field by which an administrator decides for everyone in the tenant.
pub(crate) const FOR_EVERYONE: &str = "for_everyone";

/// Asks a person whether they allow these permissions.
pub(crate) fn consent_page(
    world: &World,
    params: &Params,
    app: &ClientApp,
    person: &Person,
    scopes: &[String],
) -> Response {
    let for_everyone = if person.administrator {
        format!(
            "<label class=\"check\"><input type=\"checkbox\" name=\"{FOR_EVERYONE}\" value=\"yes\">\
             Consent on behalf of your organization</label>"
        )
    } else {
        String::new()
    };
    let intro = "<h1>Permissions requested</h1>";
    form(world, params, intro, app, person, scopes, &for_everyone)
}

/// Asks an administrator whether they allow these permissions for their whole tenant.
pub(crate) fn admin_consent_page(
    world: &World,
    params: &Params,
    app: &ClientApp,
    person: &Person,
    scopes: &[String],
) -> Response {
    let intro = "<h1>Permissions requested</h1><p>Review for your organization. If you accept, \
                 this app gets the permissions for all users in your organization; nobody else \
                 will be asked to review them.</p>";
    form(world, params, intro, app, person, scopes, "")
}

fn form(
    world: &World,
    params: &Params,
    intro: &str,
    app: &ClientApp,
    person: &Person,
    scopes: &[String],
    more: &str,
) -> Response {
    let address = params.without(&[CHOSEN, TYPED]).with(CHOSEN, &person.name).encode();
    let list: String = scopes
        .iter()
        .map(|scope| {
            format!(
                "<li>{} <code class=\"soft\">{}</code></li>",
                escape(in_words(scope)),
                escape(scope)
            )
        })
        .collect();
    let body = format!(
        "<p class=\"badge\">Sandbox of Microsoft sign-in</p><p class=\"soft\">{}</p>{intro}\
         <p><strong>{}</strong> would like to:</p><ul class=\"plain\">{list}</ul>\
         <form method=\"post\" action=\"?{}\">{more}<div class=\"row\">\
         <button name=\"{DECISION}\" value=\"{CANCEL}\">Cancel</button>\
         <button class=\"primary\" name=\"{DECISION}\" value=\"{ACCEPT}\">Accept</button>\
         </div></form>",
        escape(&person.upn),
        escape(&app.name),
        escape(&address)
    );
    sign_in_page(world, StatusCode::OK, "Permissions requested", &body)
}

/// Tells a person that only their administrator can allow this application.
pub(crate) fn need_approval_page(
    world: &World,
    params: &Params,
    app: &ClientApp,
    person: &Person,
    tenant: &Tenant,
) -> Response {
    let plain = params.without(&[CHOSEN, TYPED]);
    let other = plain.without(&["prompt"]).with("prompt", "select_account").encode();
    let back = plain.with(CHOSEN, &person.name).encode();
    let body = format!(
        "<p class=\"badge\">Sandbox of Microsoft sign-in</p><p class=\"soft\">{}</p>\
         <h1>Need admin approval</h1><p><strong>{}</strong></p>\
         <p>{} needs permission to access resources in your organization ({}) that only an admin \
         can grant. Please ask an admin to grant permission to this app before you can use it.</p>\
         <p><a href=\"?{}\">Have an admin account? Sign in with that account</a></p>\
         <form method=\"post\" action=\"?{}\"><div class=\"row\">\
         <button name=\"{DECISION}\" value=\"{CANCEL}\">Return to the application without granting \
         consent</button></div></form>",
        escape(&person.upn),
        escape(&app.name),
        escape(&app.name),
        escape(&tenant.name),
        escape(&other),
        escape(&back)
    );
    sign_in_page(world, StatusCode::OK, "Need admin approval", &body)
}
