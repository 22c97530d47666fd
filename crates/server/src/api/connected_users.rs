//! Connected users of a project.

use axum::Json as Reply;
use axum::extract::{Path, State};
use base::{ConnectedUserId, Error, Result};
use connect::Happened;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::changes::{self, Kind};
use store::connected_users::{self, ConnectedUser};
use utoipa::ToSchema;

use super::paging::{PageBody, PageQuery};
use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::auth::{end_user, user_token};
use crate::failure::Answer;
use crate::http::body::Json;
use crate::projects::ProjectView;

/// A connected user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConnectedUser)]
pub struct ConnectedUserBody {
    /// Our id.
    #[schema(value_type = String, format = "uuid")]
    pub id: ConnectedUserId,
    /// Your id: the `sub` of the user's tokens.
    pub user_id: String,
    /// What your application says of the user; `Name` and `Email` are shown to people.
    pub metadata: Map<String, Value>,
    /// Whether the user is shut out.
    pub disabled: bool,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub last_active_at: String,
}

impl From<ConnectedUser> for ConnectedUserBody {
    fn from(user: ConnectedUser) -> Self {
        Self {
            id: user.id,
            user_id: user.external_id,
            metadata: user.metadata,
            disabled: user.disabled_at.is_some(),
            created_at: user.created_at.to_rfc3339(),
            last_active_at: user.last_active_at.to_rfc3339(),
        }
    }
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectedUserChange {
    /// All metadata.
    pub metadata: Option<Map<String, Value>>,
    /// Whether the user is shut out: their tokens are refused by every process within a second.
    pub disabled: Option<bool>,
}

/// A connected user to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewConnectedUser {
    /// Your id: the `sub` of the user's tokens.
    pub user_id: String,
    /// What your application says of the user; left out, what is known stays.
    pub metadata: Option<Map<String, Value>>,
}

/// Makes a connected user before they first show up, to connect accounts for them; one that is
/// known already is answered as they are.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/connected-users", tag = "connected users",
    params(("project_id" = String, Path)), request_body = NewConnectedUser,
    responses((status = 201, body = ConnectedUserBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn create_connected_user(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Json(body): Json<NewConnectedUser>,
) -> Answer<(StatusCode, Reply<ConnectedUserBody>)> {
    if !user_token::is_subject(&body.user_id) {
        let message = "userId must be text that is not empty: what your tokens say as \"sub\".";
        return Err(Error::invalid("invalid_user_id", message).into());
    }
    let mut tx = app.store().begin().await?;
    let new = end_user::new_user(&app, view.id(), &body.user_id);
    let mut user = connected_users::ensure(&mut tx, &new).await?;
    if let Some(metadata) = body.metadata {
        user.metadata = metadata;
        connected_users::update(&mut tx, &user).await?;
    }
    tx.commit().await?;
    Ok((StatusCode::CREATED, Reply(user.into())))
}

/// Lists the project's connected users.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/connected-users", tag = "connected users",
    params(("project_id" = String, Path), PageQuery),
    responses((status = 200, body = PageBody<ConnectedUserBody>), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_connected_users(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    query: PageQuery,
) -> Answer<Reply<PageBody<ConnectedUserBody>>> {
    let mut conn = app.store().read().await?;
    let page = connected_users::list(&mut conn, view.id(), &query.request()?).await?;
    Ok(Reply(PageBody::of(page, ConnectedUserBody::from)))
}

/// Shows a connected user.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/connected-users/{connected_user_id}",
    tag = "connected users",
    params(("project_id" = String, Path), ("connected_user_id" = String, Path)),
    responses((status = 200, body = ConnectedUserBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn get_connected_user(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Reply<ConnectedUserBody>> {
    Ok(Reply(find(&app, &view, &id).await?.into()))
}

/// Changes a connected user's metadata, or disables or enables them.
#[utoipa::path(patch, path = "/api/v1/projects/{project_id}/connected-users/{connected_user_id}",
    tag = "connected users",
    params(("project_id" = String, Path), ("connected_user_id" = String, Path)),
    request_body = ConnectedUserChange,
    responses((status = 200, body = ConnectedUserBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn update_connected_user(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    body: Json<ConnectedUserChange>,
) -> Answer<Reply<ConnectedUserBody>> {
    let mut user = find(&app, &view, &id).await?;
    let now = app.clock().now();
    if let Some(metadata) = &body.metadata {
        user.metadata.clone_from(metadata);
    }
    if let Some(disabled) = body.disabled {
        user.disabled_at = disabled.then(|| user.disabled_at.unwrap_or(now));
    }
    let mut tx = app.store().begin().await?;
    connected_users::update(&mut tx, &user).await?;
    changes::note(&mut tx, view.id(), Kind::ConnectedUser, user.id, now).await?;
    tx.commit().await?;
    app.catch_up().await?;
    Ok(Reply(user.into()))
}

/// Deletes a connected user with all their credentials.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}/connected-users/{connected_user_id}",
    tag = "connected users",
    params(("project_id" = String, Path), ("connected_user_id" = String, Path)),
    responses((status = 204), (status = "4XX", body = super::openapi::Problem)))]
pub async fn delete_connected_user(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<StatusCode> {
    let user = find(&app, &view, &id).await?;
    let mut tx = app.store().begin().await?;
    for credential in store::credentials::list_of_user(&mut tx, view.id(), user.id).await? {
        let removed = Happened::CredentialRemoved;
        app.connect().tell_of_credential(&mut tx, removed, &credential).await?;
    }
    connected_users::delete(&mut tx, view.id(), user.id).await?;
    changes::note(&mut tx, view.id(), Kind::ConnectedUser, user.id, app.clock().now()).await?;
    tx.commit().await?;
    app.catch_up().await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn find(app: &App, view: &ProjectView, id: &str) -> Result<ConnectedUser> {
    let id: ConnectedUserId = id.parse()?;
    let found = connected_users::find(&mut *app.store().read().await?, view.id(), id).await?;
    found.ok_or_else(|| {
        Error::not_found(
            "connected_user_not_found",
            format!("The project has no connected user with the id {id}."),
        )
    })
}
