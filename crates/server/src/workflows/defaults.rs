//! What is on by itself for a new account is switched on right after it was connected. Should the
//! process end in between, the background work does it.

use std::time::Duration;

use base::{CredentialId, ProjectId, Result};
use store::configurations::{self, Configuration};
use store::{connected_users, credentials};

use super::enabling::Seat;
use crate::app::App;

/// How long whoever connected the account has before the background work does it.
const HEAD_START: Duration = Duration::from_secs(30);
/// How many accounts the background work reads at once.
const ACCOUNTS_AT_ONCE: i64 = 100;

/// Switches on what a new account begins with; does nothing for one that has begun. Whichever it is,
/// this process hears of the account before it answers.
pub async fn apply(app: &App, project_id: ProjectId, credential_id: CredentialId) -> Result<()> {
    let begun = begin(app, project_id, credential_id).await;
    app.catch_up().await?;
    begun
}

async fn begin(app: &App, project_id: ProjectId, credential_id: CredentialId) -> Result<()> {
    let mut conn = app.store().read().await?;
    let awaiting = configurations::find_awaiting(&mut conn, project_id, credential_id).await?;
    drop(conn);
    let Some(id) = awaiting else { return Ok(()) };
    let view = app.projects().get(project_id).await?;
    let now = app.clock().now();
    let mut tx = app.store().begin().await?;
    if !configurations::take_awaiting(&mut tx, project_id, id).await? {
        return Ok(());
    }
    let credential = credentials::find(&mut tx, project_id, credential_id).await?;
    let all = configurations::list(&mut tx, project_id, credential_id).await?;
    let configuration: Option<&Configuration> = all.iter().find(|one| one.id == id);
    if let (Some(credential), Some(configuration)) = (credential, configuration)
        && let Some(user) = connected_users::find(&mut tx, project_id, credential.user_id).await?
    {
        let (view, integration_id) = (&view, credential.integration_id);
        let seat = Seat { view, user: &user, integration_id, configuration };
        seat.enable_defaults(&mut tx, now).await?;
    }
    tx.commit().await
}

/// Does it for accounts that nobody did it for. One that fails is tried again the next time, and keeps
/// none of the others waiting, however many fail.
pub async fn catch_up(app: &App) -> Result<()> {
    let before = app.clock().now() - HEAD_START;
    let mut after = None;
    loop {
        let mut conn = app.store().read().await?;
        let page =
            configurations::list_awaiting(&mut conn, before, after.as_ref(), ACCOUNTS_AT_ONCE)
                .await?;
        drop(conn);
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(*last);
        for one in &page {
            if let Err(error) = apply(app, one.project_id, one.credential_id).await {
                let credential = one.credential_id;
                tracing::warn!(%credential, cause = ?error, "a new account's workflows wait");
            }
        }
    }
}
