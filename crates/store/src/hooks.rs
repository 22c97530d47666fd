//! Calls of providers that wake a reader early. Each has a secret of its own, kept as a hash.

use base::{FeedId, HookId, ProjectId, Result, Timestamp};
use sqlx::any::AnyRow;

use crate::{Connection, query, row};

/// One hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Its id, which its address ends with.
    pub id: HookId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// The reader that it wakes.
    pub feed_id: FeedId,
    /// The provider's name of what it calls for.
    pub event: String,
    /// The provider's id of it; none when it made none.
    pub subscription: Option<String>,
    /// The hash of the password that the provider sends.
    pub secret_hash: String,
    /// How it is doing.
    pub status: Status,
    /// When it is looked at next.
    pub due_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How a hook is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The provider calls it.
    Active,
    /// The provider had trouble calling it, and loses events meanwhile.
    Probation,
    /// The account may not make one.
    Refused,
    /// It could not be made.
    Broken,
}

impl Status {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Active, "active"),
        (Self::Probation, "probation"),
        (Self::Refused, "refused"),
        (Self::Broken, "broken"),
    ];

    fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(status, _)| *status == self).map_or("", |(_, text)| text)
    }

    fn parse(text: &str) -> Self {
        Self::ALL.iter().find(|(_, name)| *name == text).map_or(Self::Broken, |(status, _)| *status)
    }
}

macro_rules! columns {
    () => {
        "id, project_id, feed_id, event, subscription, secret_hash, status, due_at, created_at"
    };
}

fn read(found: &AnyRow) -> Result<Hook> {
    Ok(Hook {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        feed_id: row::id(found, "feed_id")?,
        event: row::get(found, "event")?,
        subscription: row::get(found, "subscription")?,
        secret_hash: row::get(found, "secret_hash")?,
        status: Status::parse(&row::get::<String>(found, "status")?),
        due_at: row::time(found, "due_at")?,
        created_at: row::time(found, "created_at")?,
    })
}

/// Adds a hook, in the place of the one that the reader had for the event.
pub async fn put(conn: &mut Connection, hook: &Hook) -> Result<()> {
    let statement = sqlx::query(concat!(
        "insert into hooks (",
        columns!(),
        ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         on conflict (feed_id, event) do update set id = excluded.id, \
         subscription = excluded.subscription, secret_hash = excluded.secret_hash, \
         status = excluded.status, due_at = excluded.due_at, created_at = excluded.created_at"
    ))
    .bind(hook.id.to_string())
    .bind(hook.project_id.to_string())
    .bind(hook.feed_id.to_string())
    .bind(&hook.event)
    .bind(hook.subscription.as_deref())
    .bind(&hook.secret_hash)
    .bind(hook.status.as_str())
    .bind(hook.due_at.0)
    .bind(hook.created_at.0);
    query::execute(conn, statement).await.map(drop)
}

/// The hook with this id, of whichever project: its address names nothing else, and its secret
/// proves the rest.
pub async fn find(conn: &mut Connection, id: HookId) -> Result<Option<Hook>> {
    let statement = sqlx::query(concat!("select ", columns!(), " from hooks where id = $1"))
        .bind(id.to_string());
    query::find(conn, statement, read).await
}

/// The hooks of a reader.
pub async fn list_of_feed(
    conn: &mut Connection,
    project_id: ProjectId,
    feed_id: FeedId,
) -> Result<Vec<Hook>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from hooks where project_id = $1 and feed_id = $2 order by event"
    ))
    .bind(project_id.to_string())
    .bind(feed_id.to_string());
    query::list(conn, statement, read).await
}

/// Deletes a hook.
pub async fn delete(conn: &mut Connection, project_id: ProjectId, id: HookId) -> Result<bool> {
    let statement = sqlx::query("delete from hooks where project_id = $1 and id = $2")
        .bind(project_id.to_string())
        .bind(id.to_string());
    Ok(query::execute(conn, statement).await? > 0)
}
