//! Brings the schema up to date, all or nothing, one process at a time.

use base::{Error, ErrorKind, Result};
use sqlx::{Executor as _, Row as _};

use crate::error::database_error;
use crate::{Connection, Engine};

/// Every change of the schema in order. They only add; what is no longer needed goes in a later
/// release, when no old process can still read it.
const MIGRATIONS: [(i64, &str); 9] = [
    (1, include_str!("../migrations/0001_projects_and_credentials.sql")),
    (2, include_str!("../migrations/0002_requests_and_waits.sql")),
    (3, include_str!("../migrations/0003_life_of_a_credential.sql")),
    (4, include_str!("../migrations/0004_workflows.sql")),
    (5, include_str!("../migrations/0005_secrets_and_files.sql")),
    (6, include_str!("../migrations/0006_enablements.sql")),
    (7, include_str!("../migrations/0007_triggers.sql")),
    (8, include_str!("../migrations/0008_event_destinations.sql")),
    (9, include_str!("../migrations/0009_portal.sql")),
];

const NEWEST: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

/// Makes the table that says what has run. Two processes that make it at once clash inside
/// PostgreSQL's catalogue; the one that loses finds it made.
pub(crate) async fn prepare(conn: &mut Connection) -> Result<()> {
    let sql = "create table if not exists schema_versions (version bigint primary key)";
    if conn.execute(sql).await.is_err() {
        conn.execute(sql).await.map_err(database_error)?;
    }
    Ok(())
}

/// Runs what has not run yet inside the caller's transaction. On SQLite beginning it excludes
/// every other writer; on PostgreSQL the lock on the table does, until the commit.
pub(crate) async fn run(conn: &mut Connection, engine: Engine) -> Result<()> {
    if engine == Engine::Postgres {
        conn.execute("lock table schema_versions in exclusive mode")
            .await
            .map_err(database_error)?;
    }
    let applied = applied(conn).await.map_err(database_error)?;
    require_known(applied)?;
    for (version, sql) in MIGRATIONS.into_iter().filter(|(version, _)| *version > applied) {
        conn.execute(sqlx::raw_sql(sql)).await.map_err(database_error)?;
        sqlx::query("insert into schema_versions (version) values ($1)")
            .bind(version)
            .execute(&mut *conn)
            .await
            .map_err(database_error)?;
    }
    Ok(())
}

/// The newest change of the schema that has run.
pub(crate) async fn applied(conn: &mut Connection) -> Result<i64, sqlx::Error> {
    let sql = "select cast(coalesce(max(version), 0) as bigint) as v from schema_versions";
    sqlx::query(sql).fetch_one(conn).await?.try_get("v")
}

/// Refuses a schema that a newer version wrote.
pub(crate) fn require_known(applied: i64) -> Result<()> {
    if applied <= NEWEST {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Conflict,
        "database_newer",
        format!(
            "The database has schema {applied}, written by a newer Gangway; this one knows up to \
             {NEWEST}. Start the newer version, or restore a backup made before the upgrade."
        ),
    ))
}
