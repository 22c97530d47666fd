//! Event destinations: where the host developer's own programs are told what happens.

use std::collections::BTreeMap;

use axum::Json as Reply;
use axum::extract::{Path, State};
use base::{Error, EventDestinationId, ProjectId, Result, Secret};
use connect::{Happened, event_destinations as sealed};
use http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use store::Connection;
use store::event_destinations::{self, EVERY_TYPE, EventDestination};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::Answer;
use crate::http::body::Json;

/// How many destinations a project may have.
const DESTINATIONS_MAX: usize = 50;
/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 200;

/// An event destination.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventDestination)]
pub struct DestinationBody {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: EventDestinationId,
    /// What people call it.
    pub name: String,
    /// Where deliveries go.
    pub url: String,
    /// The types of events it hears of; `*` is all.
    pub types: Vec<String>,
    /// The body, a JSON value with expressions over `trigger`, the event; null: the event itself.
    pub template: Option<Value>,
    /// The names of the headers that deliveries carry.
    pub header_names: Vec<String>,
    /// Whether it hears of anything.
    pub active: bool,
    /// Why it does not, where it was switched off by itself.
    pub disabled_reason: Option<String>,
    /// RFC 3339; since when no delivery arrived, null while they do.
    pub failing_since: Option<String>,
    /// RFC 3339; until when deliveries are also signed with the secret that was replaced.
    pub previous_secret_until: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

impl DestinationBody {
    fn new(row: EventDestination, types: Vec<String>) -> Self {
        Self {
            id: row.id,
            name: row.name,
            url: row.url,
            types,
            template: row.template,
            header_names: row.header_names,
            active: row.is_active,
            disabled_reason: row.disabled_reason,
            failing_since: row.failing_since.map(|time| time.to_rfc3339()),
            previous_secret_until: row.previous_until.map(|time| time.to_rfc3339()),
            created_at: row.created_at.to_rfc3339(),
            updated_at: row.updated_at.to_rfc3339(),
        }
    }
}

/// A destination with the secret that its deliveries are signed with from now on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventDestinationSecret {
    /// The destination.
    #[serde(flatten)]
    pub destination: DestinationBody,
    /// `whsec_…`, as Standard Webhooks libraries take it. It is shown this once.
    pub secret: String,
}

/// A destination to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewEventDestination {
    /// What people call it.
    pub name: String,
    /// Where deliveries go: http or https; a private address must stand in `outbound.allow`.
    pub url: String,
    /// The types of events it hears of; left out, it hears of all.
    pub types: Option<Vec<String>>,
    /// The body, a JSON value with expressions over `trigger`, the event; left out, the event itself.
    pub template: Option<Value>,
    /// Headers that deliveries carry. Their values are never shown.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub headers: BTreeMap<String, Secret<String>>,
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EventDestinationChange {
    /// What people call it.
    pub name: Option<String>,
    /// Where deliveries go.
    pub url: Option<String>,
    /// The types of events it hears of.
    pub types: Option<Vec<String>>,
    /// The body; null for the event itself.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Value>)]
    pub template: Option<Option<Value>>,
    /// All headers that deliveries carry.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub headers: Option<BTreeMap<String, Secret<String>>>,
    /// Whether it hears of anything.
    pub active: Option<bool>,
}

/// Tells a null that was given from nothing.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<Value>>, D::Error> {
    Option::<Value>::deserialize(from).map(Some)
}

/// Lists the project's event destinations, the oldest first.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/event-destinations", tag = "event destinations",
    params(("project_id" = String, Path)),
    responses((status = 200, body = [DestinationBody]), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_event_destinations(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
) -> Answer<Reply<Vec<DestinationBody>>> {
    let mut conn = app.store().read().await?;
    let mut shown = Vec::new();
    for row in event_destinations::list(&mut conn, view.id()).await? {
        let types = event_destinations::types(&mut conn, row.id).await?;
        shown.push(DestinationBody::new(row, types));
    }
    Ok(Reply(shown))
}

/// Makes an event destination, and answers the secret that its deliveries are signed with.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/event-destinations", tag = "event destinations",
    params(("project_id" = String, Path)), request_body = NewEventDestination,
    responses((status = 201, body = EventDestinationSecret), (status = "4XX", body = super::openapi::Problem)))]
pub async fn create_event_destination(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Json(body): Json<NewEventDestination>,
) -> Answer<(StatusCode, Reply<EventDestinationSecret>)> {
    let now = app.clock().now();
    let mut row = EventDestination {
        id: EventDestinationId::new(app.clock(), app.random()),
        project_id: view.id(),
        name: body.name,
        url: body.url,
        template: body.template,
        header_names: Vec::new(),
        headers: None,
        secret: Vec::new(),
        previous_secret: None,
        previous_until: None,
        is_active: true,
        disabled_reason: None,
        failing_since: None,
        created_at: now,
        updated_at: now,
    };
    let types = checked_types(body.types.unwrap_or_else(|| vec![EVERY_TYPE.to_owned()]))?;
    check(&row)?;
    let mut tx = app.store().begin().await?;
    let known = event_destinations::list(&mut tx, view.id()).await?.len();
    if known >= DESTINATIONS_MAX {
        let message = format!("A project has at most {DESTINATIONS_MAX} event destinations.");
        return Err(Error::invalid("too_many_destinations", message).into());
    }
    app.connect().set_destination_headers(&mut tx, &mut row, &body.headers).await?;
    let secret = app.connect().renew_signing_secret(&mut tx, &mut row).await?;
    event_destinations::put(&mut tx, &row).await?;
    event_destinations::set_types(&mut tx, row.id, &types).await?;
    tx.commit().await?;
    let destination = DestinationBody::new(row, types);
    Ok((StatusCode::CREATED, Reply(EventDestinationSecret { destination, secret })))
}

/// Shows an event destination.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/event-destinations/{destination_id}",
    tag = "event destinations", params(("project_id" = String, Path), ("destination_id" = String, Path)),
    responses((status = 200, body = DestinationBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn get_event_destination(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Reply<DestinationBody>> {
    let mut conn = app.store().read().await?;
    let row = find(&mut conn, view.id(), &id).await?;
    let types = event_destinations::types(&mut conn, row.id).await?;
    Ok(Reply(DestinationBody::new(row, types)))
}

/// Changes an event destination. Switching it on again forgets that it was failing.
#[utoipa::path(patch, path = "/api/v1/projects/{project_id}/event-destinations/{destination_id}",
    tag = "event destinations", params(("project_id" = String, Path), ("destination_id" = String, Path)),
    request_body = EventDestinationChange,
    responses((status = 200, body = DestinationBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn update_event_destination(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    Json(change): Json<EventDestinationChange>,
) -> Answer<Reply<DestinationBody>> {
    let mut tx = app.store().begin().await?;
    event_destinations::hold(&mut tx, view.id(), id.parse()?).await?;
    let mut row = find(&mut tx, view.id(), &id).await?;
    row.name = change.name.unwrap_or(row.name);
    row.url = change.url.unwrap_or(row.url);
    row.template = change.template.unwrap_or(row.template);
    check(&row)?;
    if let Some(active) = change.active {
        (row.is_active, row.disabled_reason, row.failing_since) = (active, None, None);
    }
    if let Some(headers) = &change.headers {
        app.connect().set_destination_headers(&mut tx, &mut row, headers).await?;
    }
    row.updated_at = app.clock().now();
    event_destinations::put(&mut tx, &row).await?;
    let types = match change.types {
        Some(types) => {
            let types = checked_types(types)?;
            event_destinations::set_types(&mut tx, row.id, &types).await?;
            types
        }
        None => event_destinations::types(&mut tx, row.id).await?,
    };
    tx.commit().await?;
    Ok(Reply(DestinationBody::new(row, types)))
}

/// Deletes an event destination with everything that is on its way to it.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}/event-destinations/{destination_id}",
    tag = "event destinations", params(("project_id" = String, Path), ("destination_id" = String, Path)),
    responses((status = 204), (status = "4XX", body = super::openapi::Problem)))]
pub async fn delete_event_destination(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<StatusCode> {
    let mut tx = app.store().begin().await?;
    let row = find(&mut tx, view.id(), &id).await?;
    event_destinations::delete(&mut tx, view.id(), row.id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a new signing secret. For a day, deliveries are signed with the one before as well.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/event-destinations/{destination_id}/secret",
    tag = "event destinations", params(("project_id" = String, Path), ("destination_id" = String, Path)),
    responses((status = 200, body = EventDestinationSecret), (status = "4XX", body = super::openapi::Problem)))]
pub async fn renew_event_destination_secret(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Reply<EventDestinationSecret>> {
    let mut tx = app.store().begin().await?;
    event_destinations::hold(&mut tx, view.id(), id.parse()?).await?;
    let mut row = find(&mut tx, view.id(), &id).await?;
    let secret = app.connect().renew_signing_secret(&mut tx, &mut row).await?;
    row.updated_at = app.clock().now();
    event_destinations::put(&mut tx, &row).await?;
    let types = event_destinations::types(&mut tx, row.id).await?;
    tx.commit().await?;
    let destination = DestinationBody::new(row, types);
    Ok(Reply(EventDestinationSecret { destination, secret }))
}

/// The destination that a path names.
pub(super) async fn find(
    conn: &mut Connection,
    project_id: ProjectId,
    id: &str,
) -> Result<EventDestination> {
    let found = event_destinations::find(conn, project_id, id.parse()?).await?;
    found.ok_or_else(|| {
        let message = format!("The project has no event destination with the id {id}.");
        Error::not_found("event_destination_not_found", message)
    })
}

fn check(row: &EventDestination) -> Result<()> {
    if row.name.trim().is_empty() || row.name.chars().count() > NAME_CHARS_MAX {
        let message = format!("A name has 1 to {NAME_CHARS_MAX} characters.");
        return Err(Error::invalid("invalid_name", message));
    }
    sealed::check_address(&row.url)?;
    row.template.as_ref().map(engine::destinations::compile).transpose().map(drop)
}

fn checked_types(mut types: Vec<String>) -> Result<Vec<String>> {
    let is_known = |kind: &str| {
        kind == EVERY_TYPE || Happened::ALL.iter().any(|happened| happened.as_str() == kind)
    };
    if let Some(unknown) = types.iter().find(|kind| !is_known(kind)) {
        let names: Vec<&str> = Happened::ALL.iter().map(|happened| happened.as_str()).collect();
        let message =
            format!("There are no events \"{unknown}\": choose from {}, or *.", names.join(", "));
        return Err(Error::invalid("unknown_event_type", message));
    }
    types.sort_unstable();
    types.dedup();
    Ok(types)
}
