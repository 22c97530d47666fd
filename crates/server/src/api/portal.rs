//! How a project's Connect Portal looks.

use axum::Json as Reply;
use axum::extract::State;

use super::projects::note_change;
use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::Answer;
use crate::http::body::Json;
use crate::workflows::look::Look;

/// Shows how the project's Connect Portal looks.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/portal", tag = "portal",
    params(("project_id" = String, Path)),
    responses((status = 200, body = Look), (status = "4XX", body = super::openapi::Problem)))]
pub async fn get_portal(ManagedProject(view): ManagedProject) -> Reply<Look> {
    Reply(view.look.clone())
}

/// Sets how the project's Connect Portal looks. What is left out goes back to the default.
#[utoipa::path(put, path = "/api/v1/projects/{project_id}/portal", tag = "portal",
    params(("project_id" = String, Path)), request_body = Look,
    responses((status = 200, body = Look), (status = "4XX", body = super::openapi::Problem)))]
pub async fn set_portal(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Json(look): Json<Look>,
) -> Answer<Reply<Look>> {
    look.check()?;
    let now = app.clock().now();
    let mut tx = app.store().begin().await?;
    store::project_portals::put(&mut tx, view.id(), &look.document(), now).await?;
    note_change(&mut tx, view.id(), now).await?;
    tx.commit().await?;
    app.catch_up().await?;
    Ok(Reply(look))
}
