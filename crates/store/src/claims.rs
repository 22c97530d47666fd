//! Which node runs which execution: claims in batches, projects in turn, and the nodes that are
//! alive.

use base::{ExecutionId, NodeId, ProjectId, Result, Timestamp};

use crate::executions::{self, Execution, columns};
use crate::{Connection, Engine, query, row};

/// The first project after `after` that has an execution due at `now`.
pub async fn next_project(
    conn: &mut Connection,
    after: Option<ProjectId>,
    now: Timestamp,
) -> Result<Option<ProjectId>> {
    let statement = sqlx::query(
        "select project_id from executions where due_at is not null and project_id > $1 \
         and due_at <= $2 order by project_id, due_at limit 1",
    )
    .bind(after.map_or_else(String::new, |id| id.to_string()))
    .bind(now.0);
    query::find(conn, statement, |found| row::id(found, "project_id")).await
}

/// How many executions are due and nobody's, counted up to `counted_max`.
pub async fn due(conn: &mut Connection, now: Timestamp, counted_max: i64) -> Result<i64> {
    let statement = sqlx::query(
        "select cast(count(*) as bigint) as due from (select id from executions \
         where due_at is not null and due_at <= $1 limit $2) as found",
    )
    .bind(now.0)
    .bind(counted_max);
    Ok(query::find(conn, statement, |found| row::get(found, "due")).await?.unwrap_or(0))
}

/// Makes other nodes' claims for this project wait until the transaction ends, so that its count of
/// running executions holds.
pub async fn hold_project(conn: &mut Connection, project_id: ProjectId) -> Result<()> {
    let statement = sqlx::query("update projects set updated_at = updated_at where id = $1")
        .bind(project_id.to_string());
    query::execute(conn, statement).await.map(drop)
}

/// How many executions of the project run now, on all nodes.
pub async fn running(conn: &mut Connection, project_id: ProjectId) -> Result<i64> {
    let statement = sqlx::query(
        "select cast(count(*) as bigint) as running from executions \
         where project_id = $1 and owner is not null",
    )
    .bind(project_id.to_string());
    let found = query::find(conn, statement, |found| row::get(found, "running")).await?;
    Ok(found.unwrap_or(0))
}

macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "update executions set owner = $1, lease = lease + 1, due_at = null, \
             status = 'running' where id in (select id from executions where project_id = $2 \
             and due_at is not null and due_at <= $3 order by due_at, id limit $4",
            $lock,
            ") returning ",
            columns!()
        )
    };
}

/// Takes up to `rows_max` of a project's due executions for a node, the longest due first.
pub async fn claim(
    conn: &mut Connection,
    engine: Engine,
    node: NodeId,
    project_id: ProjectId,
    now: Timestamp,
    rows_max: i64,
) -> Result<Vec<Execution>> {
    let sql = match engine {
        Engine::Sqlite => claim!(""),
        Engine::Postgres => claim!(" for update skip locked"),
    };
    let statement = sqlx::query(sql)
        .bind(node.to_string())
        .bind(project_id.to_string())
        .bind(now.0)
        .bind(rows_max);
    query::list(conn, statement, executions::read).await
}

/// Takes an execution away from whoever has it, and answers it with its new lease; none when it
/// has ended or is not there. The caller is nobody: it writes and releases in this transaction.
pub async fn seize(
    conn: &mut Connection,
    project_id: ProjectId,
    id: ExecutionId,
) -> Result<Option<Execution>> {
    let statement = sqlx::query(concat!(
        "update executions set lease = lease + 1, owner = null where project_id = $1 and id = $2 \
         and finished_at is null returning ",
        columns!()
    ))
    .bind(project_id.to_string())
    .bind(id.to_string());
    query::find(conn, statement, executions::read).await
}

/// When the next execution of anybody is due; none when nothing waits.
pub async fn next_due(conn: &mut Connection, project_id: ProjectId) -> Result<Option<Timestamp>> {
    let statement = sqlx::query(
        "select due_at from executions where project_id = $1 and due_at is not null \
         order by due_at limit 1",
    )
    .bind(project_id.to_string());
    query::find(conn, statement, |found| row::time(found, "due_at")).await
}

/// Enters a node.
pub async fn enter(
    conn: &mut Connection,
    node: NodeId,
    now: Timestamp,
    alive_until: Timestamp,
) -> Result<()> {
    let statement =
        sqlx::query("insert into nodes (id, alive_until, started_at) values ($1, $2, $3)")
            .bind(node.to_string())
            .bind(alive_until.0)
            .bind(now.0);
    query::execute(conn, statement).await.map(drop)
}

/// Says that a node is alive. False when it was forgotten: others have taken what it ran, and it must
/// enter anew. One that is late but not forgotten has lost nothing: whoever takes forgets it in the
/// same transaction.
pub async fn stay(conn: &mut Connection, node: NodeId, alive_until: Timestamp) -> Result<bool> {
    let statement = sqlx::query("update nodes set alive_until = $2 where id = $1")
        .bind(node.to_string())
        .bind(alive_until.0);
    Ok(query::execute(conn, statement).await? > 0)
}

/// Makes what is owned by no node that is alive due at `now`, and forgets the nodes whose time has
/// passed. A node that was held up may take an execution in the moment before it notices that it
/// was forgotten: so an owner that is not there counts as dead. Answers how many executions there
/// were.
pub async fn recover(conn: &mut Connection, now: Timestamp) -> Result<u64> {
    let statement = sqlx::query(
        "update executions set owner = null, due_at = $1, lease = lease + 1 where owner is not null \
         and owner not in (select id from nodes where alive_until > $1)",
    )
    .bind(now.0);
    let recovered = query::execute(conn, statement).await?;
    let statement = sqlx::query("delete from nodes where alive_until <= $1").bind(now.0);
    query::execute(conn, statement).await?;
    Ok(recovered)
}

/// Makes everything that any node ran due at `now`, and forgets all nodes: for a database that has
/// one process.
pub async fn recover_all(conn: &mut Connection, now: Timestamp) -> Result<u64> {
    let statement = sqlx::query(
        "update executions set owner = null, due_at = $1, lease = lease + 1 where owner is not null",
    )
    .bind(now.0);
    let recovered = query::execute(conn, statement).await?;
    query::execute(conn, sqlx::query("delete from nodes")).await?;
    Ok(recovered)
}

/// What a node owns.
pub async fn list_owned(conn: &mut Connection, node: NodeId) -> Result<Vec<Execution>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from executions where owner = $1 order by id"
    ))
    .bind(node.to_string());
    query::list(conn, statement, executions::read).await
}

/// Takes from a node what it has and does not run: it is due at `now`. What it has ended meanwhile
/// is its no more, and stays as it is.
pub async fn release_stray(
    conn: &mut Connection,
    node: NodeId,
    stray: &Execution,
    now: Timestamp,
) -> Result<()> {
    let statement = sqlx::query(
        "update executions set owner = null, due_at = $4, lease = lease + 1 \
         where id = $1 and owner = $2 and lease = $3",
    )
    .bind(stray.id.to_string())
    .bind(node.to_string())
    .bind(stray.lease)
    .bind(now.0);
    query::execute(conn, statement).await.map(drop)
}

/// Ends a node in good order: what it still has is due at `now`.
pub async fn leave(conn: &mut Connection, node: NodeId, now: Timestamp) -> Result<u64> {
    let statement = sqlx::query(
        "update executions set owner = null, due_at = $2, lease = lease + 1 where owner = $1",
    )
    .bind(node.to_string())
    .bind(now.0);
    let left = query::execute(conn, statement).await?;
    let statement = sqlx::query("delete from nodes where id = $1").bind(node.to_string());
    query::execute(conn, statement).await?;
    Ok(left)
}
