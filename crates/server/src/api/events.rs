//! Events of a project: what happened to its accounts and apps.

use axum::Json as Reply;
use axum::extract::{FromRequestParts, Query, State};
use base::{Error, EventId, Result};
use connect::Happened;
use http::request::Parts;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::PageRequest;
use store::events::Event;
use utoipa::{IntoParams, ToSchema};

use super::paging::PageBody;
use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::{Answer, Failure};

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Event)]
pub struct EventBody {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: EventId,
    /// `credential.connected`, `credential.updated`, `credential.removed`, `credential.invalid`,
    /// `integration.secret_expiring`, `integration.app_failure`, `workflow.failed`,
    /// `destination.disabled`, or `destination.test`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id of the account, integration, execution or destination it happened to.
    pub subject: String,
    /// More about it.
    pub payload: Value,
    /// RFC 3339.
    pub created_at: String,
}

impl From<Event> for EventBody {
    fn from(event: Event) -> Self {
        Self {
            id: event.id,
            kind: event.kind,
            subject: event.subject,
            payload: event.payload,
            created_at: event.created_at.to_rfc3339(),
        }
    }
}

/// Which events are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct EventQuery {
    /// Only events of this type.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    pub kind: Option<String>,
    /// The `next` of the page before; left out for the first.
    pub after: Option<String>,
    /// How many items, at most 200.
    #[param(maximum = 200, default = 50)]
    pub limit: Option<u32>,
}

impl FromRequestParts<App> for EventQuery {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let Query(query) =
            Query::<Self>::from_request_parts(parts, app).await.map_err(|cause| {
                Error::invalid("invalid_query", format!("The query has another form: {cause}."))
            })?;
        Ok(query)
    }
}

/// Lists what happened in the project, the oldest first.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/events", tag = "events",
    params(("project_id" = String, Path), EventQuery),
    responses((status = 200, body = PageBody<EventBody>), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_events(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    query: EventQuery,
) -> Answer<Reply<PageBody<EventBody>>> {
    let after = query.after.as_deref().map(str::parse).transpose()?;
    let page = PageRequest { after, limit: query.limit.unwrap_or(0) };
    let kind = query.kind.as_deref();
    let known = |kind: &&str| Happened::ALL.iter().any(|happened| happened.as_str() == *kind);
    if let Some(kind) = kind.filter(|kind| !known(kind)) {
        let names: Vec<&str> = Happened::ALL.iter().map(|happened| happened.as_str()).collect();
        let message = format!("There are no events \"{kind}\": choose from {}.", names.join(", "));
        return Err(Error::invalid("unknown_event_type", message).into());
    }
    let mut conn = app.store().read().await?;
    let page = store::events::list(&mut conn, view.id(), kind, &page).await?;
    Ok(Reply(PageBody::of(page, EventBody::from)))
}
