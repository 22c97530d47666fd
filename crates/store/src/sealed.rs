//! Every column that keeps something sealed with a project's data key for as long as its row is
//! there, for whoever seals it anew with another one. Attempts to connect are not among them, for
//! they end by themselves, nor chunks of files, which have a place of another form.

use base::{ProjectId, Result};

use crate::{Connection, query, row};

/// One such column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its table.
    pub table: &'static str,
    /// Its name, which is also the field that the sealed value is bound to.
    pub name: &'static str,
    list: &'static str,
    replace: &'static str,
}

macro_rules! column {
    ($table:literal, $name:literal) => {
        Column {
            table: $table,
            name: $name,
            list: concat!(
                "select id, ",
                $name,
                " as sealed from ",
                $table,
                " where project_id = $1 and ",
                $name,
                " is not null and id > $2 order by id limit $3"
            ),
            replace: concat!(
                "update ",
                $table,
                " set ",
                $name,
                " = $4 where project_id = $1 and id = $2 and ",
                $name,
                " = $3"
            ),
        }
    };
}

/// All of them.
pub const COLUMNS: [Column; 7] = [
    column!("credentials", "secrets"),
    column!("app_registrations", "client_secret"),
    column!("app_registrations", "successor"),
    column!("environment_secrets", "value"),
    column!("event_destinations", "secret"),
    column!("event_destinations", "previous_secret"),
    column!("event_destinations", "headers"),
];

/// What a column holds in a project, with the ids of the rows in their order: the next ones after
/// an id, from the first for an empty one.
pub async fn list(
    conn: &mut Connection,
    column: Column,
    project_id: ProjectId,
    after: &str,
    limit: u32,
) -> Result<Vec<(String, Vec<u8>)>> {
    let statement = sqlx::query(column.list)
        .bind(project_id.to_string())
        .bind(after.to_owned())
        .bind(i64::from(limit));
    query::list(conn, statement, |found| Ok((row::get(found, "id")?, row::get(found, "sealed")?)))
        .await
}

/// Puts the same secret sealed anew in the place of what was read. False when that is not there any
/// more.
pub async fn replace(
    conn: &mut Connection,
    column: Column,
    (project_id, id): (ProjectId, &str),
    read: &[u8],
    sealed: &[u8],
) -> Result<bool> {
    let statement = sqlx::query(column.replace)
        .bind(project_id.to_string())
        .bind(id.to_owned())
        .bind(read.to_vec())
        .bind(sealed.to_vec());
    Ok(query::execute(conn, statement).await? > 0)
}
