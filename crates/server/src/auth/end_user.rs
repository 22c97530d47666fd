//! A request of an end user: the extractor that checks the user token.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use base::{ConnectedUserId, Error, ErrorKind, ProjectId, Result};
use http::request::Parts;
use serde_json::Map;
use store::connected_users::{self, ConnectedUser};

use super::known_tokens::Known;
use super::{bearer, setup_link, user_token};
use crate::app::App;
use crate::failure::Failure;
use crate::projects::{ProjectView, not_found};

/// The end user who calls, in the project that the path names.
pub struct EndUser {
    /// The project.
    pub project: Arc<ProjectView>,
    /// Who it is.
    pub known: Arc<Known>,
}

impl EndUser {
    /// Our id of the user.
    pub fn id(&self) -> ConnectedUserId {
        self.known.user_id
    }

    /// The stored user.
    pub async fn load(&self, app: &App) -> Result<ConnectedUser> {
        let mut conn = app.store().read().await?;
        let found = connected_users::find(&mut conn, self.project.id(), self.id()).await?;
        found.ok_or_else(|| {
            bearer::unauthenticated(
                "user_deleted",
                "This user was deleted; authenticate again to start afresh.",
            )
        })
    }
}

impl FromRequestParts<App> for EndUser {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let project_id = path_param(parts, app, "project_id").await?;
        let token = bearer::token(&parts.headers)?;
        Ok(authenticate(app, &project_id, &token).await?)
    }
}

/// Checks a user token for the project with this id. The user is made when first seen.
pub async fn authenticate(app: &App, project_id: &str, token: &str) -> Result<EndUser> {
    let id = project_id.parse().map_err(|_| not_found(project_id))?;
    let before = app.known_tokens().forgotten();
    let project = app.projects().get(id).await?;
    if setup_link::is_token(token) {
        let known = Arc::new(setup_link::verify(app, id, token).await?);
        return Ok(EndUser { project, known });
    }
    let now = app.clock().now();
    if let Some(known) = app.known_tokens().get(id, token, now) {
        return Ok(EndUser { project, known });
    }
    let _turn = app.known_tokens().turn(token).await;
    if let Some(known) = app.known_tokens().get(id, token, now) {
        return Ok(EndUser { project, known });
    }
    let verified =
        user_token::verify(token, &project.keys, app.audience_hosts(), &id.to_string(), now)?;
    let user = ensure_user(app, &project, &verified.subject).await?;
    let known = app.known_tokens().remember(
        token,
        Known {
            project_id: id,
            user_id: user.id,
            subject: verified.subject,
            expires_at: verified.expires_at,
            key_id: Some(verified.key_id),
        },
        before,
    );
    Ok(EndUser { project, known })
}

async fn ensure_user(app: &App, project: &ProjectView, subject: &str) -> Result<ConnectedUser> {
    let mut tx = app.store().begin().await?;
    let user = connected_users::ensure(&mut tx, &new_user(app, project.id(), subject)).await?;
    tx.commit().await?;
    if user.disabled_at.is_some() {
        return Err(Error::new(
            ErrorKind::Forbidden,
            "user_disabled",
            "This user is disabled in the project: its developer can enable them again.",
        ));
    }
    Ok(user)
}

/// The row of a user whom the host calls so.
pub fn new_user(app: &App, project_id: ProjectId, external_id: &str) -> ConnectedUser {
    let now = app.clock().now();
    ConnectedUser {
        id: ConnectedUserId::new(app.clock(), app.random()),
        project_id,
        external_id: external_id.to_owned(),
        metadata: Map::new(),
        disabled_at: None,
        created_at: now,
        last_active_at: now,
    }
}

/// A parameter of the route's path.
pub(super) async fn path_param(parts: &mut Parts, app: &App, name: &str) -> Result<String> {
    let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| {
        Error::invalid("invalid_path", "The path is not valid percent-encoded UTF-8.")
    })?;
    let found = params.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned());
    found.ok_or_else(|| Error::internal(format!("the route has no parameter {name}")))
}
