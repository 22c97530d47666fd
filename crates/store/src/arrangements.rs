//! What a workflow that is on for a configuration waits for: a reader, a time, or nothing but being
//! called. The row goes when the workflow is switched off.

use base::{ConfigurationId, Error, FeedId, ProjectId, Result, Timestamp, WorkflowId};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::{Connection, Engine, query, row};

/// How many listeners of one reader there may be.
pub const LISTENERS_MAX: i64 = 1_000;

/// One arrangement.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrangement {
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// The settings it is on for.
    pub configuration_id: ConfigurationId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// The kind of the trigger.
    pub kind: String,
    /// The trigger's inputs, with the person's settings put in.
    pub inputs: Value,
    /// The reader that it listens to.
    pub feed_id: Option<FeedId>,
    /// When its time comes.
    pub next_at: Option<Timestamp>,
    /// Until when a node runs it.
    pub lease_until: Timestamp,
    /// When it ran because the account was connected.
    pub fired_at: Option<Timestamp>,
    /// Why it cannot run.
    pub problem: Option<String>,
}

macro_rules! columns {
    () => {
        "workflow_id, configuration_id, project_id, kind, inputs, feed_id, next_at, lease_until, \
         fired_at, problem"
    };
}

fn read(found: &AnyRow) -> Result<Arrangement> {
    Ok(Arrangement {
        workflow_id: row::id(found, "workflow_id")?,
        configuration_id: row::id(found, "configuration_id")?,
        project_id: row::id(found, "project_id")?,
        kind: row::get(found, "kind")?,
        inputs: row::json(found, "inputs")?,
        feed_id: row::optional_id(found, "feed_id")?,
        next_at: row::optional_time(found, "next_at")?,
        lease_until: row::time(found, "lease_until")?,
        fired_at: row::optional_time(found, "fired_at")?,
        problem: row::get(found, "problem")?,
    })
}

/// The arrangement of an enablement.
pub async fn find(
    conn: &mut Connection,
    project_id: ProjectId,
    (workflow_id, configuration_id): (WorkflowId, ConfigurationId),
) -> Result<Option<Arrangement>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from arrangements where project_id = $1 and workflow_id = $2 and configuration_id = $3"
    ))
    .bind(project_id.to_string())
    .bind(workflow_id.to_string())
    .bind(configuration_id.to_string());
    query::find(conn, statement, read).await
}

/// Adds an arrangement or puts it in the place of the one there is.
pub async fn put(conn: &mut Connection, arrangement: &Arrangement) -> Result<()> {
    let statement = sqlx::query(concat!(
        "insert into arrangements (",
        columns!(),
        ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         on conflict (workflow_id, configuration_id) do update set kind = excluded.kind, \
         inputs = excluded.inputs, feed_id = excluded.feed_id, next_at = excluded.next_at, \
         lease_until = excluded.lease_until, fired_at = excluded.fired_at, \
         problem = excluded.problem"
    ))
    .bind(arrangement.workflow_id.to_string())
    .bind(arrangement.configuration_id.to_string())
    .bind(arrangement.project_id.to_string())
    .bind(&arrangement.kind)
    .bind(row::to_json(&arrangement.inputs))
    .bind(arrangement.feed_id.map(|id| id.to_string()))
    .bind(arrangement.next_at.map(|time| time.0))
    .bind(arrangement.lease_until.0)
    .bind(arrangement.fired_at.map(|time| time.0))
    .bind(arrangement.problem.as_deref());
    query::execute(conn, statement).await.map(drop)
}

/// Who listens to a reader, at most [`LISTENERS_MAX`].
pub async fn list_of_feed(
    conn: &mut Connection,
    project_id: ProjectId,
    feed_id: FeedId,
) -> Result<Vec<Arrangement>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from arrangements where project_id = $1 and feed_id = $2 \
         order by workflow_id, configuration_id limit $3"
    ))
    .bind(project_id.to_string())
    .bind(feed_id.to_string())
    .bind(LISTENERS_MAX);
    query::list(conn, statement, read).await
}

macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "update arrangements set lease_until = $2 where (workflow_id, configuration_id) in \
             (select workflow_id, configuration_id from arrangements where next_at is not null \
             and next_at <= $1 and lease_until <= $1 \
             order by next_at, workflow_id, configuration_id limit $3",
            $lock,
            ") returning ",
            columns!()
        )
    };
}

/// Takes up to `rows_max` arrangements whose time has come and that no node has.
pub async fn claim(
    conn: &mut Connection,
    engine: Engine,
    now: Timestamp,
    lease_until: Timestamp,
    rows_max: i64,
) -> Result<Vec<Arrangement>> {
    let sql = match engine {
        Engine::Sqlite => claim!(""),
        Engine::Postgres => claim!(" for update skip locked"),
    };
    let statement = sqlx::query(sql).bind(now.0).bind(lease_until.0).bind(rows_max);
    query::list(conn, statement, read).await
}

/// Says when the time of a claimed arrangement comes next. One that was arranged anew meanwhile
/// stays as it is.
pub async fn reschedule(
    conn: &mut Connection,
    claimed: &Arrangement,
    next_at: Option<Timestamp>,
    fired_at: Option<Timestamp>,
) -> Result<()> {
    let statement = sqlx::query(
        "update arrangements set next_at = $4, fired_at = $5, lease_until = 0 \
         where workflow_id = $1 and configuration_id = $2 and next_at = $3",
    )
    .bind(claimed.workflow_id.to_string())
    .bind(claimed.configuration_id.to_string())
    .bind(claimed.next_at.map(|time| time.0))
    .bind(next_at.map(|time| time.0))
    .bind(fired_at.map(|time| time.0));
    query::execute(conn, statement).await.map(drop)
}

/// Gives a claimed arrangement back: its time, which stays, may be taken from `at` on.
pub async fn postpone(conn: &mut Connection, claimed: &Arrangement, at: Timestamp) -> Result<()> {
    let statement = sqlx::query(
        "update arrangements set lease_until = $4 \
         where workflow_id = $1 and configuration_id = $2 and next_at = $3",
    )
    .bind(claimed.workflow_id.to_string())
    .bind(claimed.configuration_id.to_string())
    .bind(claimed.next_at.map(|time| time.0))
    .bind(at.0);
    query::execute(conn, statement).await.map(drop)
}

/// Whether the time of any arrangement has come.
pub async fn is_any_due(conn: &mut Connection, now: Timestamp) -> Result<bool> {
    let statement = sqlx::query(
        "select next_at from arrangements where next_at is not null and next_at <= $1 \
         and lease_until <= $1 limit 1",
    )
    .bind(now.0);
    Ok(query::find(conn, statement, |found| row::time(found, "next_at")).await?.is_some())
}

/// The number of the change log up to which workflows are arranged for.
pub async fn number(conn: &mut Connection) -> Result<i64> {
    let statement = sqlx::query("select change_number from arranged where id = 1");
    let found = query::find(conn, statement, |found| row::get(found, "change_number")).await?;
    Ok(found.unwrap_or(0))
}

/// Takes the number of the change log up to which workflows are arranged for. Whoever else wants it
/// waits until the transaction ends.
pub async fn hold_number(conn: &mut Connection) -> Result<i64> {
    let statement = sqlx::query(
        "update arranged set change_number = change_number where id = 1 returning change_number",
    );
    let found = query::find(conn, statement, |found| row::get(found, "change_number")).await?;
    found.ok_or_else(|| Error::internal("the table arranged has no row"))
}

/// Notes the number up to which workflows are arranged for.
pub async fn note_number(conn: &mut Connection, number: i64) -> Result<()> {
    let statement = sqlx::query("update arranged set change_number = $1 where id = 1").bind(number);
    query::execute(conn, statement).await.map(drop)
}
