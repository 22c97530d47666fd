//! Environment secrets of a project: written here, read by requests of workflows alone.

use axum::Json as Reply;
use axum::extract::{Path, State};
use base::{Error, Secret};
use connect::EnvironmentSecret;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::Answer;
use crate::http::body::Json;

/// An environment secret. Its value never comes back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EnvironmentSecret)]
pub struct EnvironmentSecretBody {
    /// What expressions call it: `{{ secrets.KEY }}`.
    pub key: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339; when the value was last set.
    pub updated_at: String,
}

impl From<EnvironmentSecret> for EnvironmentSecretBody {
    fn from(secret: EnvironmentSecret) -> Self {
        Self {
            key: secret.key,
            created_at: secret.created_at.to_rfc3339(),
            updated_at: secret.updated_at.to_rfc3339(),
        }
    }
}

/// All of them, by key.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnvironmentSecretList {
    /// The secrets, without their values.
    pub items: Vec<EnvironmentSecretBody>,
}

/// The value of an environment secret.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEnvironmentSecret {
    /// The value, at most 16 KiB. It is sealed, and never shown again.
    #[schema(value_type = String, format = "password")]
    pub value: Option<Secret<String>>,
}

/// Lists the project's environment secrets, without their values.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/environment-secrets",
    tag = "environment secrets", params(("project_id" = String, Path)),
    responses((status = 200, body = EnvironmentSecretList), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_environment_secrets(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
) -> Answer<Reply<EnvironmentSecretList>> {
    let secrets = app.connect().environment_secrets(view.id()).await?;
    Ok(Reply(EnvironmentSecretList {
        items: secrets.into_iter().map(EnvironmentSecretBody::from).collect(),
    }))
}

/// Sets an environment secret, new or not. Requests that leave from now on carry the new value.
#[utoipa::path(put, path = "/api/v1/projects/{project_id}/environment-secrets/{key}",
    tag = "environment secrets", params(("project_id" = String, Path), ("key" = String, Path)),
    request_body = NewEnvironmentSecret,
    responses((status = 200, body = EnvironmentSecretBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn set_environment_secret(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, key)): Path<(String, String)>,
    Json(body): Json<NewEnvironmentSecret>,
) -> Answer<Reply<EnvironmentSecretBody>> {
    let value = body.value.ok_or_else(|| {
        Error::invalid("invalid_secret_value", "Give the secret as \"value\", a text.")
    })?;
    let set = app.connect().set_environment_secret(view.id(), &key, value).await?;
    app.catch_up().await?;
    Ok(Reply(set.into()))
}

/// Deletes an environment secret. Steps that name it fail from now on, and say so.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}/environment-secrets/{key}",
    tag = "environment secrets", params(("project_id" = String, Path), ("key" = String, Path)),
    responses((status = 204), (status = "4XX", body = super::openapi::Problem)))]
pub async fn delete_environment_secret(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, key)): Path<(String, String)>,
) -> Answer<StatusCode> {
    app.connect().delete_environment_secret(view.id(), &key).await?;
    app.catch_up().await?;
    Ok(StatusCode::NO_CONTENT)
}
