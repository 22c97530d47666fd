//! App Events: something happened in the host application, for one of its users.

use base::{Error, ExecutionId, ProjectId, Result};
use engine::definition::Trigger;
use engine::runner::Start;
use futures_util::future::try_join_all;
use serde_json::Value;

use super::matching::{Chosen, KnownUser};
use crate::app::App;
use crate::projects::ProjectView;

/// How long the name of an event may be, in bytes.
const NAME_BYTES_MAX: usize = 256;
/// How long the key by which a caller repeats itself may be, in bytes.
pub const KEY_BYTES_MAX: usize = 256;

/// An event of the host application.
pub struct AppEvent<'e> {
    /// Its name, as triggers name it.
    pub name: &'e str,
    /// What it brings along: `trigger` in expressions.
    pub payload: &'e Value,
    /// The caller's own name for this very event: a second one with it starts nothing.
    pub key: Option<&'e str>,
}

/// Starts every workflow that waits for the event, for each of the user's configurations that it is
/// on for. When this answers, all of them are on disk.
///
/// # Errors
/// `overloaded` and the like: some may have been started; with a key, sending it again is safe.
pub async fn receive(
    app: &App,
    view: &ProjectView,
    user: &KnownUser,
    chosen: &Chosen,
    event: AppEvent<'_>,
) -> Result<Vec<ExecutionId>> {
    if event.name.trim().is_empty() || event.name.len() > NAME_BYTES_MAX {
        let message = format!("An event has a name of 1 to {NAME_BYTES_MAX} bytes.");
        return Err(Error::invalid("invalid_event_name", message));
    }
    check_key(event.key.unwrap_or_default())?;
    let listens = |trigger: &Trigger| matches!(trigger, Trigger::AppEvent { event: wanted } if wanted == event.name);
    let waiting = view.workflows.iter().filter(|workflow| listens(&workflow.trigger));
    let mut starts: Vec<Start> = waiting
        .flat_map(|workflow| user.starts(workflow, chosen, view.id(), event.payload))
        .collect();
    for start in &mut starts {
        start.dedup_key = dedup_key("app_event", event.key, start)?;
    }
    let begun = try_join_all(starts.into_iter().map(|start| app.runner().begin(start))).await;
    Ok(begun?.into_iter().flatten().collect())
}

fn check_key(key: &str) -> Result<()> {
    if key.len() > KEY_BYTES_MAX {
        let message = format!("The Idempotency-Key has at most {KEY_BYTES_MAX} bytes.");
        return Err(Error::invalid("invalid_idempotency_key", message));
    }
    Ok(())
}

/// One name for a start that a caller may repeat; none where the caller gives no key, or an empty one.
///
/// # Errors
/// `invalid_idempotency_key` for one that is too long.
pub fn dedup_key(kind: &str, key: Option<&str>, start: &Start) -> Result<Option<String>> {
    let Some(key) = key.filter(|key| !key.is_empty()) else { return Ok(None) };
    check_key(key)?;
    let part = |id: Option<String>| id.unwrap_or_default();
    Ok(Some(format!(
        "{kind}:{}:{}:{}:{key}",
        start.workflow_id,
        part(start.user_id.map(|id| id.to_string())),
        part(start.configuration_id.map(|id| id.to_string())),
    )))
}

/// The user whom the host calls so.
///
/// # Errors
/// `user_not_found`.
pub async fn user_of_host(
    app: &App,
    project_id: ProjectId,
    external_id: &str,
) -> Result<std::sync::Arc<KnownUser>> {
    let mut conn = app.store().read().await?;
    let found = store::connected_users::find_external(&mut conn, project_id, external_id).await?;
    drop(conn);
    let found = found.ok_or_else(|| {
        let message = format!("The project has no user \"{external_id}\": has it connected yet?");
        Error::not_found("user_not_found", message)
    })?;
    app.matching().user(app, project_id, found.id).await
}
