//! The journal: what happened in an execution, in order. Each row is what one append wrote.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use base::{ExecutionId, Result};

use crate::batch::Sized;
use crate::{Connection, query, row};

/// Adds one row to a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// Whose journal.
    pub execution_id: ExecutionId,
    /// Its place: how many rows the writer has seen.
    pub sequence: i64,
    /// The lease under which the writer runs the execution.
    pub lease: i64,
    /// A JSON array of events.
    pub events: String,
}

/// The fence is twofold: the lease must still be the writer's, and nobody may have written at this
/// place. The second also holds where another node takes the execution over at this very moment.
static APPEND: LazyLock<Sized> = LazyLock::new(|| {
    Sized::new(
        "with appended (execution_id, sequence, lease, events) as (values ",
        &["text", "bigint", "bigint", "text"],
        ") insert into journal (execution_id, sequence, events) \
         select appended.execution_id, appended.sequence, appended.events from appended \
         join executions on executions.id = appended.execution_id \
         and executions.lease = appended.lease where true \
         on conflict do nothing returning execution_id",
    )
});

/// Appends rows, at most one for each execution, and answers for which executions that was done;
/// the others belong to another owner now.
pub async fn append(conn: &mut Connection, appends: &[&Append]) -> Result<HashSet<ExecutionId>> {
    let mut done = HashSet::with_capacity(appends.len());
    for (sql, part) in APPEND.split(appends) {
        let mut statement = sqlx::query(sql);
        for append in part {
            statement = statement
                .bind(append.execution_id.to_string())
                .bind(append.sequence)
                .bind(append.lease)
                .bind(&append.events);
        }
        done.extend(query::list(conn, statement, |found| row::id(found, "execution_id")).await?);
    }
    Ok(done)
}

static BEGIN: LazyLock<Sized> = LazyLock::new(|| {
    let before = "insert into journal (execution_id, sequence, events) values ";
    Sized::new(before, &["", "", ""], "")
});

/// Writes the first rows of new journals.
pub async fn begin(conn: &mut Connection, first: &[(ExecutionId, &str)]) -> Result<()> {
    for (sql, part) in BEGIN.split(first) {
        let mut statement = sqlx::query(sql);
        for (execution_id, events) in part {
            statement = statement.bind(execution_id.to_string()).bind(0_i64).bind(*events);
        }
        query::execute(conn, statement).await?;
    }
    Ok(())
}

/// The rows of a journal from place `from` on, in order, at most `rows_max`.
pub async fn read(
    conn: &mut Connection,
    execution_id: ExecutionId,
    from: i64,
    rows_max: i64,
) -> Result<Vec<String>> {
    let statement = sqlx::query(
        "select events from journal where execution_id = $1 and sequence >= $2 \
         order by sequence limit $3",
    )
    .bind(execution_id.to_string())
    .bind(from)
    .bind(rows_max);
    query::list(conn, statement, |found| row::get(found, "events")).await
}

/// What a row holds for each step that was given to somebody to perform, once however often it was
/// tried. Within texts its marks would be escaped.
const BEGUN_MARK: &str = "\"attempt\":1,\"input\":";

static COUNT_BEGUN: LazyLock<Sized> = LazyLock::new(|| {
    let after = format!(
        ") select wanted.execution_id, cast(sum((length(journal.events) \
         - length(replace(journal.events, '{BEGUN_MARK}', ''))) / {}) as bigint) as begun \
         from wanted join journal on journal.execution_id = wanted.execution_id \
         group by wanted.execution_id",
        BEGUN_MARK.len()
    );
    Sized::new("with wanted (execution_id) as (values ", &["text"], &after)
});

/// How many steps of each execution were begun that are performed and not only decided.
pub async fn count_begun(
    conn: &mut Connection,
    execution_ids: &[ExecutionId],
) -> Result<HashMap<ExecutionId, i64>> {
    let mut counts = HashMap::with_capacity(execution_ids.len());
    for (sql, part) in COUNT_BEGUN.split(execution_ids) {
        let mut statement = sqlx::query(sql);
        for id in part {
            statement = statement.bind(id.to_string());
        }
        let read = |found: &_| Ok((row::id(found, "execution_id")?, row::get(found, "begun")?));
        counts.extend(query::list(conn, statement, read).await?);
    }
    Ok(counts)
}
