//! Lists of executions, newest first, by what people look for.

use base::{ConnectedUserId, IntegrationId, ProjectId, Result, Timestamp, WorkflowId};
use sqlx::Any;
use sqlx::any::AnyArguments;
use sqlx::query::Query;

use crate::executions::{Execution, Status, columns, read};
use crate::page::Cursor;
use crate::{Connection, Page, PageRequest, query, row};

/// How far a count goes; beyond it, the answer is this number.
pub const COUNTED_MAX: i64 = 100_000;

/// Which executions are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this workflow alone.
    pub workflow_id: Option<WorkflowId>,
    /// Of workflows of this integration alone.
    pub integration_id: Option<IntegrationId>,
    /// Of this connected user alone.
    pub user_id: Option<ConnectedUserId>,
    /// Standing like one of these, at most four; any where there is none.
    pub statuses: Vec<Status>,
    /// Accepted at or after this.
    pub since: Option<Timestamp>,
    /// Accepted before this.
    pub until: Option<Timestamp>,
    /// The oldest first instead.
    pub oldest_first: bool,
    /// How many of those that a page would begin with are passed over.
    pub passed_over: u32,
}

/// What every one of the lists asks. Up to four statuses; none is the empty text, as is no
/// integration.
macro_rules! wanted {
    () => {
        " from executions where project_id = $1 and created_at >= $2 and created_at < $3 \
         and ($4 = '' or status = $4 or status = $5 or status = $6 or status = $7) \
         and ($8 = '' or workflow_id in (select id from workflows \
         where project_id = $1 and integration_id = $8))"
    };
}

macro_rules! page_of {
    ($condition:literal, newest) => {
        concat!(
            "select ",
            columns!(),
            wanted!(),
            $condition,
            " and (created_at, id) < ($9, $10) order by created_at desc, id desc \
             limit $11 offset $12"
        )
    };
    ($condition:literal, oldest) => {
        concat!(
            "select ",
            columns!(),
            wanted!(),
            $condition,
            " and (created_at, id) > ($9, $10) order by created_at, id limit $11 offset $12"
        )
    };
}

macro_rules! count_of {
    ($condition:literal) => {
        concat!(
            "select cast(count(*) as bigint) as counted from (select id",
            wanted!(),
            $condition,
            " limit $9) as found"
        )
    };
}

/// The executions of a project, page by page.
pub async fn list(
    conn: &mut Connection,
    project_id: ProjectId,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Page<Execution>> {
    let sql = match (filter.workflow_id, filter.user_id, filter.oldest_first) {
        (None, None, false) => page_of!("", newest),
        (Some(_), None, false) => page_of!(" and workflow_id = $13", newest),
        (None, Some(_), false) => page_of!(" and user_id = $13", newest),
        (Some(_), Some(_), false) => page_of!(" and workflow_id = $13 and user_id = $14", newest),
        (None, None, true) => page_of!("", oldest),
        (Some(_), None, true) => page_of!(" and workflow_id = $13", oldest),
        (None, Some(_), true) => page_of!(" and user_id = $13", oldest),
        (Some(_), Some(_), true) => page_of!(" and workflow_id = $13 and user_id = $14", oldest),
    };
    let wanted = bind_wanted(sqlx::query(sql), project_id, filter);
    let statement =
        if filter.oldest_first { page.oldest_first(wanted) } else { page.newest_first(wanted) };
    let statement = bind_whose(statement.bind(i64::from(filter.passed_over)), filter);
    query::page(conn, statement, page, read, |one| Cursor::new(one.created_at, one.id)).await
}

/// How many executions there are, up to [`COUNTED_MAX`].
pub async fn count(conn: &mut Connection, project_id: ProjectId, filter: &Filter) -> Result<i64> {
    let sql = match (filter.workflow_id, filter.user_id) {
        (None, None) => count_of!(""),
        (Some(_), None) => count_of!(" and workflow_id = $10"),
        (None, Some(_)) => count_of!(" and user_id = $10"),
        (Some(_), Some(_)) => count_of!(" and workflow_id = $10 and user_id = $11"),
    };
    let statement = bind_wanted(sqlx::query(sql), project_id, filter).bind(COUNTED_MAX);
    let statement = bind_whose(statement, filter);
    Ok(query::find(conn, statement, |found| row::get(found, "counted")).await?.unwrap_or(0))
}

type Statement = Query<'static, Any, AnyArguments>;

fn bind_wanted(statement: Statement, project_id: ProjectId, filter: &Filter) -> Statement {
    let mut names = filter.statuses.iter().map(|status| status.as_str().to_owned());
    let mut status = || names.next();
    let first = status().unwrap_or_default();
    let mut next = || status().unwrap_or_else(|| first.clone());
    let (second, third, fourth) = (next(), next(), next());
    statement
        .bind(project_id.to_string())
        .bind(filter.since.map_or(i64::MIN, |time| time.0))
        .bind(filter.until.map_or(i64::MAX, |time| time.0))
        .bind(first.clone())
        .bind(second)
        .bind(third)
        .bind(fourth)
        .bind(filter.integration_id.map_or_else(String::new, |id| id.to_string()))
}

fn bind_whose(mut statement: Statement, filter: &Filter) -> Statement {
    if let Some(id) = filter.workflow_id {
        statement = statement.bind(id.to_string());
    }
    if let Some(id) = filter.user_id {
        statement = statement.bind(id.to_string());
    }
    statement
}
