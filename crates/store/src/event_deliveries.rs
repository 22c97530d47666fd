//! Deliveries: one event on its way to one destination.

use std::sync::LazyLock;
use std::time::Duration;

use base::{EventDestinationId, EventId, ProjectId, Result, Timestamp};
use sqlx::any::AnyRow;

use crate::batch::Sized;
use crate::events::Event;
use crate::page::Cursor;
use crate::{Connection, Engine, Page, PageRequest, query, row};

/// One delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDelivery {
    /// Where to.
    pub destination_id: EventDestinationId,
    /// What of.
    pub event_id: EventId,
    /// Whose both are.
    pub project_id: ProjectId,
    /// The event's type.
    pub kind: String,
    /// Where it stands.
    pub status: Status,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next; while it is being tried, when somebody else would.
    pub due_at: Option<Timestamp>,
    /// When the event happened.
    pub created_at: Timestamp,
    /// When it arrived, or was given up.
    pub finished_at: Option<Timestamp>,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is tried, or will be.
    Pending,
    /// It arrived.
    Delivered,
    /// It was given up.
    Failed,
}

impl Status {
    /// The name in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Delivered, Self::Failed].into_iter().find(|one| one.as_str() == text)
    }
}

/// How one attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Counts attempts, from 1.
    pub number: i64,
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// The HTTP status; none: there was no answer.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
    /// The beginning of the answer.
    pub excerpt: String,
}

macro_rules! columns {
    () => {
        "destination_id, event_id, project_id, type, status, attempts, due_at, created_at, \
         finished_at"
    };
}

fn read(found: &AnyRow) -> Result<EventDelivery> {
    Ok(EventDelivery {
        destination_id: row::id(found, "destination_id")?,
        event_id: row::id(found, "event_id")?,
        project_id: row::id(found, "project_id")?,
        kind: row::get(found, "type")?,
        status: Status::parse(&row::get::<String>(found, "status")?).unwrap_or(Status::Pending),
        attempts: row::get(found, "attempts")?,
        due_at: row::optional_time(found, "due_at")?,
        created_at: row::time(found, "created_at")?,
        finished_at: row::optional_time(found, "finished_at")?,
    })
}

static FAN_OUT: LazyLock<Sized> = LazyLock::new(|| {
    let after = concat!(
        ") insert into event_deliveries (",
        columns!(),
        ") select event_destinations.id, happened.event_id, happened.project_id, happened.type, \
         'pending', 0, happened.created_at, happened.created_at, null from happened \
         join event_destinations on event_destinations.project_id = happened.project_id \
         and event_destinations.is_active = 1 where exists (select 1 from event_destination_types \
         where event_destination_types.destination_id = event_destinations.id \
         and event_destination_types.type in (happened.type, '*'))"
    );
    let before = "with happened (event_id, project_id, type, created_at) as (values ";
    Sized::new(before, &["text", "text", "text", "bigint"], after)
});

/// Puts events on their way to every destination that hears of their types.
pub(crate) async fn fan_out(conn: &mut Connection, events: &[&Event]) -> Result<()> {
    for (sql, part) in FAN_OUT.split(events) {
        let mut statement = sqlx::query(sql);
        for event in part {
            statement = statement
                .bind(event.id.to_string())
                .bind(event.project_id.to_string())
                .bind(&event.kind)
                .bind(event.created_at.0);
        }
        query::execute(conn, statement).await?;
    }
    Ok(())
}

/// Puts one event on its way to one destination, whatever that hears of. The first attempt is the
/// caller's: nobody else makes it before `due_at`.
pub async fn insert(
    conn: &mut Connection,
    destination_id: EventDestinationId,
    event: &Event,
    due_at: Timestamp,
) -> Result<EventDelivery> {
    let delivery = EventDelivery {
        destination_id,
        event_id: event.id,
        project_id: event.project_id,
        kind: event.kind.clone(),
        status: Status::Pending,
        attempts: 1,
        due_at: Some(due_at),
        created_at: event.created_at,
        finished_at: None,
    };
    let statement = sqlx::query(concat!(
        "insert into event_deliveries (",
        columns!(),
        ") values ($1, $2, $3, $4, 'pending', 1, $5, $6, null)"
    ))
    .bind(destination_id.to_string())
    .bind(event.id.to_string())
    .bind(event.project_id.to_string())
    .bind(&event.kind)
    .bind(due_at.0)
    .bind(event.created_at.0);
    query::execute(conn, statement).await?;
    Ok(delivery)
}

macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "update event_deliveries set due_at = $2, attempts = attempts + 1 \
             where (destination_id, event_id) in (select destination_id, event_id \
             from event_deliveries where due_at is not null and due_at <= $1 \
             order by due_at, event_id limit $3",
            $lock,
            ") returning ",
            columns!()
        )
    };
}

/// Takes deliveries that are due; whoever takes one makes its next attempt before `until`.
pub async fn claim(
    conn: &mut Connection,
    engine: Engine,
    now: Timestamp,
    until: Timestamp,
    rows_max: i64,
) -> Result<Vec<EventDelivery>> {
    let sql = match engine {
        Engine::Sqlite => claim!(""),
        Engine::Postgres => claim!(" for update skip locked"),
    };
    let statement = sqlx::query(sql).bind(now.0).bind(until.0).bind(rows_max);
    query::list(conn, statement, read).await
}

/// How many deliveries are due, counted up to `counted_max`.
pub async fn due(conn: &mut Connection, now: Timestamp, counted_max: i64) -> Result<i64> {
    let statement = sqlx::query(
        "select cast(count(*) as bigint) as due from (select event_id from event_deliveries \
         where due_at is not null and due_at <= $1 limit $2) as found",
    )
    .bind(now.0)
    .bind(counted_max);
    Ok(query::find(conn, statement, |found| row::get(found, "due")).await?.unwrap_or(0))
}

/// Notes how an attempt ended. False when somebody has begun a later one: then nothing changes.
pub async fn finish(
    conn: &mut Connection,
    delivery: &EventDelivery,
    attempt: &Attempt,
) -> Result<bool> {
    let statement = sqlx::query(
        "update event_deliveries set status = $4, due_at = $5, finished_at = $6 \
         where destination_id = $1 and event_id = $2 and attempts = $3 and due_at is not null",
    )
    .bind(delivery.destination_id.to_string())
    .bind(delivery.event_id.to_string())
    .bind(delivery.attempts)
    .bind(delivery.status.as_str())
    .bind(delivery.due_at.map(|time| time.0))
    .bind(delivery.finished_at.map(|time| time.0));
    if query::execute(conn, statement).await? == 0 {
        return Ok(false);
    }
    let statement = sqlx::query(
        "insert into event_delivery_attempts (destination_id, event_id, number, at, duration, \
         status, error, excerpt) values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(delivery.destination_id.to_string())
    .bind(delivery.event_id.to_string())
    .bind(attempt.number)
    .bind(attempt.at.0)
    .bind(i64::try_from(attempt.duration.as_micros()).unwrap_or(i64::MAX))
    .bind(attempt.status.map(i64::from))
    .bind(attempt.error.as_deref())
    .bind(&attempt.excerpt);
    query::execute(conn, statement).await?;
    Ok(true)
}

/// Gives up what is still on its way to a destination.
pub async fn give_up(
    conn: &mut Connection,
    destination_id: EventDestinationId,
    now: Timestamp,
) -> Result<u64> {
    let statement = sqlx::query(
        "update event_deliveries set status = 'failed', due_at = null, finished_at = $2 \
         where destination_id = $1 and due_at is not null",
    )
    .bind(destination_id.to_string())
    .bind(now.0);
    query::execute(conn, statement).await
}

/// Makes a delivery due once more; false when there is none.
pub async fn retry(
    conn: &mut Connection,
    destination_id: EventDestinationId,
    event_id: EventId,
    now: Timestamp,
) -> Result<bool> {
    let statement = sqlx::query(
        "update event_deliveries set status = 'pending', due_at = $3, finished_at = null \
         where destination_id = $1 and event_id = $2",
    )
    .bind(destination_id.to_string())
    .bind(event_id.to_string())
    .bind(now.0);
    Ok(query::execute(conn, statement).await? > 0)
}

/// One delivery.
pub async fn find(
    conn: &mut Connection,
    destination_id: EventDestinationId,
    event_id: EventId,
) -> Result<Option<EventDelivery>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from event_deliveries where destination_id = $1 and event_id = $2"
    ))
    .bind(destination_id.to_string())
    .bind(event_id.to_string());
    query::find(conn, statement, read).await
}

/// The deliveries to a destination, the newest event first: all, or those that stand so.
pub async fn list(
    conn: &mut Connection,
    destination_id: EventDestinationId,
    status: Option<Status>,
    page: &PageRequest,
) -> Result<Page<EventDelivery>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from event_deliveries where destination_id = $1 and ($2 = '' or status = $2) \
         and (created_at, event_id) < ($3, $4) order by created_at desc, event_id desc limit $5"
    ))
    .bind(destination_id.to_string())
    .bind(status.map_or("", Status::as_str));
    query::page(conn, page.newest_first(statement), page, read, |one| {
        Cursor::new(one.created_at, one.event_id)
    })
    .await
}

/// The attempts of a delivery, in order.
pub async fn attempts(
    conn: &mut Connection,
    destination_id: EventDestinationId,
    event_id: EventId,
) -> Result<Vec<Attempt>> {
    let statement = sqlx::query(
        "select number, at, duration, status, error, excerpt from event_delivery_attempts \
         where destination_id = $1 and event_id = $2 order by number",
    )
    .bind(destination_id.to_string())
    .bind(event_id.to_string());
    query::list(conn, statement, read_attempt).await
}

fn read_attempt(found: &AnyRow) -> Result<Attempt> {
    let micros = u64::try_from(row::get::<i64>(found, "duration")?).unwrap_or(0);
    let status: Option<i64> = row::get(found, "status")?;
    Ok(Attempt {
        number: row::get(found, "number")?,
        at: row::time(found, "at")?,
        duration: Duration::from_micros(micros),
        status: status.and_then(|status| u16::try_from(status).ok()),
        error: row::get(found, "error")?,
        excerpt: row::get(found, "excerpt")?,
    })
}

/// Deletes deliveries that ended before `time`, at most `rows_max`; answers how many.
pub async fn delete_before(conn: &mut Connection, time: Timestamp, rows_max: i64) -> Result<u64> {
    let statement = sqlx::query(
        "delete from event_deliveries where (destination_id, event_id) in \
         (select destination_id, event_id from event_deliveries where finished_at is not null \
         and finished_at < $1 order by finished_at limit $2)",
    )
    .bind(time.0)
    .bind(rows_max);
    query::execute(conn, statement).await
}
