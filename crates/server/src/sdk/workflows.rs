//! Workflows on and off for the end user.

use axum::Json as Reply;
use axum::extract::{Path, State};
use base::WorkflowId;
use http::HeaderMap;
use serde_json::{Value, json};

use super::accounts::{self, CONFIGURATION_HEADER, CREDENTIAL_HEADER, header};
use crate::app::App;
use crate::auth::end_user::EndUser;
use crate::failure::Answer;
use crate::projects::require_active;
use crate::workflows::enabling::{Seat, hold, not_found};

/// Switches a workflow on for the account and configuration that the headers name, or the default
/// ones.
pub async fn enable(
    user: EndUser,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer<Reply<Value>> {
    let id: WorkflowId = id.parse()?;
    let view = &*user.project;
    let workflow = view.workflow(id).ok_or_else(|| not_found(id))?;
    let integration_id = workflow.integration_id.ok_or_else(|| not_found(id))?;
    require_active(view.integration(integration_id)?)?;
    let stored = user.load(&app).await?;
    let all = accounts::all(&app, view, &stored).await?;
    let account = accounts::choose(&all, integration_id, header(&headers, CREDENTIAL_HEADER))?;
    let named = account.configuration(header(&headers, CONFIGURATION_HEADER))?;
    let mut tx = app.store().begin().await?;
    let configuration = &hold(&mut tx, named).await?;
    let seat = Seat { view, user: &stored, integration_id, configuration };
    seat.enable(&mut tx, workflow, app.clock().now()).await?;
    tx.commit().await?;
    app.catch_up().await?;
    Ok(Reply(json!({ "workflowId": id, "enabled": true })))
}

/// Switches a workflow off, also one that is not deployed any more or lets the user in no longer.
pub async fn disable(
    user: EndUser,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer<Reply<Value>> {
    let id: WorkflowId = id.parse()?;
    let view = &*user.project;
    let stored = user.load(&app).await?;
    let mut conn = app.store().read().await?;
    let workflow = store::workflows::find(&mut conn, view.id(), id).await?;
    drop(conn);
    let live = view.workflow(id).and_then(|live| live.integration_id);
    let integration_id = live.or_else(|| workflow.as_ref()?.integration_id);
    let integration_id = integration_id.ok_or_else(|| not_found(id))?;
    let all = accounts::all(&app, view, &stored).await?;
    let account = accounts::choose(&all, integration_id, header(&headers, CREDENTIAL_HEADER))?;
    let configuration = account.configuration(header(&headers, CONFIGURATION_HEADER))?;
    let seat = Seat { view, user: &stored, integration_id, configuration };
    let mut tx = app.store().begin().await?;
    seat.disable(&mut tx, id, app.clock().now()).await?;
    tx.commit().await?;
    app.catch_up().await?;
    Ok(Reply(json!({ "workflowId": id, "enabled": false })))
}
