//! Event destinations: where a host developer wants to be told what happens.

use base::{EventDestinationId, ProjectId, Result, Timestamp};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::{Connection, query, row};

/// The type that stands for all.
pub const EVERY_TYPE: &str = "*";

/// One destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDestination {
    /// Its id.
    pub id: EventDestinationId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// What people call it.
    pub name: String,
    /// Where deliveries go.
    pub url: String,
    /// The body, with expressions over the event; none is the event itself.
    pub template: Option<Value>,
    /// The names of the headers that deliveries carry.
    pub header_names: Vec<String>,
    /// Names and values of those headers, sealed.
    pub headers: Option<Vec<u8>>,
    /// What deliveries are signed with, sealed.
    pub secret: Vec<u8>,
    /// What they are signed with as well for a while, sealed.
    pub previous_secret: Option<Vec<u8>>,
    /// Until when.
    pub previous_until: Option<Timestamp>,
    /// Whether it hears of what happens.
    pub is_active: bool,
    /// Why it does not, where nobody said so.
    pub disabled_reason: Option<String>,
    /// Since when no delivery went well; none: the last one did.
    pub failing_since: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

macro_rules! columns {
    () => {
        "id, project_id, name, url, template, header_names, headers, secret, previous_secret, \
         previous_until, is_active, disabled_reason, failing_since, created_at, updated_at"
    };
}

fn read(found: &AnyRow) -> Result<EventDestination> {
    Ok(EventDestination {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        name: row::get(found, "name")?,
        url: row::get(found, "url")?,
        template: row::optional_json(found, "template")?,
        header_names: row::json(found, "header_names")?,
        headers: row::get(found, "headers")?,
        secret: row::get(found, "secret")?,
        previous_secret: row::get(found, "previous_secret")?,
        previous_until: row::optional_time(found, "previous_until")?,
        is_active: row::flag(found, "is_active")?,
        disabled_reason: row::get(found, "disabled_reason")?,
        failing_since: row::optional_time(found, "failing_since")?,
        created_at: row::time(found, "created_at")?,
        updated_at: row::time(found, "updated_at")?,
    })
}

/// Adds a destination that hears of nothing yet, or changes one.
pub async fn put(conn: &mut Connection, destination: &EventDestination) -> Result<()> {
    let statement = sqlx::query(concat!(
        "insert into event_destinations (",
        columns!(),
        ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
         on conflict (id) do update set name = excluded.name, url = excluded.url, \
         template = excluded.template, header_names = excluded.header_names, \
         headers = excluded.headers, secret = excluded.secret, \
         previous_secret = excluded.previous_secret, previous_until = excluded.previous_until, \
         is_active = excluded.is_active, disabled_reason = excluded.disabled_reason, \
         failing_since = excluded.failing_since, updated_at = excluded.updated_at"
    ))
    .bind(destination.id.to_string())
    .bind(destination.project_id.to_string())
    .bind(&destination.name)
    .bind(&destination.url)
    .bind(destination.template.as_ref().map(row::to_json))
    .bind(row::to_json(&destination.header_names))
    .bind(destination.headers.as_deref())
    .bind(&destination.secret[..])
    .bind(destination.previous_secret.as_deref())
    .bind(destination.previous_until.map(|time| time.0))
    .bind(i64::from(destination.is_active))
    .bind(destination.disabled_reason.as_deref())
    .bind(destination.failing_since.map(|time| time.0))
    .bind(destination.created_at.0)
    .bind(destination.updated_at.0);
    query::execute(conn, statement).await.map(drop)
}

/// The destination with this id.
pub async fn find(
    conn: &mut Connection,
    project_id: ProjectId,
    id: EventDestinationId,
) -> Result<Option<EventDestination>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from event_destinations where project_id = $1 and id = $2"
    ))
    .bind(project_id.to_string())
    .bind(id.to_string());
    query::find(conn, statement, read).await
}

/// Keeps others from changing a destination until the transaction ends: what is read of it then and
/// written back takes nobody's change away.
pub async fn hold(
    conn: &mut Connection,
    project_id: ProjectId,
    id: EventDestinationId,
) -> Result<()> {
    let statement = sqlx::query(
        "update event_destinations set updated_at = updated_at where project_id = $1 and id = $2",
    )
    .bind(project_id.to_string())
    .bind(id.to_string());
    query::execute(conn, statement).await.map(drop)
}

/// A project's destinations, the oldest first.
pub async fn list(conn: &mut Connection, project_id: ProjectId) -> Result<Vec<EventDestination>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from event_destinations where project_id = $1 order by created_at, id"
    ))
    .bind(project_id.to_string());
    query::list(conn, statement, read).await
}

/// Deletes a destination with all deliveries to it; false when there is none.
pub async fn delete(
    conn: &mut Connection,
    project_id: ProjectId,
    id: EventDestinationId,
) -> Result<bool> {
    let statement = sqlx::query("delete from event_destinations where project_id = $1 and id = $2")
        .bind(project_id.to_string())
        .bind(id.to_string());
    Ok(query::execute(conn, statement).await? > 0)
}

/// Says of which types of events a destination hears: these and no others.
pub async fn set_types(
    conn: &mut Connection,
    id: EventDestinationId,
    types: &[String],
) -> Result<()> {
    let statement = sqlx::query("delete from event_destination_types where destination_id = $1")
        .bind(id.to_string());
    query::execute(conn, statement).await?;
    for kind in types {
        let statement = sqlx::query(
            "insert into event_destination_types (destination_id, type) values ($1, $2) \
             on conflict do nothing",
        )
        .bind(id.to_string())
        .bind(kind);
        query::execute(conn, statement).await?;
    }
    Ok(())
}

/// Of which types of events a destination hears.
pub async fn types(conn: &mut Connection, id: EventDestinationId) -> Result<Vec<String>> {
    let statement = sqlx::query(
        "select type from event_destination_types where destination_id = $1 order by type",
    )
    .bind(id.to_string());
    query::list(conn, statement, |found| row::get(found, "type")).await
}

/// Notes that a delivery went well.
pub async fn note_success(conn: &mut Connection, id: EventDestinationId) -> Result<()> {
    let statement = sqlx::query(
        "update event_destinations set failing_since = null \
         where id = $1 and failing_since is not null",
    )
    .bind(id.to_string());
    query::execute(conn, statement).await.map(drop)
}

/// Notes that a delivery did not go well, and answers since when none did.
pub async fn note_failure(
    conn: &mut Connection,
    id: EventDestinationId,
    now: Timestamp,
) -> Result<Timestamp> {
    let statement = sqlx::query(
        "update event_destinations set failing_since = coalesce(failing_since, $2) \
         where id = $1 returning failing_since",
    )
    .bind(id.to_string())
    .bind(now.0);
    let since = query::find(conn, statement, |found| row::time(found, "failing_since")).await?;
    Ok(since.unwrap_or(now))
}

/// Switches a destination off; false when it was off already.
pub async fn disable(
    conn: &mut Connection,
    id: EventDestinationId,
    reason: &str,
    now: Timestamp,
) -> Result<bool> {
    let statement = sqlx::query(
        "update event_destinations set is_active = 0, disabled_reason = $2, updated_at = $3 \
         where id = $1 and is_active = 1",
    )
    .bind(id.to_string())
    .bind(reason)
    .bind(now.0);
    Ok(query::execute(conn, statement).await? > 0)
}
