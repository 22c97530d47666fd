//! What happened in a project, kept for its owner: written in the transaction that made it happen.

use std::sync::LazyLock;

use base::{EventId, ProjectId, Result, Timestamp};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::batch::Sized;
use crate::page::Cursor;
use crate::{Connection, Page, PageRequest, event_deliveries, query, row};

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// What happened: `credential.connected`.
    pub kind: String,
    /// The id of the thing it happened to.
    pub subject: String,
    /// More about it, without secrets.
    pub payload: Value,
    /// When.
    pub created_at: Timestamp,
}

fn read(found: &AnyRow) -> Result<Event> {
    Ok(Event {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        kind: row::get(found, "type")?,
        subject: row::get(found, "subject")?,
        payload: row::json(found, "payload")?,
        created_at: row::time(found, "created_at")?,
    })
}

/// Adds an event, and puts it on its way to whoever wants to hear of it.
pub async fn insert(conn: &mut Connection, event: &Event) -> Result<()> {
    insert_all(conn, &[event]).await
}

/// Adds events, and puts them on their way to whoever wants to hear of them.
pub async fn insert_all(conn: &mut Connection, events: &[&Event]) -> Result<()> {
    write(conn, events).await?;
    event_deliveries::fan_out(conn, events).await
}

static WRITE: LazyLock<Sized> = LazyLock::new(|| {
    let before = "insert into events (id, project_id, type, subject, payload, created_at) values ";
    Sized::new(before, &[""; 6], "")
});

/// Adds events, and nothing else.
pub async fn write(conn: &mut Connection, events: &[&Event]) -> Result<()> {
    for (sql, part) in WRITE.split(events) {
        let mut statement = sqlx::query(sql);
        for event in part {
            statement = statement
                .bind(event.id.to_string())
                .bind(event.project_id.to_string())
                .bind(&event.kind)
                .bind(&event.subject)
                .bind(row::to_json(&event.payload))
                .bind(event.created_at.0);
        }
        query::execute(conn, statement).await?;
    }
    Ok(())
}

/// The event with this id.
pub async fn find(
    conn: &mut Connection,
    project_id: ProjectId,
    id: EventId,
) -> Result<Option<Event>> {
    let statement = sqlx::query(
        "select id, project_id, type, subject, payload, created_at from events \
         where project_id = $1 and id = $2",
    )
    .bind(project_id.to_string())
    .bind(id.to_string());
    query::find(conn, statement, read).await
}

/// A project's events page by page, of one type or of all.
pub async fn list(
    conn: &mut Connection,
    project_id: ProjectId,
    kind: Option<&str>,
    page: &PageRequest,
) -> Result<Page<Event>> {
    let sql = match kind {
        None => {
            "select id, project_id, type, subject, payload, created_at from events \
             where project_id = $1 and (created_at, id) > ($2, $3) \
             order by created_at, id limit $4"
        }
        Some(_) => {
            "select id, project_id, type, subject, payload, created_at from events \
             where project_id = $1 and (created_at, id) > ($2, $3) and type = $5 \
             order by created_at, id limit $4"
        }
    };
    let statement = sqlx::query(sql).bind(project_id.to_string());
    let mut statement = page.oldest_first(statement);
    if let Some(kind) = kind {
        statement = statement.bind(kind.to_owned());
    }
    query::page(conn, statement, page, read, |event| Cursor::new(event.created_at, event.id)).await
}

/// Deletes events older than `time`, at most `limit`, and answers how many.
pub async fn delete_before(conn: &mut Connection, time: Timestamp, limit: u32) -> Result<u64> {
    let statement = sqlx::query(
        "delete from events where id in \
         (select id from events where created_at < $1 order by created_at limit $2)",
    )
    .bind(time.0)
    .bind(i64::from(limit));
    query::execute(conn, statement).await
}
