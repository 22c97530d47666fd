//! The last pages of the connect pop-up: back from the provider, choosing an account, the end.

use std::future::Future;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use base::{Error, IntegrationId};
use connect::{Callback, CallbackQuery, Connect};
use http::header::COOKIE as COOKIE_HEADER;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::nonce::COOKIE;
use super::page::{Page, escape, render, script_value};
use crate::app::App;
use crate::failure::{Failure, envelope, status_of};
use crate::workflows::defaults;

/// The account that the person has chosen or typed.
#[derive(Deserialize)]
pub struct Chosen {
    attempt: String,
    account: String,
}

/// The redirect address: the provider sends the person back here.
pub async fn finish(
    State(app): State<App>,
    Query(query): Query<CallbackQuery>,
    headers: HeaderMap,
) -> Response {
    let nonce = nonce(&headers).map(str::to_owned);
    to_its_end(app, |connect| async move { connect.finish_oauth(query, nonce.as_deref()).await })
        .await
}

/// The person has chosen one of their accounts, or typed the name of one.
pub async fn choose(
    State(app): State<App>,
    headers: HeaderMap,
    Form(chosen): Form<Chosen>,
) -> Response {
    let nonce = nonce(&headers).map(str::to_owned);
    to_its_end(app, |connect| async move {
        connect.choose_account(&chosen.attempt, nonce.as_deref(), &chosen.account).await
    })
    .await
}

/// Goes on even when the person closes the window meanwhile: a code can be exchanged only once.
async fn to_its_end<F>(app: App, work: impl FnOnce(Connect) -> F) -> Response
where
    F: Future<Output = Callback> + Send + 'static,
{
    let (work, of_app) = (work(app.connect().clone()), app.clone());
    let to_the_end = async move {
        let callback = work.await;
        begin_with_defaults(&of_app, &callback).await;
        callback
    };
    match tokio::spawn(to_the_end).await {
        Ok(callback) => answer(&app, callback),
        Err(cause) => Failure(Error::internal(cause)).into_response(),
    }
}

/// The account is connected whatever becomes of its workflows: the background work sees to those.
async fn begin_with_defaults(app: &App, callback: &Callback) {
    if let Callback::Connected { project_id, credential_id, .. } = callback
        && let Err(error) = defaults::apply(app, *project_id, *credential_id).await
    {
        tracing::warn!(cause = ?error, "workflows of a new account wait for the background work");
    }
}

/// The value of our cookie.
fn nonce(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIE_HEADER).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|text| text.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

fn answer(app: &App, callback: Callback) -> Response {
    match callback {
        Callback::Connected { origin, integration_id, handle, .. } => {
            connected(app, &origin, integration_id, &handle)
        }
        Callback::Choose { attempt, accounts, label, .. } => {
            show(app, "One more thing", &choice_form(&attempt, &accounts, &label))
        }
        Callback::NameAccount { attempt, label, error, .. } => {
            show(app, "One more thing", &name_form(&attempt, &label, error.as_ref()))
        }
        Callback::AdminConsented { message } => {
            show(app, "Thank you", &format!("<p>{}</p>", escape(&message)))
        }
        Callback::Failed { origin, integration_id, error } => {
            failed(app, origin.as_deref(), integration_id, &error)
        }
    }
}

fn connected(app: &App, origin: &str, integration_id: IntegrationId, handle: &str) -> Response {
    let message = json!({
        "type": "oauth_success_callback",
        "credential": { "integrationId": integration_id, "payload": { "handle": handle } },
    });
    let body = "<p role=\"status\">Your account is connected. You can close this window.</p>";
    let page = Page {
        title: "Connected",
        body: body.to_owned(),
        script: Some(format!("{}window.close();", post(&message, origin))),
        status: StatusCode::OK,
    };
    render(app.random(), page)
}

fn failed(
    app: &App,
    origin: Option<&str>,
    integration_id: Option<IntegrationId>,
    error: &Error,
) -> Response {
    let told = envelope(error);
    let message = json!({
        "type": "oauth_error_callback",
        "error": error.message(),
        "errorResponse": told,
        "integrationId": integration_id,
        "code": told["code"],
        "status": told["status"],
        "message": told["message"],
        "meta": told["meta"],
    });
    let consent = error.meta().and_then(|meta| meta["adminConsentUrl"].as_str());
    let body = format!(
        "<p class=\"bad\" role=\"alert\">{}</p>{}<p class=\"soft\">You can close this window.</p>",
        escape(error.message()),
        consent.map(consent_link).unwrap_or_default()
    );
    let script = origin.map(|origin| post(&message, origin));
    let page = Page { title: "Not connected", body, script, status: status_of(error) };
    render(app.random(), page)
}

fn consent_link(url: &str) -> String {
    let url = escape(url);
    format!(
        "<p><label for=\"link\">Link for your administrator</label>\
         <input id=\"link\" readonly value=\"{url}\"></p><p><a href=\"{url}\">Open it</a> if you are \
         the administrator.</p>"
    )
}

fn choice_form(attempt: &str, accounts: &[String], label: &str) -> String {
    let options: String =
        accounts.iter().enumerate().map(|(index, name)| option(index, name)).collect();
    let label = escape(&label.to_lowercase());
    account_form(attempt, &format!("<fieldset><legend>Which {label}?</legend>{options}</fieldset>"))
}

fn name_form(attempt: &str, label: &str, problem: Option<&Error>) -> String {
    let label = escape(&label.to_lowercase());
    let lead = match problem {
        Some(error) => {
            format!("<p class=\"bad\" role=\"alert\">{}</p>", escape(error.message()))
        }
        None => format!(
            "<p>No {label} is listed for your account. Type the name of the one you use.</p>"
        ),
    };
    let field = format!(
        "<label for=\"account\">Name of the {label}</label>\
         <input type=\"text\" id=\"account\" name=\"account\" required autofocus \
         autocomplete=\"off\" spellcheck=\"false\">"
    );
    lead + &account_form(attempt, &field)
}

fn account_form(attempt: &str, fields: &str) -> String {
    format!(
        "<form method=\"post\" action=\"/oauth/account\">\
         <input type=\"hidden\" name=\"attempt\" value=\"{}\">{fields}\
         <button type=\"submit\">Connect</button></form>",
        escape(attempt)
    )
}

fn option(index: usize, name: &str) -> String {
    let (name, checked) = (escape(name), if index == 0 { " checked" } else { "" });
    format!(
        "<label class=\"choice\"><input type=\"radio\" name=\"account\" value=\"{name}\"{checked}>\
         {name}</label>"
    )
}

fn show(app: &App, title: &str, body: &str) -> Response {
    let page = Page { title, body: body.to_owned(), script: None, status: StatusCode::OK };
    render(app.random(), page)
}

/// Sends a message to the page that opened the pop-up, and to no page of another origin.
fn post(message: &Value, origin: &str) -> String {
    format!(
        "if (window.opener) window.opener.postMessage({}, {});",
        script_value(message),
        script_value(&json!(origin))
    )
}
