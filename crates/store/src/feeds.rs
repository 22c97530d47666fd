//! Readers of what providers tell of accounts: where each stands, when it reads on, and which node
//! reads now.

use base::{ConnectedUserId, CredentialId, Error, FeedId, ProjectId, Result, Timestamp};
use sqlx::any::AnyRow;

use crate::{Connection, Engine, query, row};

/// One reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Its id.
    pub id: FeedId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// In whose name it reads.
    pub user_id: ConnectedUserId,
    /// With which account.
    pub credential_id: CredentialId,
    /// The connector's slug.
    pub connector: String,
    /// The part of the account, in the connector's words.
    pub scope: String,
    /// Where the last reading ended, in the connector's words.
    pub watermark: String,
    /// When it reads on.
    pub due_at: Timestamp,
    /// Until when a node has it.
    pub lease_until: Timestamp,
    /// Counts those nodes.
    pub fence: i64,
    /// When it was last read to its end.
    pub read_at: Option<Timestamp>,
    /// Readings in a row that failed.
    pub failures: i64,
    /// Why the last one did.
    pub problem: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

macro_rules! columns {
    () => {
        "id, project_id, user_id, credential_id, connector, scope, watermark, due_at, lease_until, \
         fence, read_at, failures, problem, created_at"
    };
}

fn read(found: &AnyRow) -> Result<Feed> {
    Ok(Feed {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        user_id: row::id(found, "user_id")?,
        credential_id: row::id(found, "credential_id")?,
        connector: row::get(found, "connector")?,
        scope: row::get(found, "scope")?,
        watermark: row::get(found, "watermark")?,
        due_at: row::time(found, "due_at")?,
        lease_until: row::time(found, "lease_until")?,
        fence: row::get(found, "fence")?,
        read_at: row::optional_time(found, "read_at")?,
        failures: row::get(found, "failures")?,
        problem: row::get(found, "problem")?,
        created_at: row::time(found, "created_at")?,
    })
}

/// Adds the reader, or, if the account has one for this scope, makes that due at `feed.due_at`, if
/// it was not before; answers the one there is.
pub async fn ensure(conn: &mut Connection, feed: &Feed) -> Result<Feed> {
    let statement = sqlx::query(concat!(
        "insert into feeds (",
        columns!(),
        ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         on conflict (credential_id, scope) do update set due_at = case \
         when feeds.due_at < excluded.due_at then feeds.due_at else excluded.due_at end returning ",
        columns!()
    ))
    .bind(feed.id.to_string())
    .bind(feed.project_id.to_string())
    .bind(feed.user_id.to_string())
    .bind(feed.credential_id.to_string())
    .bind(&feed.connector)
    .bind(&feed.scope)
    .bind(&feed.watermark)
    .bind(feed.due_at.0)
    .bind(feed.lease_until.0)
    .bind(feed.fence)
    .bind(feed.read_at.map(|time| time.0))
    .bind(feed.failures)
    .bind(feed.problem.as_deref())
    .bind(feed.created_at.0);
    let found = query::find(conn, statement, read).await?;
    found.ok_or_else(|| Error::internal("an upsert returned no row"))
}

macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "update feeds set lease_until = $2, fence = fence + 1 where id in (select id from feeds \
             where due_at <= $1 and lease_until <= $1 order by due_at, id limit $3",
            $lock,
            ") returning ",
            columns!()
        )
    };
}

/// Takes up to `rows_max` due readers that no node has.
pub async fn claim(
    conn: &mut Connection,
    engine: Engine,
    now: Timestamp,
    lease_until: Timestamp,
    rows_max: i64,
) -> Result<Vec<Feed>> {
    let sql = match engine {
        Engine::Sqlite => claim!(""),
        Engine::Postgres => claim!(" for update skip locked"),
    };
    let statement = sqlx::query(sql).bind(now.0).bind(lease_until.0).bind(rows_max);
    query::list(conn, statement, read).await
}

/// Whether any reader is due that no node has.
pub async fn is_any_due(conn: &mut Connection, now: Timestamp) -> Result<bool> {
    let statement =
        sqlx::query("select id from feeds where due_at <= $1 and lease_until <= $1 limit 1")
            .bind(now.0);
    let found = query::find(conn, statement, |found| row::get::<String>(found, "id")).await?;
    Ok(found.is_some())
}

/// Notes up to where a reader has read. False when another node has it by now.
pub async fn advance(
    conn: &mut Connection,
    (id, fence): (FeedId, i64),
    watermark: &str,
    lease_until: Timestamp,
) -> Result<bool> {
    let statement = sqlx::query(
        "update feeds set watermark = $3, lease_until = $4, failures = 0, problem = null \
         where id = $1 and fence = $2",
    )
    .bind(id.to_string())
    .bind(fence)
    .bind(watermark.to_owned())
    .bind(lease_until.0);
    Ok(query::execute(conn, statement).await? > 0)
}

/// Gives a reader out of hand that has read to the end. One that was woken meanwhile, so that it is
/// due at another time than when it was claimed, stays due then.
pub async fn release(
    conn: &mut Connection,
    feed: &Feed,
    due_at: Timestamp,
    read_at: Timestamp,
) -> Result<bool> {
    let statement = sqlx::query(
        "update feeds set due_at = case when due_at = $3 then $4 else due_at end, read_at = $5, \
         lease_until = 0, failures = 0, problem = null where id = $1 and fence = $2",
    )
    .bind(feed.id.to_string())
    .bind(feed.fence)
    .bind(feed.due_at.0)
    .bind(due_at.0)
    .bind(read_at.0);
    Ok(query::execute(conn, statement).await? > 0)
}

/// Gives a reader out of hand that could not read.
pub async fn fail(
    conn: &mut Connection,
    feed: &Feed,
    due_at: Timestamp,
    problem: &str,
) -> Result<bool> {
    let statement = sqlx::query(
        "update feeds set due_at = $3, lease_until = 0, failures = failures + 1, problem = $4 \
         where id = $1 and fence = $2",
    )
    .bind(feed.id.to_string())
    .bind(feed.fence)
    .bind(due_at.0)
    .bind(problem.to_owned());
    Ok(query::execute(conn, statement).await? > 0)
}

/// Makes a reader due at once. The time is always another than before, so that whoever reads it now
/// reads it again.
pub async fn wake(conn: &mut Connection, id: FeedId, now: Timestamp) -> Result<bool> {
    let statement = sqlx::query(
        "update feeds set due_at = case when due_at = $2 then $2 - 1 else $2 end where id = $1",
    )
    .bind(id.to_string())
    .bind(now.0);
    Ok(query::execute(conn, statement).await? > 0)
}

/// Deletes a reader that nobody listens to any more. False when somebody does, or another node has it.
pub async fn delete_unheard(conn: &mut Connection, feed: &Feed) -> Result<bool> {
    let statement = sqlx::query(
        "delete from feeds where id = $1 and fence = $2 \
         and not exists (select 1 from arrangements where feed_id = $1)",
    )
    .bind(feed.id.to_string())
    .bind(feed.fence);
    Ok(query::execute(conn, statement).await? > 0)
}
