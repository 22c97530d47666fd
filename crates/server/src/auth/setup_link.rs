//! Setup Links: a token in the link's fragment stands for one connected user, wherever a user token does.

use std::time::Duration;

use base::{Clock, Error, ErrorKind, ProjectId, Random, Result, SetupLinkId};
use store::Transaction;
use store::connected_users::{self, ConnectedUser};
use store::setup_links::{self, SetupLink};

use super::bearer;
use super::known_tokens::Known;
use crate::app::App;

/// What tokens of links begin with; a user token is a JWT and never does.
const TOKEN_PREFIX: &str = "gws_";
/// The longest time that a link counts.
const LIFETIME_SECS_MAX: u64 = 30 * 24 * 3600;

/// A link that was just made.
pub struct Made {
    /// Its row.
    pub link: SetupLink,
    /// Its token, kept nowhere.
    pub token: String,
}

/// Makes a link for a user and stores its hash.
///
/// # Errors
/// `invalid_lifetime`.
pub async fn create(
    tx: &mut Transaction,
    clock: &Clock,
    random: &Random,
    user: &ConnectedUser,
    lifetime_secs: u64,
) -> Result<Made> {
    if lifetime_secs == 0 || lifetime_secs > LIFETIME_SECS_MAX {
        let message = format!("A Setup Link counts for 1 to {LIFETIME_SECS_MAX} seconds.");
        return Err(Error::invalid("invalid_lifetime", message));
    }
    let token = format!("{TOKEN_PREFIX}{}", random.token());
    let now = clock.now();
    let link = SetupLink {
        id: SetupLinkId::new(clock, random),
        project_id: user.project_id,
        user_id: user.id,
        hash: connect::hash_token(&token),
        created_at: now,
        expires_at: now + Duration::from_secs(lifetime_secs),
        revoked_at: None,
    };
    setup_links::insert(tx, &link).await?;
    Ok(Made { link, token })
}

/// The address of a link. The token stands in the fragment, which browsers send to nobody.
pub fn address(public_url: &str, project_id: ProjectId, token: &str) -> String {
    format!("{public_url}/setup#{project_id}.{token}")
}

/// Whether this is the token of a link.
pub fn is_token(token: &str) -> bool {
    token.starts_with(TOKEN_PREFIX)
}

/// Whom the token stands for. It is looked up at every call, so that a revoked link ends at once.
///
/// # Errors
/// `setup_link_ended`, `user_disabled`.
pub async fn verify(app: &App, project_id: ProjectId, token: &str) -> Result<Known> {
    let mut conn = app.store().read().await?;
    let hash = connect::hash_token(token);
    let found = setup_links::find_active(&mut conn, project_id, &hash, app.clock().now()).await?;
    let ended = || {
        let message = "This link has ended or was revoked: ask whoever sent it for a new one.";
        bearer::unauthenticated("setup_link_ended", message)
    };
    let link = found.ok_or_else(ended)?;
    let user = connected_users::find(&mut conn, project_id, link.user_id).await?;
    let user = user.ok_or_else(ended)?;
    if user.disabled_at.is_some() {
        let message = "This user is disabled in the project: its developer can enable them again.";
        return Err(Error::new(ErrorKind::Forbidden, "user_disabled", message));
    }
    Ok(Known {
        project_id,
        user_id: user.id,
        subject: user.external_id,
        expires_at: link.expires_at,
        key_id: None,
    })
}
