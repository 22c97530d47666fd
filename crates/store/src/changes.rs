//! The change log by which every process hears what it must forget.

use base::{ProjectId, Result, Timestamp};
use sqlx::Row as _;

use crate::error::database_error;
use crate::{Connection, row};

/// How many changes one poll reads at most.
pub const CHANGES_READ_MAX: i64 = 1_000;

/// What has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A project, its allowed origins or its integrations.
    Project,
    /// A signing key was added or revoked.
    SigningKeys,
    /// An API token was revoked.
    ApiTokens,
    /// A connected user was disabled, enabled or deleted.
    ConnectedUser,
    /// A credential was changed or deleted.
    Credential,
    /// A provider wants no calls with a credential for a while. The subject holds all there is to
    /// know: the connected user, the credential and the end of the wait, with blanks between.
    RateLimitWait,
    /// A workflow was deployed, undeployed, changed or deleted.
    Workflow,
    /// The settings of a configuration were changed, or a workflow was switched on or off for it.
    Configuration,
    /// An environment secret was set or deleted.
    EnvironmentSecrets,
}

impl Kind {
    const ALL: [(Self, &'static str); 9] = [
        (Self::Project, "project"),
        (Self::SigningKeys, "signing_keys"),
        (Self::ApiTokens, "api_tokens"),
        (Self::ConnectedUser, "connected_user"),
        (Self::Credential, "credential"),
        (Self::RateLimitWait, "rate_limit_wait"),
        (Self::Workflow, "workflow"),
        (Self::Configuration, "configuration"),
        (Self::EnvironmentSecrets, "environment_secrets"),
    ];

    fn text(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, text)| text)
    }

    /// A kind that a newer process wrote is none of ours.
    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(kind, _)| *kind)
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place in the log.
    pub number: i64,
    /// Whose it is.
    pub project_id: ProjectId,
    /// What has changed; none when a newer process wrote it.
    pub kind: Option<Kind>,
    /// The id of the thing.
    pub subject: String,
}

/// Notes a change in the transaction that makes it.
pub async fn note(
    conn: &mut Connection,
    project_id: ProjectId,
    kind: Kind,
    subject: impl ToString,
    now: Timestamp,
) -> Result<()> {
    let number: i64 = sqlx::query(
        "update change_counter set last_number = last_number + 1 where id = 1 returning last_number",
    )
    .fetch_one(&mut *conn)
    .await
    .and_then(|row| row.try_get("last_number"))
    .map_err(database_error)?;
    sqlx::query(
        "insert into changes (number, project_id, kind, subject, created_at) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind(number)
    .bind(project_id.to_string())
    .bind(kind.text())
    .bind(subject.to_string())
    .bind(now.0)
    .execute(conn)
    .await
    .map_err(database_error)?;
    Ok(())
}

/// Makes every other transaction that calls this or notes a change wait until this one ends.
pub async fn hold(conn: &mut Connection) -> Result<()> {
    sqlx::query("update change_counter set last_number = last_number where id = 1")
        .execute(conn)
        .await
        .map(drop)
        .map_err(database_error)
}

/// The number of the latest change; a starting process reads on from there.
pub async fn latest(conn: &mut Connection) -> Result<i64> {
    sqlx::query("select last_number from change_counter where id = 1")
        .fetch_one(conn)
        .await
        .and_then(|row| row.try_get("last_number"))
        .map_err(database_error)
}

/// The changes after `number`, in order, at most [`CHANGES_READ_MAX`].
pub async fn after(conn: &mut Connection, number: i64) -> Result<Vec<Change>> {
    sqlx::query(
        "select number, project_id, kind, subject from changes where number > $1 \
         order by number limit $2",
    )
    .bind(number)
    .bind(CHANGES_READ_MAX)
    .fetch_all(conn)
    .await
    .map_err(database_error)?
    .iter()
    .map(|found| {
        Ok(Change {
            number: row::get(found, "number")?,
            project_id: row::id(found, "project_id")?,
            kind: Kind::parse(&row::get::<String>(found, "kind")?),
            subject: row::get(found, "subject")?,
        })
    })
    .collect()
}

/// Deletes changes that every process has long heard of.
pub async fn delete_before(conn: &mut Connection, time: Timestamp) -> Result<u64> {
    sqlx::query("delete from changes where created_at < $1")
        .bind(time.0)
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
        .map_err(database_error)
}
