//! The end user themselves.

use axum::Json as Reply;
use axum::extract::State;
use serde_json::{Map, Value, json};
use store::changes::{self, Kind};
use store::connected_users;

use super::accounts::{self, Account};
use super::wire;
use crate::app::App;
use crate::auth::end_user::EndUser;
use crate::failure::Answer;
use crate::http::body::Json;

/// Who the caller is and what they have connected.
pub async fn show(user: EndUser, State(app): State<App>) -> Answer<Reply<Value>> {
    Ok(Reply(describe(&app, &user).await?))
}

/// The project alone, as the vendor's first SDKs ask for it.
pub async fn project(user: EndUser) -> Reply<Value> {
    Reply(wire::project(user.project.id()))
}

/// Merges metadata of the user: `{meta: {…}}`, or, as one client sends it, the fields themselves.
pub async fn update(
    user: EndUser,
    State(app): State<App>,
    Json(body): Json<Map<String, Value>>,
) -> Answer<Reply<Value>> {
    let added = match body.get("meta") {
        Some(Value::Object(meta)) => meta.clone(),
        _ => body,
    };
    let mut stored = user.load(&app).await?;
    stored.metadata.extend(added);
    let mut tx = app.store().begin().await?;
    connected_users::update(&mut tx, &stored).await?;
    changes::note(&mut tx, stored.project_id, Kind::ConnectedUser, stored.id, app.clock().now())
        .await?;
    tx.commit().await?;
    app.catch_up().await?;
    Ok(Reply(describe(&app, &user).await?))
}

async fn describe(app: &App, user: &EndUser) -> base::Result<Value> {
    let stored = user.load(app).await?;
    let mut accounts = accounts::all(app, &user.project, &stored).await?;
    let mut integrations = Map::new();
    for integration in &user.project.integrations {
        let (own, others): (Vec<Account>, Vec<Account>) = accounts
            .into_iter()
            .partition(|account| account.credential.integration_id == integration.id);
        accounts = others;
        integrations.insert(integration.kind.clone(), wire::integration_state(&own));
    }
    Ok(json!({
        "authenticated": true,
        "userId": user.known.subject,
        "meta": stored.metadata,
        "resources": [],
        "project": wire::project(user.project.id()),
        "integrations": integrations,
    }))
}
