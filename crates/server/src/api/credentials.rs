//! Credentials of a project: every connected account, never its tokens.

use axum::Json as Reply;
use axum::extract::{Path, State};
use base::{ConnectedUserId, CredentialId, Error, IntegrationId, Result};
use serde::Serialize;
use serde_json::{Map, Value};
use store::credentials::Credential;
use utoipa::ToSchema;

use super::paging::{PageBody, PageQuery};
use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::Answer;
use crate::projects::ProjectView;

/// A connected account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Credential)]
pub struct CredentialBody {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: CredentialId,
    /// The integration it was connected through.
    #[schema(value_type = String, format = "uuid")]
    pub integration_id: IntegrationId,
    /// The connected user whose account it is.
    #[schema(value_type = String, format = "uuid")]
    pub connected_user_id: ConnectedUserId,
    /// The connector's account type.
    pub account_type: String,
    /// Your name for it.
    pub external_id: Option<String>,
    /// `VALID` or `INVALID`.
    pub status: String,
    /// Why it is invalid and what to do.
    pub status_reason: Option<Value>,
    /// Who it is at the provider.
    pub provider_id: Option<String>,
    /// What is known of the account, such as its organization.
    pub provider_data: Map<String, Value>,
    /// The permissions that were granted.
    pub scopes: Vec<String>,
    /// Permissions the integration asks for and this account has not granted: the person has to
    /// connect again to grant them.
    pub missing_scopes: Vec<String>,
    /// RFC 3339; since when it is unknown whether the provider still takes its refresh token. It is
    /// used all the same.
    pub suspect_since: Option<String>,
    /// RFC 3339; when the access token ends. It is renewed before.
    pub expires_at: Option<String>,
    /// RFC 3339.
    pub refreshed_at: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

/// What a disconnect did.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DisconnectedBody {
    /// Whether the provider was told to revoke the access too.
    pub revoked_at_provider: bool,
    /// What happened, in a sentence.
    pub message: String,
}

/// Lists the project's connected accounts.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/credentials", tag = "credentials",
    params(("project_id" = String, Path), PageQuery),
    responses((status = 200, body = PageBody<CredentialBody>), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_credentials(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    query: PageQuery,
) -> Answer<Reply<PageBody<CredentialBody>>> {
    let mut conn = app.store().read().await?;
    let page = store::credentials::list(&mut conn, view.id(), &query.request()?).await?;
    Ok(Reply(PageBody::of(page, |credential| show(&app, &view, credential))))
}

/// Shows a connected account.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/credentials/{credential_id}", tag = "credentials",
    params(("project_id" = String, Path), ("credential_id" = String, Path)),
    responses((status = 200, body = CredentialBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn get_credential(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Reply<CredentialBody>> {
    let credential = find(&app, &view, &id).await?;
    Ok(Reply(show(&app, &view, credential)))
}

/// Disconnects an account: deletes it, and revokes it at the provider where that exists.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}/credentials/{credential_id}", tag = "credentials",
    params(("project_id" = String, Path), ("credential_id" = String, Path)),
    responses((status = 200, body = DisconnectedBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn delete_credential(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Reply<DisconnectedBody>> {
    let credential = find(&app, &view, &id).await?;
    let done = app.connect().disconnect(view.id(), credential.id).await?;
    app.catch_up().await?;
    Ok(Reply(DisconnectedBody {
        revoked_at_provider: done.revoked_at_provider,
        message: done.message,
    }))
}

pub(super) async fn find(app: &App, view: &ProjectView, id: &str) -> Result<Credential> {
    let id: CredentialId = id.parse()?;
    let found = store::credentials::find(&mut *app.store().read().await?, view.id(), id).await?;
    found.ok_or_else(|| {
        Error::not_found(
            "credential_not_found",
            format!("The project has no account with the id {id}: it may be disconnected."),
        )
    })
}

pub(super) fn show(app: &App, view: &ProjectView, credential: Credential) -> CredentialBody {
    let integration = view.integration(credential.integration_id).ok();
    let provider = integration.and_then(|found| app.connect().provider(&found.kind).ok());
    let missing_scopes = match (integration, provider) {
        (Some(integration), Some(provider)) => provider.missing_scopes(integration, &credential),
        _ => Vec::new(),
    };
    CredentialBody {
        id: credential.id,
        integration_id: credential.integration_id,
        connected_user_id: credential.user_id,
        account_type: credential.account_type,
        external_id: credential.external_id,
        status: credential.status.as_str().to_owned(),
        status_reason: credential.status_reason,
        provider_id: credential.provider_id,
        provider_data: credential.provider_data,
        scopes: credential.scopes,
        missing_scopes,
        suspect_since: credential.suspect_since.map(|time| time.to_rfc3339()),
        expires_at: credential.expires_at.map(|time| time.to_rfc3339()),
        refreshed_at: credential.refreshed_at.to_rfc3339(),
        created_at: credential.created_at.to_rfc3339(),
        updated_at: credential.updated_at.to_rfc3339(),
    }
}
