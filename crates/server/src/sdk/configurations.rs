//! Configurations: several sets of settings on one account.

use axum::Json as Reply;
use axum::extract::{Path, State};
use base::{ConfigurationId, Error};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};
use store::configurations::{self, Configuration};

use super::accounts::{self, CONFIGURATION_HEADER, header};
use super::wire;
use crate::app::App;
use crate::auth::end_user::EndUser;
use crate::failure::Answer;
use crate::http::body::Json;
use crate::workflows::enabling;

/// How many configurations one account may have.
const CONFIGURATIONS_MAX: usize = 100;

/// A configuration to make.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewConfiguration {
    external_id: Option<String>,
}

/// What to change.
#[derive(Deserialize)]
pub struct ConfigurationChange {
    #[serde(default)]
    meta: Map<String, Value>,
}

/// Adds a configuration; answers the account with all of them.
pub async fn create(
    user: EndUser,
    State(app): State<App>,
    Path((_, credential_id)): Path<(String, String)>,
    body: Json<NewConfiguration>,
) -> Answer<Reply<Value>> {
    let account =
        accounts::find(&app, &user.project, &user.load(&app).await?, credential_id.parse()?)
            .await?;
    if account.configurations.len() >= CONFIGURATIONS_MAX {
        return Err(Error::invalid(
            "too_many_configurations",
            format!("An account has at most {CONFIGURATIONS_MAX} configurations."),
        )
        .into());
    }
    let external_id = body.external_id.as_deref().map(str::trim);
    if external_id.is_some_and(str::is_empty) {
        return Err(Error::invalid("invalid_external_id", "The external id is empty.").into());
    }
    let now = app.clock().now();
    let configuration = Configuration {
        id: ConfigurationId::new(app.clock(), app.random()),
        project_id: user.project.id(),
        credential_id: account.credential.id,
        external_id: external_id.map(str::to_owned),
        is_default: false,
        shared_settings: Map::new(),
        workflow_settings: Map::new(),
        metadata: Map::new(),
        created_at: now,
        updated_at: now,
    };
    let mut tx = app.store().begin().await?;
    configurations::insert(&mut tx, &configuration).await?;
    tx.commit().await?;
    show(&app, &user, &credential_id).await
}

/// Merges the host's notes into the configuration that the header names.
pub async fn update(
    user: EndUser,
    State(app): State<App>,
    Path((_, credential_id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Json<ConfigurationChange>,
) -> Answer<Reply<Value>> {
    let account =
        accounts::find(&app, &user.project, &user.load(&app).await?, credential_id.parse()?)
            .await?;
    let named = account.configuration(header(&headers, CONFIGURATION_HEADER))?;
    let mut tx = app.store().begin().await?;
    let mut configuration = enabling::hold(&mut tx, named).await?;
    configuration.metadata.extend(body.0.meta);
    configuration.updated_at = app.clock().now();
    enabling::store(&mut tx, &configuration).await?;
    tx.commit().await?;
    app.catch_up().await?;
    show(&app, &user, &credential_id).await
}

/// Deletes the configuration that the header names; the default one stays.
pub async fn destroy(
    user: EndUser,
    State(app): State<App>,
    Path((_, credential_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer<StatusCode> {
    let account =
        accounts::find(&app, &user.project, &user.load(&app).await?, credential_id.parse()?)
            .await?;
    let configuration = account.configuration(header(&headers, CONFIGURATION_HEADER))?;
    if configuration.is_default {
        return Err(Error::invalid(
            "default_configuration",
            "The default configuration goes with its account; disconnect the account instead.",
        )
        .into());
    }
    let mut tx = app.store().begin().await?;
    configurations::delete(&mut tx, user.project.id(), configuration.id).await?;
    enabling::note(&mut tx, configuration, app.clock().now()).await?;
    tx.commit().await?;
    app.catch_up().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn show(app: &App, user: &EndUser, credential_id: &str) -> Answer<Reply<Value>> {
    let account =
        accounts::find(app, &user.project, &user.load(app).await?, credential_id.parse()?).await?;
    Ok(Reply(wire::credential(&account)))
}
