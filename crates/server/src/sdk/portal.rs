//! What the Connect Portal asks before it shows anything.

use axum::Json as Reply;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::oauth::require_origin;
use crate::app::App;
use crate::auth::end_user::EndUser;
use crate::failure::Answer;

/// Whose message opened the portal.
#[derive(Deserialize)]
pub struct PortalQuery {
    origin: String,
}

/// How the portal looks, for a page of the project's allowed origins or our own.
pub async fn show(
    user: EndUser,
    State(app): State<App>,
    Query(query): Query<PortalQuery>,
) -> Answer<Reply<Value>> {
    require_origin(&app, &user.project, &query.origin)?;
    Ok(Reply(json!({ "projectName": user.project.project.name, "look": user.project.look })))
}
