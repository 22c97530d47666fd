//! The project's integrations as an end user may see them.

use axum::Json as Reply;
use axum::extract::State;
use serde_json::{Value, json};
use store::app_registrations;

use super::{offer, wire};
use crate::app::App;
use crate::auth::end_user::EndUser;
use crate::failure::Answer;

/// Every integration of the project, inactive ones marked.
pub async fn list(user: EndUser, State(app): State<App>) -> Answer<Reply<Value>> {
    let stored = user.load(&app).await?;
    let mut shown = Vec::new();
    for integration in &user.project.integrations {
        // The operator may have taken a connector of their own away.
        let Ok(provider) = app.connect().provider(&integration.kind) else { continue };
        let mut conn = app.store().read().await?;
        let own = app_registrations::find_current(&mut conn, user.project.id(), integration.id);
        let own = own.await?.is_some();
        let mut one = wire::integration(integration, provider, own, app.public_url());
        offer::describe(&mut one, integration, &user.project.workflows, &stored);
        if let Some(connector) = app.catalogue().get(&integration.kind) {
            one["sdkIntegrationConfig"]["dataSources"] = wire::data_sources(connector.sources());
        }
        shown.push(one);
    }
    Ok(Reply(Value::Array(shown)))
}

/// Type, name, colour and icon of each active integration.
pub async fn metadata(user: EndUser, State(app): State<App>) -> Answer<Reply<Value>> {
    let public_url = app.public_url();
    let active = user.project.integrations.iter().filter(|integration| integration.is_active);
    let shown = active
        .filter_map(|integration| {
            let provider = app.connect().provider(&integration.kind).ok()?;
            Some(json!({
                "type": integration.kind,
                "name": provider.name,
                "brandColor": provider.brand_color,
                "icon": format!("{public_url}/integrations/{}.svg", integration.kind),
            }))
        })
        .collect();
    Ok(Reply(Value::Array(shown)))
}
