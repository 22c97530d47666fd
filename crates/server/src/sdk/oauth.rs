//! The connect pop-up, as seen from the page that opened it.

use std::collections::BTreeMap;

use axum::Json as Reply;
use axum::extract::{Path, Query, State};
use base::{Error, Result, Secret};
use connect::BeginOAuth;
use connect::oauth::SessionState;
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use store::integrations::Integration;

use crate::app::App;
use crate::auth::end_user::EndUser;
use crate::failure::Answer;
use crate::http::body::Json;
use crate::projects::{ProjectView, require_active};

/// What our SDK asks a ticket for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TicketRequest {
    integration_id: String,
    origin_for_post_message: String,
}

/// Answers a one-time ticket that opens the pop-up's first page in place of the user token.
pub async fn issue_ticket(
    user: EndUser,
    State(app): State<App>,
    body: Json<TicketRequest>,
) -> Answer<Reply<Value>> {
    let integration = user.project.integration(body.integration_id.parse()?)?;
    require_active(integration)?;
    require_origin(&app, &user.project, &body.origin_for_post_message)?;
    let ticket =
        app.connect().issue_ticket(integration, user.id(), &body.origin_for_post_message).await?;
    Ok(Reply(json!({ "ticket": ticket })))
}

/// The query of `build-oauth`. Documents travel in it as JSON text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildQuery {
    integration_id: Option<String>,
    action: Option<String>,
    origin_for_post_message: Option<String>,
    install_options: Option<String>,
    parameters: Option<String>,
    end_user_supplied_values: Option<String>,
    #[serde(alias = "sessionId")]
    oauth_meta_key_id: Option<String>,
    redirect_url: Option<String>,
}

impl BuildQuery {
    /// The page that opens the pop-up.
    pub fn origin(&self) -> &str {
        self.origin_for_post_message.as_deref().unwrap_or_default()
    }
}

/// Begins an attempt and answers where the pop-up goes to sign in.
pub async fn build(
    user: EndUser,
    State(app): State<App>,
    Query(query): Query<BuildQuery>,
) -> Answer<Reply<Value>> {
    let url = begin(&app, &user, query).await?;
    Ok(Reply(json!({ "redirectUrl": url })))
}

/// Begins an attempt; the answer is the provider's address.
pub async fn begin(app: &App, user: &EndUser, query: BuildQuery) -> Result<String> {
    let integration = asked_integration(&user.project, &query)?;
    require_active(integration)?;
    let origin = query.origin().to_owned();
    require_origin(app, &user.project, &origin)?;
    let session_key = query.oauth_meta_key_id.filter(|key| !key.is_empty());
    let begin = BeginOAuth {
        integration,
        user_id: user.id(),
        typed: typed(&query.end_user_supplied_values, &query.parameters)?,
        origin,
        session_key,
        options: document(query.install_options.as_deref(), "installOptions")?,
        redirect_override: query.redirect_url.filter(|url| !url.is_empty()),
    };
    app.connect().begin_oauth(begin).await
}

/// What the person typed before signing in, and what the account type adds, by key.
fn typed(
    typed: &Option<String>,
    added: &Option<String>,
) -> Result<BTreeMap<String, Secret<String>>> {
    let mut values: BTreeMap<String, Value> = document(typed.as_deref(), "endUserSuppliedValues")?;
    let added: BTreeMap<String, Value> = document(added.as_deref(), "parameters")?;
    values.extend(added);
    let text = |(key, value)| match value {
        Value::String(text) => Some((key, Secret::new(text))),
        _ => None,
    };
    Ok(values.into_iter().filter_map(text).collect())
}

/// The integration that a pop-up is for.
pub fn asked_integration<'a>(
    project: &'a ProjectView,
    query: &BuildQuery,
) -> Result<&'a Integration> {
    match (&query.integration_id, &query.action) {
        (Some(id), _) => project.integration(id.parse()?),
        (None, Some(slug)) => project.integration_of(slug),
        (None, None) => Err(Error::invalid(
            "integration_missing",
            "Name the integration: integrationId, or action with its type.",
        )),
    }
}

/// A document that travels as JSON text; an empty one is left out by the SDK in several ways.
fn document<T: DeserializeOwned + Default>(text: Option<&str>, name: &str) -> Result<T> {
    match text {
        None | Some("" | "undefined" | "null") => Ok(T::default()),
        Some(text) => serde_json::from_str(text).map_err(|cause| {
            Error::invalid("invalid_query", format!("\"{name}\" is not the JSON it should be."))
                .with_source(cause)
        }),
    }
}

/// Messages go to pages of the project's allowed origins alone, and to our own: the portal.
pub fn require_origin(app: &App, project: &ProjectView, origin: &str) -> Result<()> {
    if project.allows_origin(origin) || origin == app.public_url() {
        return Ok(());
    }
    Err(Error::invalid(
        "origin_not_allowed",
        format!(
            "Pages of \"{origin}\" may not connect accounts of this project: its developer can add \
             the origin to the project's allowed origins."
        ),
    ))
}

/// What became of the attempt that the SDK polls for: nothing yet, a credential, or why not.
pub async fn session(
    user: EndUser,
    State(app): State<App>,
    Path((_, key)): Path<(String, String)>,
) -> Answer<Reply<Value>> {
    let state = app.connect().session(user.project.id(), user.id(), &key).await?;
    Ok(Reply(match state {
        SessionState::Pending => json!({}),
        SessionState::Connected(id) => json!({ "connectCredentialId": id }),
        SessionState::Failed(error) => json!({ "error": error }),
    }))
}

/// Ends polling.
pub async fn end_session(
    user: EndUser,
    State(app): State<App>,
    Path((_, key)): Path<(String, String)>,
) -> Answer<StatusCode> {
    app.connect().forget_session(user.project.id(), user.id(), &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
