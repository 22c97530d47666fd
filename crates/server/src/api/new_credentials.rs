//! Accounts that the host developer's program connects for a user.

use std::collections::BTreeMap;

use axum::Json as Reply;
use axum::extract::{Path, State};
use base::Secret;
use connect::InstallOptions;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::connected_users;
use super::credentials::{self, CredentialBody};
use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::Answer;
use crate::http::body::Json;
use crate::workflows::defaults;

/// An account to connect for a user.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewCredential {
    /// The integration.
    pub integration_id: String,
    /// One of the connector's account types: `service_principal`, `pat`. Left out: the usual one.
    pub account_type: Option<String>,
    /// What the account type asks for, by field: `organization`, `tenant`.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub fields: BTreeMap<String, Secret<String>>,
    /// A refresh token that another program got from the same app. It is exchanged at once: the
    /// other program must not use it any more.
    #[schema(value_type = Option<String>)]
    pub refresh_token: Option<Secret<String>>,
    /// Your name for the account.
    pub external_id: Option<String>,
    /// Whether it may stand beside others of the user; otherwise it renews the one there is.
    #[serde(default)]
    pub allow_multiple_credentials: bool,
}

/// Connects an account for a user: by what its type asks for, or by an existing refresh token.
/// Nothing is stored unless the provider accepts it.
#[utoipa::path(post,
    path = "/api/v1/projects/{project_id}/connected-users/{connected_user_id}/credentials",
    tag = "credentials",
    params(("project_id" = String, Path), ("connected_user_id" = String, Path)),
    request_body = NewCredential,
    responses((status = 201, body = CredentialBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn create_credential(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, user_id)): Path<(String, String)>,
    Json(body): Json<NewCredential>,
) -> Answer<(StatusCode, Reply<CredentialBody>)> {
    let user = connected_users::find(&app, &view, &user_id).await?;
    let integration = view.integration(body.integration_id.parse()?)?;
    let options = InstallOptions {
        account_type: body.account_type,
        allow_multiple_credentials: body.allow_multiple_credentials,
        external_id: body.external_id,
        selected_credential_id: None,
    };
    let (connect, fields) = (app.connect(), body.fields);
    let id = match body.refresh_token {
        Some(token) => {
            connect.import_refresh_token(integration, user.id, token, fields, &options).await?
        }
        None => connect.connect_as_manager(integration, user.id, fields, &options).await?,
    };
    defaults::apply(&app, view.id(), id).await?;
    let credential = credentials::find(&app, &view, &id.to_string()).await?;
    Ok((StatusCode::CREATED, Reply(credentials::show(&app, &view, credential))))
}
