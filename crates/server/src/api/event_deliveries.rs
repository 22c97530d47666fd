//! Deliveries to an event destination: what arrived, what did not and why, and trying again.

use axum::Json as Reply;
use axum::extract::{FromRequestParts, Path, Query, State};
use base::{Error, EventDestinationId, EventId, Result};
use http::request::Parts;
use serde::{Deserialize, Serialize};
use store::event_deliveries::{self, Attempt, EventDelivery, Status};
use store::{Connection, PageRequest};
use utoipa::{IntoParams, ToSchema};

use super::event_destinations::find;
use super::paging::PageBody;
use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::{Answer, Failure};

/// One event on its way to a destination.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventDelivery)]
pub struct DeliveryBody {
    /// The event: also the header `webhook-id` of every attempt.
    #[schema(value_type = String, format = "uuid")]
    pub event_id: EventId,
    /// The event's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// `pending`, `delivered` or `failed`.
    pub status: String,
    /// How often it was tried.
    pub attempts: i64,
    /// RFC 3339; when it is tried next.
    pub due_at: Option<String>,
    /// RFC 3339; when the event happened.
    pub created_at: String,
    /// RFC 3339; when it arrived, or was given up.
    pub finished_at: Option<String>,
}

impl From<EventDelivery> for DeliveryBody {
    fn from(delivery: EventDelivery) -> Self {
        Self {
            event_id: delivery.event_id,
            kind: delivery.kind,
            status: delivery.status.as_str().to_owned(),
            attempts: delivery.attempts,
            due_at: delivery.due_at.map(|time| time.to_rfc3339()),
            created_at: delivery.created_at.to_rfc3339(),
            finished_at: delivery.finished_at.map(|time| time.to_rfc3339()),
        }
    }
}

/// One attempt.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventDeliveryAttempt)]
pub struct AttemptBody {
    /// Counts attempts, from 1.
    pub number: i64,
    /// RFC 3339; when it began.
    pub at: String,
    /// Milliseconds.
    pub duration_ms: f64,
    /// The answer's HTTP status; null when there was none.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// The beginning of the answer.
    pub excerpt: String,
}

impl From<Attempt> for AttemptBody {
    fn from(attempt: Attempt) -> Self {
        Self {
            number: attempt.number,
            at: attempt.at.to_rfc3339(),
            duration_ms: attempt.duration.as_secs_f64() * 1_000.0,
            status: attempt.status,
            error: attempt.error,
            excerpt: attempt.excerpt,
        }
    }
}

/// A delivery with its attempts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventDeliveryDetail {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: DeliveryBody,
    /// Its attempts, in order.
    pub attempts_made: Vec<AttemptBody>,
}

/// Which deliveries are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct DeliveryQuery {
    /// Only deliveries that stand so: `pending`, `delivered` or `failed`.
    pub status: Option<String>,
    /// The `next` of the page before; left out for the first.
    pub after: Option<String>,
    /// How many items, at most 200.
    #[param(maximum = 200, default = 50)]
    pub limit: Option<u32>,
}

impl FromRequestParts<App> for DeliveryQuery {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let Query(query) = Query::from_request_parts(parts, app).await.map_err(|cause| {
            Error::invalid("invalid_query", format!("The query has another form: {cause}."))
        })?;
        Ok(query)
    }
}

/// Lists deliveries to a destination, the newest event first.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/event-destinations/{destination_id}/deliveries",
    tag = "event destinations",
    params(("project_id" = String, Path), ("destination_id" = String, Path), DeliveryQuery),
    responses((status = 200, body = PageBody<DeliveryBody>), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_event_deliveries(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    query: DeliveryQuery,
) -> Answer<Reply<PageBody<DeliveryBody>>> {
    let status = match query.status.as_deref() {
        None => None,
        Some(name) => Some(Status::parse(name).ok_or_else(|| {
            let message = format!("There is no status \"{name}\" of deliveries.");
            Error::invalid("unknown_status", message)
        })?),
    };
    let after = query.after.as_deref().map(str::parse).transpose()?;
    let page = PageRequest { after, limit: query.limit.unwrap_or(0) };
    let mut conn = app.store().read().await?;
    let destination = find(&mut conn, view.id(), &id).await?;
    let page = event_deliveries::list(&mut conn, destination.id, status, &page).await?;
    Ok(Reply(PageBody::of(page, DeliveryBody::from)))
}

/// Shows a delivery with its attempts.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/event-destinations/{destination_id}/deliveries/{event_id}",
    tag = "event destinations",
    params(("project_id" = String, Path), ("destination_id" = String, Path), ("event_id" = String, Path)),
    responses((status = 200, body = EventDeliveryDetail), (status = "4XX", body = super::openapi::Problem)))]
pub async fn get_event_delivery(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id, event_id)): Path<(String, String, String)>,
) -> Answer<Reply<EventDeliveryDetail>> {
    let mut conn = app.store().read().await?;
    let destination = find(&mut conn, view.id(), &id).await?;
    Ok(Reply(detail(&mut conn, destination.id, event_id.parse()?).await?))
}

/// Tries a delivery again, at once.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/event-destinations/{destination_id}/deliveries/{event_id}/retry",
    tag = "event destinations",
    params(("project_id" = String, Path), ("destination_id" = String, Path), ("event_id" = String, Path)),
    responses((status = 200, body = EventDeliveryDetail), (status = "4XX", body = super::openapi::Problem)))]
pub async fn retry_event_delivery(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id, event_id)): Path<(String, String, String)>,
) -> Answer<Reply<EventDeliveryDetail>> {
    let event_id: EventId = event_id.parse()?;
    let mut tx = app.store().begin().await?;
    let destination = find(&mut tx, view.id(), &id).await?;
    event_deliveries::retry(&mut tx, destination.id, event_id, app.clock().now()).await?;
    let detail = detail(&mut tx, destination.id, event_id).await?;
    tx.commit().await?;
    Ok(Reply(detail))
}

/// Delivers a test event now, whatever the destination hears of, and answers how that ended.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/event-destinations/{destination_id}/test",
    tag = "event destinations", params(("project_id" = String, Path), ("destination_id" = String, Path)),
    responses((status = 200, body = EventDeliveryDetail), (status = "4XX", body = super::openapi::Problem)))]
pub async fn test_event_destination(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Reply<EventDeliveryDetail>> {
    let destination = find(&mut *app.store().read().await?, view.id(), &id).await?;
    let event_id = engine::destinations::deliver_test(app.runner().world(), &destination).await?;
    let mut conn = app.store().read().await?;
    Ok(Reply(detail(&mut conn, destination.id, event_id).await?))
}

async fn detail(
    conn: &mut Connection,
    destination_id: EventDestinationId,
    event_id: EventId,
) -> Result<EventDeliveryDetail> {
    let found = event_deliveries::find(conn, destination_id, event_id).await?;
    let delivery = found.ok_or_else(|| {
        let message = format!("The destination has no delivery of the event {event_id}.");
        Error::not_found("event_delivery_not_found", message)
    })?;
    let attempts = event_deliveries::attempts(conn, destination_id, event_id).await?;
    let attempts_made = attempts.into_iter().map(AttemptBody::from).collect();
    Ok(EventDeliveryDetail { delivery: delivery.into(), attempts_made })
}
