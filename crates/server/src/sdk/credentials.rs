//! Connected accounts of the end user.

use axum::Json as Reply;
use axum::extract::{Path, Query, State};
use base::{CredentialId, Error, ErrorKind, Result, Secret};
use connect::InstallOptions;
use connect::provider::{AccountType, Scheme};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::integrations::Integration;

use super::accounts::{self, CONFIGURATION_HEADER, CREDENTIAL_HEADER, header};
use super::actions::of_integration;
use super::wire;
use crate::app::App;
use crate::auth::end_user::EndUser;
use crate::failure::Answer;
use crate::http::body::Json;
use crate::projects::require_active;
use crate::workflows::change::{self, SettingsChange};
use crate::workflows::defaults;
use crate::workflows::enabling::Seat;

/// A credential to make: of a finished pop-up, or of a form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewCredential {
    integration_id: String,
    #[serde(default)]
    payload: Map<String, Value>,
    #[serde(default)]
    install_options: InstallOptions,
    code: Option<String>,
}

/// What to change.
#[derive(Deserialize)]
pub struct CredentialChange {
    config: SettingsChange,
}

/// Which accounts are wanted.
#[derive(Deserialize)]
pub struct ListQuery {
    integration: Option<String>,
}

/// The user's accounts, or those of one integration.
pub async fn list(
    user: EndUser,
    State(app): State<App>,
    Query(query): Query<ListQuery>,
) -> Answer<Reply<Value>> {
    let only = query.integration.map(|slug| user.project.integration_of(&slug).map(|one| one.id));
    let only = only.transpose()?;
    let shown = accounts::all(&app, &user.project, &user.load(&app).await?)
        .await?
        .iter()
        .filter(|account| only.is_none_or(|id| account.credential.integration_id == id))
        .map(wire::credential)
        .collect();
    Ok(Reply(Value::Array(shown)))
}

/// Connects an account. Of a pop-up the one-time handle comes back, any number of times with the
/// same answer; of a form the typed fields.
pub async fn create(
    user: EndUser,
    State(app): State<App>,
    Json(body): Json<NewCredential>,
) -> Answer<Reply<Value>> {
    let integration = user.project.integration(body.integration_id.parse()?)?;
    require_active(integration)?;
    if body.code.is_some() {
        return Err(Error::invalid(
            "code_not_accepted",
            "An authorization code from elsewhere is not taken: connect through the pop-up.",
        )
        .into());
    }
    let id = match body.payload.get("handle").and_then(Value::as_str) {
        Some(handle) => app.connect().redeem_handle(user.project.id(), user.id(), handle).await?,
        None => {
            let options = body.install_options;
            let connected = connect_form(&app, &user, integration, body.payload, options).await;
            connected.map_err(|error| match error.kind() {
                ErrorKind::Unauthenticated | ErrorKind::Forbidden => of_integration(error),
                _ => error,
            })?
        }
    };
    defaults::apply(&app, user.project.id(), id).await?;
    show_account(&app, &user, id).await
}

/// Connects by what the person typed. Our SDK names the account type; the vendor's does not, and
/// then the fields tell it.
async fn connect_form(
    app: &App,
    user: &EndUser,
    integration: &Integration,
    payload: Map<String, Value>,
    mut options: InstallOptions,
) -> Result<CredentialId> {
    let provider = app.connect().provider(&integration.kind)?;
    let fits = |one: &&AccountType| {
        one.scheme != Scheme::Oauth
            && !one.managed
            && !one.fields.is_empty()
            && one.fields.iter().all(|field| !field.required || payload.contains_key(&field.id))
    };
    let account_type = match &options.account_type {
        Some(id) => provider.account_type(Some(id))?,
        None => provider.account_types.iter().find(fits).ok_or_else(|| {
            Error::invalid(
                "account_type_missing",
                "The form does not tell which account type it is for: send all its fields.",
            )
        })?,
    };
    let fields = account_type
        .fields
        .iter()
        .filter_map(|field| match payload.get(&field.id)? {
            Value::String(text) => Some((field.id.clone(), Secret::new(text.clone()))),
            _ => None,
        })
        .collect();
    options.account_type = Some(account_type.id.clone());
    app.connect().connect_with_fields(integration, user.id(), fields, &options).await
}

/// The user's account.
pub async fn show(
    user: EndUser,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Reply<Value>> {
    show_account(&app, &user, id.parse()?).await
}

/// Says that nothing more is asked after connecting: no connector asks for more.
pub async fn complete_setup(
    user: EndUser,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Reply<Value>> {
    show_account(&app, &user, id.parse()?).await
}

/// Replaces settings in the configuration that the header names, or in the default one.
pub async fn update(
    user: EndUser,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
    Json(body): Json<CredentialChange>,
) -> Answer<Reply<Value>> {
    let id: CredentialId = id.parse()?;
    let (view, stored) = (&*user.project, user.load(&app).await?);
    let account = accounts::find(&app, view, &stored, id).await?;
    let configuration = account.configuration(header(&headers, CONFIGURATION_HEADER))?;
    let integration_id = account.credential.integration_id;
    let seat = Seat { view, user: &stored, integration_id, configuration };
    change::apply(&app, &seat, body.config).await?;
    show_account(&app, &user, id).await
}

/// Disconnects an account of the integration: the one that the header names, or the default one.
pub async fn uninstall(
    user: EndUser,
    State(app): State<App>,
    Path((_, integration_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer<Reply<Value>> {
    let integration = user.project.integration(integration_id.parse()?)?;
    let all = accounts::all(&app, &user.project, &user.load(&app).await?).await?;
    let account = accounts::choose(&all, integration.id, header(&headers, CREDENTIAL_HEADER))?;
    let done = app.connect().disconnect(user.project.id(), account.credential.id).await?;
    app.catch_up().await?;
    Ok(Reply(json!({
        "revokedAtProvider": done.revoked_at_provider,
        "message": done.message,
    })))
}

async fn show_account(app: &App, user: &EndUser, id: CredentialId) -> Answer<Reply<Value>> {
    let account = accounts::find(app, &user.project, &user.load(app).await?, id).await?;
    Ok(Reply(wire::credential(&account)))
}
