//! Executions: one run of a workflow version each. What happened in one is in its journal; here
//! stands what claims and lists need.

use std::collections::HashSet;
use std::sync::LazyLock;

use base::{
    ConfigurationId, ConnectedUserId, CredentialId, ExecutionId, NodeId, ProjectId, Result,
    Timestamp, WorkflowId, WorkflowVersionId,
};
use sqlx::any::AnyRow;

use crate::batch::Sized;
use crate::{Connection, query, row};

/// One execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// Its id.
    pub id: ExecutionId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// The version that it runs to its end.
    pub version_id: WorkflowVersionId,
    /// In whose name; none for a workflow that calls nothing of anybody.
    pub user_id: Option<ConnectedUserId>,
    /// The account it works with.
    pub credential_id: Option<CredentialId>,
    /// The settings it works with.
    pub configuration_id: Option<ConfigurationId>,
    /// What started it: the kind of the definition's trigger.
    pub trigger_kind: String,
    /// Where it stands.
    pub status: Status,
    /// Whether it is a test, which is not repeated and cuts its lists.
    pub is_test: bool,
    /// When it is next to be claimed; none while a node runs it, and when it has ended.
    pub due_at: Option<Timestamp>,
    /// The node that runs it now.
    pub owner: Option<NodeId>,
    /// Counts owners: what an earlier one writes is refused.
    pub lease: i64,
    /// What its trigger calls the thing that happened: a second execution for it is not made.
    pub dedup_key: Option<String>,
    /// The execution whose trigger it repeats.
    pub replay_of: Option<ExecutionId>,
    /// When its trigger was accepted.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// Where an execution stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Accepted, and not begun.
    Queued,
    /// A node works on it, or will at once; also while a failed step waits for its next try.
    Running,
    /// It waits for a time that the workflow names.
    Waiting,
    /// It waits because a provider takes no more calls now.
    Paused,
    /// It ended well.
    Succeeded,
    /// A step failed for good.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

impl Status {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Queued, "queued"),
        (Self::Running, "running"),
        (Self::Waiting, "waiting"),
        (Self::Paused, "paused"),
        (Self::Succeeded, "succeeded"),
        (Self::Failed, "failed"),
        (Self::Cancelled, "cancelled"),
    ];

    /// The name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(status, _)| *status == self).map_or("", |(_, text)| text)
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(status, _)| *status)
    }

    /// Whether nothing more happens.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

macro_rules! columns {
    () => {
        "id, project_id, workflow_id, version_id, user_id, credential_id, configuration_id, \
         trigger_kind, status, is_test, due_at, owner, lease, dedup_key, replay_of, created_at, \
         finished_at"
    };
}
pub(crate) use columns;

pub(crate) fn read(found: &AnyRow) -> Result<Execution> {
    Ok(Execution {
        id: row::id(found, "id")?,
        project_id: row::id(found, "project_id")?,
        workflow_id: row::id(found, "workflow_id")?,
        version_id: row::id(found, "version_id")?,
        user_id: row::optional_id(found, "user_id")?,
        credential_id: row::optional_id(found, "credential_id")?,
        configuration_id: row::optional_id(found, "configuration_id")?,
        trigger_kind: row::get(found, "trigger_kind")?,
        status: Status::parse(&row::get::<String>(found, "status")?).unwrap_or(Status::Queued),
        is_test: row::flag(found, "is_test")?,
        due_at: row::optional_time(found, "due_at")?,
        owner: row::optional_id(found, "owner")?,
        lease: row::get(found, "lease")?,
        dedup_key: row::get(found, "dedup_key")?,
        replay_of: row::optional_id(found, "replay_of")?,
        created_at: row::time(found, "created_at")?,
        finished_at: row::optional_time(found, "finished_at")?,
    })
}

static INSERT: LazyLock<Sized> = LazyLock::new(|| {
    let before = concat!("insert into executions (", columns!(), ") values ");
    Sized::new(before, &[""; 17], " on conflict do nothing returning id")
});

/// Adds executions and answers which are new; one whose dedup key is taken is left out.
pub async fn insert(
    conn: &mut Connection,
    executions: &[&Execution],
) -> Result<HashSet<ExecutionId>> {
    let mut inserted = HashSet::with_capacity(executions.len());
    for (sql, part) in INSERT.split(executions) {
        let mut statement = sqlx::query(sql);
        for execution in part {
            statement = statement
                .bind(execution.id.to_string())
                .bind(execution.project_id.to_string())
                .bind(execution.workflow_id.to_string())
                .bind(execution.version_id.to_string())
                .bind(execution.user_id.map(|id| id.to_string()))
                .bind(execution.credential_id.map(|id| id.to_string()))
                .bind(execution.configuration_id.map(|id| id.to_string()))
                .bind(&execution.trigger_kind)
                .bind(execution.status.as_str())
                .bind(i64::from(execution.is_test))
                .bind(execution.due_at.map(|time| time.0))
                .bind(execution.owner.map(|id| id.to_string()))
                .bind(execution.lease)
                .bind(execution.dedup_key.as_deref())
                .bind(execution.replay_of.map(|id| id.to_string()))
                .bind(execution.created_at.0)
                .bind(execution.finished_at.map(|time| time.0));
        }
        inserted.extend(query::list(conn, statement, |found| row::id(found, "id")).await?);
    }
    Ok(inserted)
}

/// The execution with this id.
pub async fn find(
    conn: &mut Connection,
    project_id: ProjectId,
    id: ExecutionId,
) -> Result<Option<Execution>> {
    let statement = sqlx::query(concat!(
        "select ",
        columns!(),
        " from executions where project_id = $1 and id = $2"
    ))
    .bind(project_id.to_string())
    .bind(id.to_string());
    query::find(conn, statement, read).await
}

/// What giving an execution out of hand changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Which one.
    pub id: ExecutionId,
    /// The lease under which the caller ran it.
    pub lease: i64,
    /// Where it stands now.
    pub status: Status,
    /// When it is to be claimed again; none when it has ended.
    pub due_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

static RELEASE: LazyLock<Sized> = LazyLock::new(|| {
    Sized::new(
        "with released (id, lease, status, due_at, finished_at) as (values ",
        &["text", "bigint", "text", "bigint", "bigint"],
        ") update executions set status = released.status, due_at = released.due_at, \
         finished_at = released.finished_at, owner = null from released \
         where executions.id = released.id and executions.lease = released.lease",
    )
});

/// Gives executions out of hand. One that another owner has taken over is left as it is.
pub async fn release(conn: &mut Connection, releases: &[&Release]) -> Result<()> {
    for (sql, part) in RELEASE.split(releases) {
        let mut statement = sqlx::query(sql);
        for release in part {
            statement = statement
                .bind(release.id.to_string())
                .bind(release.lease)
                .bind(release.status.as_str())
                .bind(release.due_at.map(|time| time.0))
                .bind(release.finished_at.map(|time| time.0));
        }
        query::execute(conn, statement).await?;
    }
    Ok(())
}

/// Deletes executions that ended before `time`, with their journals; answers how many.
pub async fn delete_before(conn: &mut Connection, time: Timestamp, rows_max: i64) -> Result<u64> {
    let statement = sqlx::query(
        "delete from executions where id in (select id from executions \
         where finished_at is not null and finished_at < $1 order by finished_at limit $2)",
    )
    .bind(time.0)
    .bind(rows_max);
    query::execute(conn, statement).await
}
