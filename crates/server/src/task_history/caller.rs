//! Who calls the Task History API.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::app::App;
use crate::auth::manager::{ManagedProject, Manager};
use crate::failure::Failure;
use crate::projects::ProjectView;

/// The project that the path names, for a token that may read it and has not called too often.
pub struct Caller(pub Arc<ProjectView>);

impl FromRequestParts<App> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let manager = Manager::from_request_parts(parts, app).await?;
        app.task_history_rates().count(manager.token_id, app.clock().now())?;
        let ManagedProject(view) = ManagedProject::of(&manager, parts, app).await?;
        Ok(Self(view))
    }
}
