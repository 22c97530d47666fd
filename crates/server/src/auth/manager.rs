//! A request of the host developer's programs: the extractors that check an API token.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use base::{ApiTokenId, Clock, Error, ErrorKind, ProjectId, Random, Result};
use http::request::Parts;
use store::Store;
use store::api_tokens::{self, ApiToken};

use super::bearer;
use super::end_user::path_param;
use crate::app::App;
use crate::failure::Failure;
use crate::projects::{ProjectView, not_found};

/// What API tokens begin with, so that people and scanners recognise one.
const TOKEN_PREFIX: &str = "gw_";

/// Whoever holds a valid API token.
pub struct Manager {
    /// The token.
    pub token_id: ApiTokenId,
    /// The one project the token is for; none: every project.
    pub project_id: Option<ProjectId>,
}

impl Manager {
    /// Refuses a token that is for one project only.
    pub fn require_every_project(&self) -> Result<()> {
        if self.project_id.is_none() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Forbidden,
            "token_of_one_project",
            "This API token is for one project; this call needs one for every project.",
        ))
    }
}

impl FromRequestParts<App> for Manager {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let token = bearer::token(&parts.headers)?;
        let hash = connect::hash_token(&token);
        let mut conn = app.store().read().await?;
        let found = api_tokens::find_active(&mut conn, &hash).await?.ok_or_else(|| {
            bearer::unauthenticated(
                "api_token_unknown",
                "The API token is unknown or revoked. Make one with: gangway api-token create.",
            )
        })?;
        Ok(Self { token_id: found.id, project_id: found.project_id })
    }
}

/// The project that the path names, for a manager who may manage it.
pub struct ManagedProject(pub Arc<ProjectView>);

impl ManagedProject {
    /// The project that the path names, if this manager may manage it.
    pub async fn of(manager: &Manager, parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let text = path_param(parts, app, "project_id").await?;
        let id: ProjectId = text.parse().map_err(|_| not_found(&text))?;
        if manager.project_id.is_some_and(|own| own != id) {
            return Err(not_found(id).into());
        }
        Ok(Self(app.projects().get(id).await?))
    }
}

impl FromRequestParts<App> for ManagedProject {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let manager = Manager::from_request_parts(parts, app).await?;
        Self::of(&manager, parts, app).await
    }
}

/// Makes a token and stores its hash.
pub async fn create_token(
    store: &Store,
    clock: &Clock,
    random: &Random,
    name: String,
    project_id: Option<ProjectId>,
) -> Result<(String, ApiTokenId)> {
    let token = format!("{TOKEN_PREFIX}{}", random.token());
    let id = ApiTokenId::new(clock, random);
    let hash = connect::hash_token(&token);
    let row = ApiToken { id, project_id, name, hash, created_at: clock.now(), revoked_at: None };
    let mut tx = store.begin().await?;
    api_tokens::insert(&mut tx, &row).await?;
    tx.commit().await?;
    Ok((token, id))
}
