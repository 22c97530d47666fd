//! Which account is signed in, and the page on which one is chosen.
//!
//! A choice is a parameter added to the same address, so that pages need no script and no state,
//! and a script can sign in with one request. The last choice is remembered in a cookie.

use std::sync::Arc;

use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::World;
use crate::directory::Person;
use crate::entra::error::{EntraError, Trace};
use crate::entra::params::Params;
use crate::entra::reply::hidden_inputs;
use crate::html::{escape, page};

/// The chosen person's short name.
pub(crate) const CHOSEN: &str = "sandbox_person";
/// A sign-in name typed in place of a choice.
pub(crate) const TYPED: &str = "sandbox_login";
const COOKIE: &str = "sandbox_person";

/// The person just chosen on the page, if one was; an unknown one is an error for the page.
pub(crate) fn chosen<'w>(
    world: &'w World,
    params: &Params,
) -> Result<Option<&'w Arc<Person>>, EntraError> {
    let directory = &world.directory;
    let (found, given) = match (params.get(CHOSEN), params.get(TYPED)) {
        (Some(name), _) => (directory.person(name), name),
        (None, Some(login)) => (directory.person_by_login(login.trim()), login),
        (None, None) => return Ok(None),
    };
    let unknown = || {
        let text = format!(
            "The user account '{given}' does not exist in the tenant. To sign into this \
             application, the account must be added to the directory."
        );
        EntraError::new("invalid_grant", 50_034, text)
    };
    found.ok_or_else(unknown).map(Some)
}

/// The person who signed in here before.
pub(crate) fn remembered<'w>(world: &'w World, headers: &HeaderMap) -> Option<&'w Arc<Person>> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';'));
    let name = pairs.find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
    world.directory.person(name)
}

/// Lets the browser remember who signed in.
pub(crate) fn remember(mut response: Response, person: &Person) -> Response {
    set_cookie(&mut response, &person.name, "");
    response
}

/// Lets the browser forget it.
pub(crate) fn forget(mut response: Response) -> Response {
    set_cookie(&mut response, "", "; Max-Age=0");
    response
}

fn set_cookie(response: &mut Response, value: &str, more: &str) {
    let cookie = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax{more}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// The page that asks who is there.
pub(crate) fn picker(world: &World, params: &Params, hint: Option<&str>) -> Response {
    let fields = hidden_inputs(&params.without(&[CHOSEN, TYPED]));
    let hinted = hint.and_then(|login| world.directory.person_by_login(login));
    let mut people: Vec<&Arc<Person>> = world.directory.people.iter().collect();
    // Stable, so the others keep their order.
    people.sort_by_key(|person| hinted.is_none_or(|hinted| hinted.name != person.name));
    let choices: String = people
        .into_iter()
        .map(|person| {
            format!(
                "<li><button name=\"{CHOSEN}\" value=\"{}\"><strong>{}</strong><span>{}</span>\
                 <span>{} {}.</span></button></li>",
                escape(&person.name),
                escape(&person.display_name),
                escape(&person.upn),
                escape(first_name(person)),
                escape(&person.about)
            )
        })
        .collect();
    let typed = hint.filter(|_| hinted.is_none()).unwrap_or_default();
    let body = format!(
        "<p class=\"badge\">Sandbox of Microsoft sign-in</p><h1>Pick an account</h1>\
         <p class=\"soft\">These people are made up and need no password.</p>\
         <form method=\"get\">{fields}<ul class=\"choices\">{choices}</ul></form>\
         <form method=\"get\">{fields}<label for=\"login\">Use another account</label>\
         <input id=\"login\" name=\"{TYPED}\" type=\"text\" autocomplete=\"off\" \
         placeholder=\"someone@acme.example\" value=\"{}\" required>\
         <div class=\"row\"><button class=\"primary\">Next</button></div></form>",
        escape(typed)
    );
    sign_in_page(world, StatusCode::OK, "Sign in to your account", &body)
}

/// The page for what cannot be sent to the client. It offers another account if that may help.
pub(crate) fn error_page(
    world: &World,
    error: &EntraError,
    trace: &Trace,
    other_account: Option<&Params>,
) -> Response {
    let other = other_account.map_or_else(String::new, |params| {
        format!(
            "<p><a href=\"?{}\">Use another account</a></p>",
            escape(
                &params
                    .without(&[CHOSEN, TYPED, "prompt"])
                    .with("prompt", "select_account")
                    .encode()
            )
        )
    });
    let body = format!(
        "<p class=\"badge\">Sandbox of Microsoft sign-in</p><h1>Sign in</h1>\
         <p>Sorry, but we’re having trouble signing you in.</p>\
         <p class=\"warn\" role=\"alert\">AADSTS{}: {}</p>{other}\
         <p class=\"soft\">Trace ID: <code>{}</code><br>Correlation ID: <code>{}</code><br>\
         Timestamp: {}</p>",
        error.code,
        escape(&error.text),
        trace.trace_id,
        trace.correlation_id,
        escape(&trace.timestamp)
    );
    sign_in_page(world, StatusCode::BAD_REQUEST, "Sign in to your account", &body)
}

/// A page of the sign-in, with the headers that the settings ask for.
pub(crate) fn sign_in_page(world: &World, status: StatusCode, title: &str, body: &str) -> Response {
    let mut response = page(status, title, body);
    if world.entra_settings().pages_cut_opener {
        let policy = HeaderValue::from_static("same-origin");
        response.headers_mut().insert("cross-origin-opener-policy", policy);
    }
    response
}

fn first_name(person: &Person) -> &str {
    person.display_name.split(' ').next().unwrap_or_default()
}
